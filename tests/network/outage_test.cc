// Servers that stop, die and come back, under both protocols.
#include <gtest/gtest.h>
#include <signal.h>

#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "tests/network/support.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

class Outage : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    REQUIRE_PROGRAM(kind() == "redis" ? "redis-server" : "memcached");
    spawn();
  }
  const std::string& kind() const { return GetParam(); }
  void spawn() {
    std::vector<std::string> command = {"memcached", "-u", "root", "-s", socket_};
    if (kind() == "redis") {
      command = {"redis-server", "--port", "0", "--unixsocket", socket_, "--save", ""};
    }
    server_.emplace(command, Address{.socket_path = socket_, .host = {}, .port = 0});
  }
  std::unique_ptr<Adapter> connect(int64_t timeout_ns) {
    return make_started(kind() + ":socket=" + socket_, shared_server(timeout_ns));
  }

  TemporaryDirectory directory_;
  std::string socket_ = directory_.path("s.sock");
  std::optional<SpawnedServer> server_;
};

TEST_P(Outage, GivesUpOnAStoppedServerAndDropsItsLateReplies) {
  Rig rig(connect(100 * kMs));
  ASSERT_EQ(rig.set("k", "v").outcome, Outcome::kStored);
  server_->signal(SIGSTOP);
  const int64_t before = monotonic_ns();
  const std::vector<Answer> given_up = rig.ask_all({get_of("k"), get_of("k"), get_of("x")});
  const int64_t took = monotonic_ns() - before;
  for (const Answer& answer : given_up) {
    EXPECT_EQ(answer.outcome, Outcome::kTimeout);
    EXPECT_GE(answer.completed_ns - answer.started_ns, 100 * kMs);
  }
  EXPECT_GE(took, 100 * kMs);
  EXPECT_LT(took, 300 * kMs);
  // Commands sent meanwhile and after get their own replies, not the late ones.
  rig.client.send(command_of(CommandKind::kSet, "k", "new"));
  server_->signal(SIGCONT);
  rig.loop.run();
  EXPECT_EQ(rig.client.answers.back().outcome, Outcome::kStored);
  EXPECT_EQ(rig.get("k").value, "new");
  EXPECT_EQ(rig.get("x").outcome, Outcome::kMiss);
  EXPECT_TRUE(rig.adapter->take_warnings().empty());
}

TEST_P(Outage, FailsWhatWaitsForAServerThatDiesAndReconnects) {
  Rig rig(connect(5000 * kMs));
  ASSERT_EQ(rig.set("k", "v").outcome, Outcome::kStored);
  server_->signal(SIGSTOP);
  for (int i = 0; i < 100; ++i) rig.client.send(get_of("k"));
  struct Killer final : Wakeup {
    void wake() override { server->kill_and_wait(); }
    std::optional<SpawnedServer>& server;
    explicit Killer(std::optional<SpawnedServer>& s) : server(s) {}
  } killer(server_);
  rig.loop.wake_at(monotonic_ns() + 50 * kMs, 0, &killer);
  rig.loop.run();
  for (size_t i = 1; i < rig.client.answers.size(); ++i) {
    EXPECT_EQ(rig.client.answers[i].outcome, Outcome::kError);
    EXPECT_GT(rig.client.answers[i].started_ns, 0);
  }
  // A closed loop against a dead server: errors at a bounded rate.
  const int64_t before = monotonic_ns();
  int errors = 0;
  while (monotonic_ns() - before < 300 * kMs) {
    EXPECT_EQ(rig.get("k").outcome, Outcome::kError);
    ++errors;
  }
  EXPECT_LE(errors, 8);
  EXPECT_TRUE(any_contains(rig.adapter->take_warnings(), "not back after"));
  EXPECT_EQ(rig.adapter->state().items, std::nullopt);

  spawn();
  EXPECT_TRUE(eventually([&] { return rig.get("k").outcome == Outcome::kMiss; }, 3000));
  EXPECT_EQ(rig.set("k", "again").outcome, Outcome::kStored);
  const auto warnings = rig.adapter->take_warnings();
  EXPECT_TRUE(any_contains(warnings, "were back after")) << joined(warnings);
}

TEST_P(Outage, ServersThatDoNotAnswerAreNotWaitedForWhenAskedForTheirMemory) {
  signal(SIGPIPE, SIG_IGN);  // as a cell's process does: hiredis writes to what may be closed
  Rig rig(connect(5000 * kMs));
  EXPECT_TRUE(rig.adapter->bytes_used_now().has_value());
  server_->signal(SIGSTOP);
  const int64_t before = monotonic_ns();
  EXPECT_EQ(rig.adapter->bytes_used_now(), std::nullopt);
  EXPECT_LT(monotonic_ns() - before, 2000 * kMs);
  server_->signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return rig.adapter->bytes_used_now().has_value(); }, 3000));
  server_->kill_and_wait();
  EXPECT_EQ(rig.adapter->bytes_used_now(), std::nullopt);
  EXPECT_TRUE(rig.adapter->take_warnings().empty()) << "the sessions tell of it, if they notice";
}

TEST_P(Outage, KeepsMemoryBoundedWhenAStoppedServerReadsNothing) {
  Rig rig(connect(20 * kMs));
  server_->signal(SIGSTOP);
  const std::string large(1000 * 1000, 'v');
  int errors = 0;
  for (int i = 0; i < 40; ++i) {
    errors += rig.set("k", large).outcome == Outcome::kError ? 1 : 0;
  }
  EXPECT_GE(errors, 1);
  server_->signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return rig.set("k", "v").outcome == Outcome::kStored; }, 3000));
  const auto warnings = rig.adapter->take_warnings();
  EXPECT_TRUE(any_contains(warnings, "reads nothing any more")) << joined(warnings);
}

TEST_P(Outage, NamesTheAddressWhereNobodyListens) {
  server_->kill_and_wait();
  const std::string tcp = "127.0.0.1:" + std::to_string(free_port());
  for (const std::string& spec :
       {kind() + ":socket=" + directory_.path("none.sock"), kind() + "://" + tcp}) {
    try {
      make_network_adapter(spec, {})->start();
      FAIL() << spec;
    } catch (const Error& error) {
      const std::string text = error.what();
      EXPECT_EQ(error.code(), ExitCode::kFailed);
      EXPECT_NE(text.find("is the server running"), std::string::npos) << text;
      EXPECT_TRUE(text.find(tcp) != std::string::npos ||
                  text.find("none.sock") != std::string::npos)
          << text;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, Outage, testing::Values("redis", "memcached"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace cachegauge
