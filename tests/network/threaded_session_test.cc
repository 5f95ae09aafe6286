// What commits mean to the answers held back for them; the rest is tested with libmemcached.
#include "adapters/server/threaded_session.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

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

// Hits at once, but for the key "slow", for which it waits until another client has had a get.
class PairedClient final : public BlockingClient {
 public:
  explicit PairedClient(std::shared_ptr<std::latch> others) : others_(std::move(others)) {}
  Result execute(const Command& command, std::string& value) override {
    if (command.key == "slow") {
      others_->wait();
    } else {
      others_->count_down();
    }
    value = command.key;
    return {.outcome = Outcome::kHit};
  }

 private:
  const std::shared_ptr<std::latch> others_;
};

TEST(WorkerPoolTest, SessionsShareItsThreadsAndNobodyWaitsForASlowOne) {
  const auto latch = std::make_shared<std::latch>(3);
  const auto pool = std::make_shared<WorkerPool>(std::make_shared<IncidentLog>());
  for (int i = 0; i < 2; ++i) pool->add(std::make_unique<PairedClient>(latch));
  EventLoop loop;
  TestClient first(loop), second(loop);
  first.attach(std::make_unique<ThreadedSession>(first.context(), 5'000'000'000, pool));
  second.attach(std::make_unique<ThreadedSession>(second.context(), 5'000'000'000, pool));
  for (const char* key : {"slow", "a", "b"}) first.send(get_of(key));
  second.send(get_of("c"));
  loop.run();
  ASSERT_EQ(first.answers.size(), 3u);
  EXPECT_EQ(first.answers[0].value, "slow");
  EXPECT_EQ(first.answers[1].value, "a");
  EXPECT_EQ(first.answers[2].value, "b");
  EXPECT_EQ(second.answers[0].value, "c");
  EXPECT_GE(first.answers[0].completed_ns, first.answers[2].completed_ns);
  // The wait for a thread counts: both were submitted in one batch.
  EXPECT_EQ(first.answers[1].started_ns, first.answers[2].started_ns);
}

TEST(WorkerPoolTest, WhatWaitsTooLongIsGivenUpAndItsSessionMayGo) {
  const auto latch = std::make_shared<std::latch>(1);
  const auto pool = std::make_shared<WorkerPool>(std::make_shared<IncidentLog>());
  pool->add(std::make_unique<PairedClient>(latch));
  EventLoop loop;
  {
    TestClient client(loop);
    client.attach(std::make_unique<ThreadedSession>(client.context(), 20'000'000, pool));
    client.send(get_of("slow"));
    client.send(get_of("behind"));
    loop.run();
    for (const Answer& answer : client.answers) {
      EXPECT_EQ(answer.outcome, Outcome::kTimeout);
      EXPECT_GE(answer.completed_ns - answer.started_ns, 20'000'000);
    }
    latch->count_down();  // the first is under way, and waited for
  }
  TestClient next(loop);
  next.attach(std::make_unique<ThreadedSession>(next.context(), 5'000'000'000, pool));
  next.send(get_of("slow"));
  loop.run();
  EXPECT_EQ(next.answers[0].outcome, Outcome::kHit);
}

// Has lost its connection for the first so many commands.
class LosingClient final : public BlockingClient {
 public:
  LosingClient(int losses, std::atomic<int>& attempts) : losses_(losses), attempts_(attempts) {}
  Result execute(const Command&, std::string& value) override {
    ++attempts_;
    if (losses_ > 0) {
      --losses_;
      return {.outcome = Outcome::kError, .connection_lost = true, .text = "gone"};
    }
    value = "v";
    return {.outcome = Outcome::kHit};
  }

 private:
  int losses_;
  std::atomic<int>& attempts_;
};

TEST(WorkerPoolTest, WhileNobodyHasAConnectionWhatWaitsFailsWithTheAttempt) {
  std::atomic<int> attempts = 0;
  const auto pool = std::make_shared<WorkerPool>(std::make_shared<IncidentLog>());
  pool->add(std::make_unique<LosingClient>(1, attempts));
  EventLoop loop;
  TestClient client(loop);
  client.attach(std::make_unique<ThreadedSession>(client.context(), 5'000'000'000, pool));
  for (int i = 0; i < 5; ++i) client.send(get_of("k"));
  loop.run();
  for (const Answer& answer : client.answers) EXPECT_EQ(answer.outcome, Outcome::kError);
  EXPECT_EQ(attempts, 1);
  client.send(get_of("k"));
  loop.run();
  EXPECT_EQ(client.answers.back().outcome, Outcome::kHit);
}

TEST(WorkerPoolTest, WhatWaitsIsForThoseWhoHaveAConnection) {
  std::atomic<int> attempts = 0;
  const auto pool = std::make_shared<WorkerPool>(std::make_shared<IncidentLog>());
  pool->add(std::make_unique<LosingClient>(1'000, attempts));
  pool->add(std::make_unique<LosingClient>(0, attempts));
  EventLoop loop;
  TestClient client(loop);
  client.attach(std::make_unique<ThreadedSession>(client.context(), 5'000'000'000, pool));
  for (int i = 0; i < 50; ++i) client.send(get_of("k"));
  loop.run();
  EXPECT_EQ(attempts, 50);  // each was carried out
}

}  // namespace
}  // namespace cachegauge
