// What every cache on disk answers, whatever the library below it.
#include <signal.h>
#include <sys/wait.h>

#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "harness/core/error.h"
#include "harness/core/random.h"
#include "tests/disk/support.h"

namespace cachegauge {
namespace {

constexpr size_t kLarge = 32 * 1024;

class Commands : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { REQUIRE_ENGINE(GetParam()); }
};

TEST_P(Commands, GetSetAddDelete) {
  Rig rig(start_disk(GetParam()));
  EXPECT_EQ(rig.get("k").outcome, Outcome::kMiss);
  EXPECT_EQ(rig.remove("k").outcome, Outcome::kNotFound);
  EXPECT_EQ(rig.set("k", "one").outcome, Outcome::kStored);
  EXPECT_EQ(rig.get("k").value, "one");
  EXPECT_EQ(rig.add("k", "two").outcome, Outcome::kNotStored);
  EXPECT_EQ(rig.set("k", "three").outcome, Outcome::kStored);
  EXPECT_EQ(rig.get("k").value, "three");
  EXPECT_EQ(rig.remove("k").outcome, Outcome::kDeleted);
  EXPECT_EQ(rig.get("k").outcome, Outcome::kMiss);
  EXPECT_EQ(rig.add("k", "four").outcome, Outcome::kStored);
  EXPECT_EQ(rig.get("k").value, "four");
}

TEST_P(Commands, KeysAndValuesAreBytes) {
  Rig rig(start_disk(GetParam()));
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::vector<std::string> texts = {"", std::string(1, '\0'), std::string(2, '\0'), all,
                                          std::string(5000, 'k')};
  for (const std::string& key : texts) {
    for (const std::string& value : texts) {
      ASSERT_EQ(rig.set(key, value).outcome, Outcome::kStored);
      const Answer got = rig.get(key);
      ASSERT_EQ(got.outcome, Outcome::kHit);
      ASSERT_EQ(got.value, value);
    }
  }
  EXPECT_EQ(rig.adapter->state().items.value_or(texts.size()), texts.size());
}

TEST_P(Commands, ValuesAroundTheLimitOfLargeOnes) {
  Rig rig(start_disk(GetParam()));
  for (const size_t size : {kLarge - 1, kLarge, kLarge + 1, size_t{3} << 20}) {
    std::string value(size, '\0');
    for (size_t i = 0; i < size; ++i) value[i] = static_cast<char>(mix64(i) & 0xff);
    ASSERT_EQ(rig.set("k", value).outcome, Outcome::kStored);
    ASSERT_EQ(rig.get("k").value, value) << size;
  }
  ASSERT_EQ(rig.set("k", "small").outcome, Outcome::kStored);
  EXPECT_EQ(rig.get("k").value, "small");
}

TEST_P(Commands, ExpiredItemsAreMisses) {
  constexpr int64_t kHourNs = 3600ll * 1'000'000'000;
  Rig rig(start_disk(GetParam()));
  rig.set("short", "v", 1);
  rig.set("long", "v", kHourNs);
  EXPECT_EQ(rig.get("short").outcome, Outcome::kMiss);
  EXPECT_EQ(rig.get("long").outcome, Outcome::kHit);
  EXPECT_EQ(rig.add("short", "w").outcome, Outcome::kStored);
  EXPECT_EQ(rig.get("short").value, "w");
  rig.set("short", "v", 1);
  EXPECT_EQ(rig.remove("short").outcome, Outcome::kNotFound);
  rig.set("long", "again");
  EXPECT_EQ(rig.get("long").value, "again");
}

TEST_P(Commands, APipelineIsAnsweredInOrder) {
  Rig rig(start_disk(GetParam()));
  const std::vector<Answer> answers = rig.ask_all(
      {command_of(CommandKind::kSet, "a", "1"), get_of("a"), command_of(CommandKind::kDelete, "a"),
       get_of("a"), command_of(CommandKind::kAdd, "a", "2"), get_of("a")});
  EXPECT_EQ(answers[1].value, "1");
  EXPECT_EQ(answers[2].outcome, Outcome::kDeleted);
  EXPECT_EQ(answers[3].outcome, Outcome::kMiss);
  EXPECT_EQ(answers[5].value, "2");
}

TEST_P(Commands, CountsWhatItHolds) {
  Rig rig(start_disk(GetParam()));
  for (int i = 0; i < 100; ++i) rig.set("key" + std::to_string(i % 50 + 10), "12345678");
  const AdapterState state = rig.adapter->state();
  if (state.items) {
    EXPECT_EQ(state.items, 50u);
    EXPECT_EQ(state.payload_bytes, 50u * (5 + 8));
  }
  EXPECT_GT(state.bytes_used, 50u * (5 + 8));
  EXPECT_GT(state.disk_bytes, 0u);
  EXPECT_FALSE(state.memory_source.empty());
  EXPECT_GT(rig.adapter->bytes_used_now(), 0u);
}

// Each thread has sessions and keys of its own, and looks at those of others.
TEST_P(Commands, ManySessionsAtOnce) {
  constexpr int kThreads = 4, kKeys = 20, kRounds = 40;
  const auto adapter = start_disk(GetParam());
  auto work = [&](int number) {
    EventLoop loop;
    TestClient client(loop);
    client.attach(adapter->open(client.context()));
    for (int round = 0; round < kRounds; ++round) {
      for (int i = 0; i < kKeys; ++i) {
        const std::string key = std::to_string(number) + "." + std::to_string(i);
        const std::string other = std::to_string((number + 1) % kThreads) + "." + std::to_string(i);
        const size_t size = i == 0 ? kLarge + 5 : 20;
        client.send(command_of(CommandKind::kSet, key,
                               std::string(size, static_cast<char>('a' + round % 26))));
        client.send(get_of(key));
        client.send(get_of(other));
      }
      const size_t first = client.answers.size();
      loop.run();
      for (size_t i = first; i < client.answers.size(); i += 3) {
        ASSERT_EQ(client.answers[i].outcome, Outcome::kStored);
        ASSERT_EQ(client.answers[i + 1].value.front(), 'a' + round % 26);
        const std::string& theirs = client.answers[i + 2].value;
        ASSERT_EQ(theirs, std::string(theirs.size(), theirs.empty() ? 'x' : theirs.front()));
      }
    }
    client.attach(nullptr);
  };
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(adapter->state().items.value_or(kThreads * kKeys), uint64_t{kThreads * kKeys});
  EXPECT_TRUE(adapter->take_warnings().empty());
}

TEST_P(Commands, AgreesWithAMapOverRandomCommands) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  SplitMix64 random(seed);
  Rig rig(start_disk(GetParam()));
  std::map<std::string, std::string> model;
  for (int i = 0; i < 1500; ++i) {
    const std::string key = "k" + std::to_string(random.below(40));
    const std::string value(random.below(50) == 0 ? kLarge + random.below(9) : random.below(300),
                            static_cast<char>(random.below(256)));
    switch (random.below(5)) {
      case 0:
        ASSERT_EQ(rig.set(key, value).outcome, Outcome::kStored);
        model[key] = value;
        break;
      case 1:
        ASSERT_EQ(rig.add(key, value).outcome,
                  model.emplace(key, value).second ? Outcome::kStored : Outcome::kNotStored);
        break;
      case 2:
        ASSERT_EQ(rig.remove(key).outcome,
                  model.erase(key) > 0 ? Outcome::kDeleted : Outcome::kNotFound);
        break;
      default: {
        const Answer got = rig.get(key);
        const auto at = model.find(key);
        ASSERT_EQ(got.outcome, at == model.end() ? Outcome::kMiss : Outcome::kHit);
        ASSERT_EQ(got.value, at == model.end() ? "" : at->second);
      }
    }
  }
  EXPECT_EQ(rig.adapter->state().items.value_or(model.size()), model.size());
}

