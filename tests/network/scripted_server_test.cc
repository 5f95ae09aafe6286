// Servers that misbehave: replies in pieces, garbage, refusals, floods.
#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "adapters/memcached/meta_protocol.h"
#include "adapters/redis/redis_protocol.h"
#include "adapters/server/incident_log.h"
#include "adapters/server/server_session.h"
#include "tests/network/support.h"

namespace cachegauge {
namespace {

constexpr uint64_t kItemSizeMax = 1 << 20;
constexpr size_t kRedisGetBytes = 20;  // *2 $3 GET $1 k, with line ends
constexpr size_t kMetaGetBytes = 8;    // mg k v

class Scripted : public testing::Test {
 protected:
  void open(std::unique_ptr<Protocol> protocol, int64_t timeout_ns = 2'000'000'000) {
    const Address address{.socket_path = path_, .host = {}, .port = 0};
    log_->begin("the scripted server");
    client_.attach(std::make_unique<ServerSession>(
        client_.context(), ServerTarget{.address = address, .timeout_ns = timeout_ns, .log = log_},
        std::move(protocol)));
  }
  void TearDown() override { client_.attach(nullptr); }

  Answer get() {
    client_.send(get_of("k"));
    loop_.run();
    return client_.answers.back();
  }

  TemporaryDirectory directory_;
  std::string path_ = directory_.path("s.sock");
  std::shared_ptr<IncidentLog> log_ = std::make_shared<IncidentLog>();
  EventLoop loop_;
  TestClient client_{loop_};
};

void write_byte_by_byte(int fd, std::string_view bytes) {
  for (const char byte : bytes) {
    write_bytes(fd, {&byte, 1});
    usleep(300);
  }
}

TEST_F(Scripted, ReadsRepliesByteByByte) {
  ScriptedServer server(path_, [](int fd, int) {
    read_bytes(fd, 4 * kRedisGetBytes);
    write_byte_by_byte(fd, "$5\r\nhe\r\no\r\n$-1\r\n$0\r\n\r\n-ERR no\r\n");
    read_bytes(fd, 1);
  });
  open(make_redis_protocol({}));
  for (int i = 0; i < 4; ++i) client_.send(get_of("k"));
  loop_.run();
  EXPECT_EQ(client_.answers[0].value, "he\r\no");
  EXPECT_EQ(client_.answers[1].outcome, Outcome::kMiss);
  EXPECT_EQ(client_.answers[2].outcome, Outcome::kHit);
  EXPECT_EQ(client_.answers[2].value, "");
  EXPECT_EQ(client_.answers[3].outcome, Outcome::kError);
  client_.attach(nullptr);
}

TEST_F(Scripted, ReadsMetaRepliesByteByByte) {
  ScriptedServer server(path_, [](int fd, int) {
    read_bytes(fd, 4 * kMetaGetBytes);
    write_byte_by_byte(fd, "VA 5\r\nEN\r\nx\r\nEN\r\nVA 0\r\n\r\nSERVER_ERROR busy\r\n");
    read_bytes(fd, 1);
  });
  open(make_meta_protocol(kItemSizeMax));
  for (int i = 0; i < 4; ++i) client_.send(get_of("k"));
  loop_.run();
  EXPECT_EQ(client_.answers[0].value, "EN\r\nx");
  EXPECT_EQ(client_.answers[1].outcome, Outcome::kMiss);
  EXPECT_EQ(client_.answers[2].outcome, Outcome::kHit);
  EXPECT_EQ(client_.answers[3].outcome, Outcome::kError);
  EXPECT_TRUE(any_contains(log_->take(), "\"SERVER_ERROR busy\""));
  client_.attach(nullptr);
}

struct Garbage {
  const char* name;
  const char* bytes;
  bool meta;
};

class GarbageReplies : public Scripted, public testing::WithParamInterface<Garbage> {};

// Garbage breaks the connection; the next one works.
TEST_P(GarbageReplies, CostAnErrorAndAReconnect) {
  const bool meta = GetParam().meta;
  ScriptedServer server(path_, [&](int fd, int connection) {
    read_bytes(fd, meta ? kMetaGetBytes : kRedisGetBytes);
    write_bytes(fd, connection == 0 ? GetParam().bytes : meta ? "VA 1\r\nv\r\n" : "$1\r\nv\r\n");
    read_bytes(fd, 1);
  });
  open(meta ? make_meta_protocol(kItemSizeMax) : make_redis_protocol({}));
  EXPECT_EQ(get().outcome, Outcome::kError);
  EXPECT_EQ(get().value, "v");
  const auto texts = log_->take();
  EXPECT_TRUE(any_contains(texts, "connection lost")) << joined(texts);
  EXPECT_TRUE(any_contains(texts, "back after")) << joined(texts);
  client_.attach(nullptr);
}

INSTANTIATE_TEST_SUITE_P(Kinds, GarbageReplies,
                         testing::Values(Garbage{"http", "HTTP/1.1 200 OK\r\n", false},
                                         Garbage{"integer_for_a_get", ":1\r\n", false},
                                         Garbage{"array", "*2\r\n$1\r\na\r\n$1\r\nb\r\n", false},
                                         Garbage{"bad_length", "$x\r\n", false},
                                         Garbage{"status_for_a_get", "+OK\r\n", false},
                                         Garbage{"meta_http", "HTTP/1.1 200 OK\r\n", true},
                                         Garbage{"meta_no_size", "VA\r\n", true},
                                         Garbage{"meta_bad_size", "VA x\r\n", true},
                                         Garbage{"meta_absurd_size", "VA 99999999999999999999\r\n",
                                                 true},
                                         Garbage{"meta_large_size", "VA 4294967296\r\n", true},
                                         Garbage{"meta_wrong_end", "VA 1\r\nvv\r\n", true},
                                         Garbage{"meta_stored_for_a_get", "HD\r\n", true}),
                         [](const auto& test) { return test.param.name; });

TEST_F(Scripted, LosesAConnectionWithMoreRepliesThanCommands) {
  ScriptedServer server(path_, [](int fd, int) {
    read_bytes(fd, kRedisGetBytes);
    write_bytes(fd, "$1\r\nv\r\n$1\r\nw\r\n");
    read_bytes(fd, 1);
  });
  open(make_redis_protocol({}));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get().value, "v");
  const auto texts = log_->take();
  EXPECT_TRUE(any_contains(texts, "the server replied to nothing")) << joined(texts);
  client_.attach(nullptr);
}

TEST_F(Scripted, QuotesTheRefusalThatComesBeforeTheEnd) {
  ScriptedServer server(path_, [](int fd, int connection) {
    if (connection == 0) return write_bytes(fd, "-ERR max number of clients reached\r\n");
    read_bytes(fd, kRedisGetBytes);
    write_bytes(fd, "$-1\r\n");
    read_bytes(fd, 1);
  });
  open(make_redis_protocol({}));
  run_for(loop_, 30);
  EXPECT_EQ(get().outcome, Outcome::kMiss);
  const auto texts = log_->take();
  EXPECT_TRUE(any_contains(texts, "max number of clients reached")) << joined(texts);
  client_.attach(nullptr);
}

TEST_F(Scripted, LogsInAgainAfterAReconnect) {
  std::string second_greeting;
  ScriptedServer server(path_, [&](int fd, int connection) {
    const std::string expected =
        "*3\r\n$4\r\nAUTH\r\n$3\r\nann\r\n$2\r\npw\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n7\r\n";
    const std::string greeting = read_bytes(fd, expected.size());
    if (greeting != expected) return;
    write_bytes(fd, "+OK\r\n+OK\r\n");
    read_bytes(fd, kRedisGetBytes);
    if (connection == 0) return;
    second_greeting = greeting;
    write_bytes(fd, "$1\r\nv\r\n");
    read_bytes(fd, 1);
  });
  open(make_redis_protocol({.user = "ann", .password = "pw", .database = 7}));
  EXPECT_EQ(get().outcome, Outcome::kError);
  EXPECT_EQ(get().value, "v");
  EXPECT_FALSE(second_greeting.empty());
  for (const std::string& text : log_->take()) EXPECT_EQ(text.find("pw"), std::string::npos);
  client_.attach(nullptr);
}

TEST_F(Scripted, FailsWhatWaitsWhenTheLoginIsRefused) {
  ScriptedServer server(path_, [&](int fd, int) {
    read_bytes(fd, 23);
    write_bytes(fd, "-WRONGPASS invalid username-password pair\r\n");
    read_bytes(fd, 1000);
  });
  open(make_redis_protocol({.user = {}, .password = "x", .database = 0}));
  EXPECT_EQ(get().outcome, Outcome::kError);
  EXPECT_TRUE(any_contains(log_->take(), "WRONGPASS"));
  client_.attach(nullptr);
}

// Random bytes must not crash, hang or grow anything.
TEST_F(Scripted, SurvivesRandomBytes) {
  constexpr uint64_t kSeed = 42;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::mt19937_64 random(kSeed);
  constexpr std::string_view kAlphabet = "$*+-:0123456789\r\n\r\nVAEHDNSF kx";
  for (int round = 0; round < 20'000; ++round) {
    for (const bool meta : {false, true}) {
      auto protocol = meta ? make_meta_protocol(kItemSizeMax) : make_redis_protocol({});
      CompletionBuffer values;
      Reply reply;
      std::string bytes;
      for (uint64_t n = random() % 40; n > 0; --n) {
        bytes += random() % 16 == 0 ? static_cast<char>(random())
                                    : kAlphabet[random() % kAlphabet.size()];
      }
      protocol->feed(bytes);
      const auto kind = static_cast<CommandKind>(random() % 4);
      ParseState state = ParseState::kReply;
      int replies = 0;
      while (state == ParseState::kReply && ++replies <= 100) {
        state = protocol->next(kind, values, reply);
        values.drop_staged();
      }
      ASSERT_LE(replies, 100);
    }
  }
}

}  // namespace
}  // namespace cachegauge
