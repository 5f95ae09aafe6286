// What commits mean to the answers held back for them; the rest is tested with libmemcached.
#include "adapters/server/threaded_session.h"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/network/support.h"

namespace cachegauge {
namespace {

// Answers gets with hits and all else with kStored, and has something to commit after a set.
class FakeClient final : public BlockingClient {
 public:
  FakeClient(Outcome of_commit, std::atomic<int>& commits)
      : of_commit_(of_commit), commits_(commits) {}

  Result execute(const Command& command, std::string& value) override {
    if (command.kind == CommandKind::kGet) {
      value = "v";
      return {.outcome = Outcome::kHit};
    }
    open_ = true;
    return {.outcome = Outcome::kStored};
  }
  bool must_commit() const override { return open_; }
  Result commit() override {
    open_ = false;
    ++commits_;
    return {.outcome = of_commit_, .connection_lost = false, .text = "the disk is full"};
  }

 private:
  const Outcome of_commit_;
  std::atomic<int>& commits_;
  bool open_ = false;
};

struct Threaded {
  explicit Threaded(Outcome of_commit) {
    log->begin("fake");
    client.attach(std::make_unique<ThreadedSession>(
        client.context(), 5'000'000'000, log, std::make_unique<FakeClient>(of_commit, commits)));
  }
  void ask(std::initializer_list<Command> commands) {
    for (const Command& command : commands) client.send(command);
    loop.run();
  }

  std::atomic<int> commits = 0;
  std::shared_ptr<IncidentLog> log = std::make_shared<IncidentLog>();
  EventLoop loop;
  TestClient client{loop};
};

const Command kSet = command_of(CommandKind::kSet, "k", "v");

TEST(ThreadedSessionTest, CommitsOnlyWhenThereIsSomethingTo) {
  Threaded session(Outcome::kStored);
  session.ask({get_of("k"), get_of("k")});
  EXPECT_EQ(session.commits, 0);
  EXPECT_EQ(session.client.answers[1].value, "v");
}

TEST(ThreadedSessionTest, OneAtATimeEachHasACommitOfItsOwn) {
  Threaded session(Outcome::kStored);
  for (int i = 1; i <= 3; ++i) {
    session.ask({kSet});
    EXPECT_EQ(session.commits, i);
  }
}

TEST(ThreadedSessionTest, AFailedCommitTakesBackWhatWasStoredAndNotWhatWasRead) {
  Threaded session(Outcome::kError);
  session.ask({kSet, get_of("k"), kSet});
  const auto& answers = session.client.answers;
  EXPECT_EQ(answers[0].outcome, Outcome::kError);
  EXPECT_EQ(answers[1].outcome, Outcome::kHit);
  EXPECT_EQ(answers[2].outcome, Outcome::kError);
  EXPECT_GE(session.commits, 1);
  EXPECT_TRUE(any_contains(session.log->take(), "the disk is full"));
}

}  // namespace
}  // namespace cachegauge