// Where it lies

TEST_P(Commands, APrivateOneLeavesNothing) {
  const TemporaryDirectory directory;
  setenv("TMPDIR", directory.path("").c_str(), 1);
  {
    Rig rig(start_disk(GetParam()));
    rig.set("k", std::string(kLarge, 'v'));
    EXPECT_FALSE(rig.adapter->shares_keyspace());
    EXPECT_EQ(count_files(directory.path("")), 1u);
    rig.client.attach(nullptr);
    rig.adapter->stop();
    EXPECT_EQ(count_files(directory.path("")), 0u);
  }
  unsetenv("TMPDIR");
}

TEST_P(Commands, OneMadeAtAPathIsRemovedAtTheEnd) {
  const TemporaryDirectory directory;
  Rig rig(start_disk(std::string(GetParam()) + ":path=" + directory.path("cache")));
  rig.set("k", std::string(kLarge, 'v'));
  EXPECT_FALSE(rig.adapter->shares_keyspace());
  EXPECT_TRUE(std::filesystem::exists(directory.path("cache")));
  rig.client.attach(nullptr);
  rig.adapter->stop();
  EXPECT_EQ(count_files(directory.path("")), 0u);
}

// A run that was killed: nothing stops the adapter, and another opens what it left.
TEST_P(Commands, OneThatIsThereIsRefusedOrSharedAndStays) {
  const TemporaryDirectory directory;
  const std::string spec = std::string(GetParam()) + ":path=" + directory.path("cache");
  const pid_t killed = fork();
  if (killed == 0) {
    Rig rig(start_disk(spec));
    rig.set("theirs", "v");
    raise(SIGKILL);
  }
  waitpid(killed, nullptr, 0);
  EXPECT_THROW(start_disk(spec), Error);
  {
    Rig rig(start_disk(spec, shared_server()));
    EXPECT_TRUE(rig.adapter->shares_keyspace());
    EXPECT_EQ(rig.get("theirs").value, "v");
    EXPECT_EQ(rig.remove("theirs").outcome, Outcome::kDeleted);
  }
  EXPECT_TRUE(start_disk(spec)->shares_keyspace());
  EXPECT_TRUE(std::filesystem::exists(directory.path("cache")));
}

TEST_P(Commands, AFolderThatIsNotThereIsAnErrorThatNamesIt) {
  const std::string path = "/nowhere/at/all/cache";
  try {
    start_disk(std::string(GetParam()) + ":path=" + path);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kFailed);
    EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("folder"), std::string::npos) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(Disk, Commands, testing::Values("sqlite", "lmdb", "rocksdb"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace cachegauge
