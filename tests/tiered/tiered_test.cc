// The adapter with two tiers: what it refuses, what it says of itself, and two clients over Redis.
#include <gtest/gtest.h>

#include "adapters/adapters.h"
#include "harness/core/error.h"
#include "tests/network/support.h"

namespace cachegauge {
namespace {

std::string refusal(const std::string& spec) {
  try {
    make_adapter(Spec::parse(spec), {.memory_bytes = 1 << 20});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    return error.what();
  }
  return "none";
}

TEST(Tiered, RefusesWhatCannotBeWithARemedy) {
  for (const auto& [spec, text] : {
           std::pair{"tiered", "tiered has no l1=: give both tiers, as in"},
           {"tiered:l1=lru,l1.entries=9", "tiered has no l2="},
           {"tiered:l1=lru,l1.entries=9,l2=lru,l3=lru", "unknown parameter of tiered \"l3\""},
           {"tiered:l1=lru,l1.entries=9,l2=lru", "Give l1.ttl=1s, or invalidate=pubsub"},
           {"tiered:l1=lru,l1.ttl=1s,l2=lru", "tiered:l1: lru needs a bound"},
           {"tiered:l1=lru,l1.ttl=1s,l2=lru", "l1.name=…, and --memory is the second tier's"},
           {"tiered:l1=lru,l1.entrys=9,l1.ttl=1s,l2=lru", "did you mean entries"},
           {"tiered:l1=lru,l1.entries=9,l1.ttl=0s,l2=lru", "expected a time above 0"},
           {"tiered:l1=redis,l1.ttl=1s,l2=lru", "the first tier is a cache in this process"},
           {"tiered:l1=tiered,l1.ttl=1s,l2=lru", "a tier is a cache of one tier"},
           {"tiered:l1=lru,l1.entries=9,l2=lru,invalidate=pubsub", "give l2=redis"},
           {"tiered:l1=lru,l1.entries=9,l1.shared=true,l2=redis,invalidate=pubsub",
            "there is one first tier, and no other to tell"},
           {"tiered:l1=lru,l1.entries=9,l1.shared=maybe,l2=lru", "value of lru:shared"},
           {"tiered:l1=lru,l1.entries=9,l1.ttl=1s,l2=lrru", "tiered:l2: unknown adapter"},
       }) {
    EXPECT_NE(refusal(spec).find(text), std::string::npos) << spec << ": " << refusal(spec);
  }
}

uint64_t figure(Adapter& adapter, std::string_view name) {
  for (const AdapterFigure& figure : adapter.figures()) {
    if (figure.name == name) return figure.value;
  }
  ADD_FAILURE() << "no figure " << name;
  return 0;
}

class TwoClients {
 public:
  explicit TwoClients(const std::string& spec) : rig_(start(spec)) {
    second_.completes_at_once = rig_.client.completes_at_once;
    second_.attach(rig_.adapter->open(second_.context()));
  }
  ~TwoClients() { second_.attach(nullptr); }

  Rig& first() { return rig_; }
  Answer second(const Command& command) {
    second_.send(command);
    rig_.loop.run();
    return second_.answers.back();
  }
  uint64_t count(std::string_view name) { return figure(*rig_.adapter, name); }

 private:
  static std::unique_ptr<Adapter> start(const std::string& spec) {
    auto adapter = make_adapter(Spec::parse(spec), {});
    adapter->start();
    return adapter;
  }
  Rig rig_;
  TestClient second_{rig_.loop};
};

TEST(Tiered, EachClientHasAFirstTierOfItsOwn) {
  TwoClients clients("tiered:l1=lru,l1.entries=2,l2=lru,l2.entries=10,invalidate=none");
  clients.first().set("k", "1");
  EXPECT_EQ(clients.second(get_of("k")).value, "1");
  clients.first().set("k", "2");
  EXPECT_EQ(clients.second(get_of("k")).value, "1") << "nobody told it";
  EXPECT_EQ(clients.first().get("k").value, "2");
  EXPECT_EQ(clients.count("l1_hits"), 2u);
  EXPECT_EQ(clients.count("l1_misses"), 1u);
  EXPECT_EQ(clients.count("l2_hits"), 1u);
  EXPECT_EQ(clients.count("l1_fills"), 3u);
  for (const char* key : {"a", "b"}) clients.first().set(key, "v");
  EXPECT_EQ(clients.count("l1_evictions"), 1u);
  const AdapterState state = clients.first().adapter->state();
  EXPECT_EQ(state.items, 3u);
  EXPECT_EQ(state.payload_bytes, 6u);
  EXPECT_GT(*state.bytes_used, *state.payload_bytes);
}

TEST(Tiered, OneFirstTierForAllIsNeverBehind) {
  TwoClients clients("tiered:l1=lru,l1.entries=2,l1.shared=true,l2=lru,l2.entries=10");
  clients.first().set("k", "1");
  EXPECT_EQ(clients.second(get_of("k")).value, "1");
  clients.first().set("k", "2");
  EXPECT_EQ(clients.second(get_of("k")).value, "2");
  EXPECT_EQ(clients.count("l1_hits"), 2u);
}

constexpr const char* kByMessage = "tiered:l1=lru,l1.entries=100,l2=redis,invalidate=pubsub";

TEST(Tiered, AMessageOverRedisEndsAnOldCopy) {
  REQUIRE_PROGRAM("redis-server");
  TwoClients clients(kByMessage);
  Rig& rig = clients.first();
  rig.set("k", "1");
  EXPECT_TRUE(eventually([&] {  // once it has subscribed, and keeps a copy
    EXPECT_EQ(clients.second(get_of("k")).value, "1");
    return clients.count("l1_hits") > 0;
  }));
  rig.set("k", "2");
  EXPECT_TRUE(eventually([&] { return clients.second(get_of("k")).value == "2"; }));
  EXPECT_EQ(clients.count("l1_invalidations"), 1u);
  EXPECT_EQ(clients.count("messages_sent"), 2u);
  EXPECT_EQ(rig.adapter->state().items, 1u);
  EXPECT_EQ(joined(rig.adapter->take_warnings()), "");
}

TEST(Tiered, AServerThatReturnsIsNotHiddenByOldCopies) {
  REQUIRE_PROGRAM("redis-server");
  TemporaryDirectory directory;
  const std::string socket = directory.path("r.sock");
  std::optional<SpawnedServer> server;
  const auto spawn = [&] {
    server.emplace(std::vector<std::string>{"redis-server", "--port", "0", "--unixsocket", socket,
                                            "--save", ""},
                   Address{.socket_path = socket, .host = {}, .port = 0});
  };
  spawn();
  TwoClients clients(std::string(kByMessage) + ",l2.socket=" + socket);
  Rig& rig = clients.first();
  EXPECT_TRUE(rig.adapter->shares_keyspace());
  EXPECT_TRUE(eventually([&] {
    rig.set("k", "v");
    rig.get("k");
    return clients.count("l1_hits") > 0;
  }));
  server->kill_and_wait();
  EXPECT_TRUE(eventually([&] { return rig.get("k").outcome == Outcome::kError; }));
  spawn();
  EXPECT_TRUE(eventually([&] { return rig.get("k").outcome == Outcome::kMiss; }, 5000));
}

}  // namespace
}  // namespace cachegauge
