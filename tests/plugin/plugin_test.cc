// The examples through the adapter, and libraries that are no plug-ins.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "adapters/plugin/plugin_adapter.h"
#include "harness/core/error.h"
#include "harness/core/hash.h"
#include "harness/core/virtual_scheduler.h"

namespace cachegauge {
namespace {

const std::string kPlugins = PLUGINS;
const std::string kLibraries = LIBRARIES;

std::unique_ptr<Adapter> make(const std::string& spec, const AdapterSettings& settings = {}) {
  return plugin_adapter_kind().make(Spec::parse(spec), settings);
}

// Everything that is thrown before anything runs.
std::string complaint(const std::string& spec) {
  try {
    make(spec)->start();
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

// One client of a started plug-in.
class Plugin {
 public:
  explicit Plugin(const std::string& spec, const AdapterSettings& settings = {})
      : adapter(make(spec, settings)) {
    adapter->start();
    session = adapter->open({.scheduler = scheduler});
  }

  Outcome run(CommandKind kind, std::string_view key, std::string_view value = {},
              int64_t ttl_ns = 0, int64_t now_ns = 0) {
    const Command command = {.kind = kind,
                             .tag = ++tag_,
                             .key = key,
                             .key_hash = hash_text_key(key),
                             .value = value,
                             .ttl_ns = ttl_ns,
                             .now_ns = now_ns};
    Completion done;
    EXPECT_TRUE(session->execute(command, done));
    got = done.value;
    return done.outcome;
  }
  Outcome get(std::string_view key, int64_t now_ns = 0) {
    return run(CommandKind::kGet, key, {}, 0, now_ns);
  }
  Outcome set(std::string_view key, std::string_view value) {
    return run(CommandKind::kSet, key, value);
  }

  VirtualScheduler scheduler;
  std::unique_ptr<Adapter> adapter;
  std::unique_ptr<Session> session;
  std::string got;

 private:
  uint64_t tag_ = 0;
};

TEST(PluginInC, KeepsOneKeyInEachPlace) {
  Plugin p("plugin:path=" + kPlugins + "/direct_mapped.so,entries=1");
  EXPECT_EQ(p.adapter->version(), "direct-mapped 1.0");
  EXPECT_EQ(p.get("a"), Outcome::kMiss);
  EXPECT_EQ(p.set("a", "one"), Outcome::kStored);
  EXPECT_EQ(p.get("a"), Outcome::kHit);
  EXPECT_EQ(p.got, "one");
  EXPECT_EQ(p.run(CommandKind::kAdd, "a", "two"), Outcome::kNotStored);
  EXPECT_EQ(p.set("b", ""), Outcome::kStored);
  EXPECT_EQ(p.get("a"), Outcome::kMiss) << "b took its place";
  EXPECT_EQ(p.get("b"), Outcome::kHit);
  EXPECT_EQ(p.got, "");
  EXPECT_EQ(p.run(CommandKind::kDelete, "b"), Outcome::kDeleted);
  EXPECT_EQ(p.run(CommandKind::kDelete, "b"), Outcome::kNotFound);
  EXPECT_EQ(p.run(CommandKind::kLease, "b"), Outcome::kRejected);
}

TEST(PluginInC, ExpiresByTheTimeThatItIsGiven) {
  Plugin p("plugin:path=" + kPlugins + "/direct_mapped.so,entries=10");
  const std::string binary("k\0\n", 3);
  EXPECT_EQ(p.run(CommandKind::kSet, binary, binary, 100, 50), Outcome::kStored);
  EXPECT_EQ(p.get(binary, 149), Outcome::kHit);
  EXPECT_EQ(p.got, binary);
  EXPECT_EQ(p.get(binary, 150), Outcome::kMiss);
  const AdapterState state = p.adapter->state();
  EXPECT_EQ(state.items, 0u);
  EXPECT_EQ(state.payload_bytes, 0u);
  EXPECT_EQ(state.expirations, 1u);
  EXPECT_EQ(state.evictions, 0u);
}

TEST(PluginInC, AnswersABatch) {
  Plugin p("plugin:path=" + kPlugins + "/direct_mapped.so,entries=1000");
  std::vector<std::string> keys;
  keys.reserve(50);
  for (int i = 0; i < 50; ++i) keys.push_back("key" + std::to_string(i));
  std::vector<Command> commands;
  for (const CommandKind kind : {CommandKind::kSet, CommandKind::kGet}) {
    for (const std::string& key : keys) {
      commands.push_back({.kind = kind,
                          .tag = commands.size(),
                          .key = key,
                          .key_hash = commands.size() % 50,
                          .value = key});
    }
  }
  p.session->submit(commands);
  std::vector<Completion> done(200);
  ASSERT_EQ(p.session->poll(done), commands.size());
  for (size_t i = 50; i < 100; ++i) {
    EXPECT_EQ(done[i].tag, i);
    ASSERT_EQ(done[i].outcome, Outcome::kHit);
    EXPECT_EQ(done[i].value, keys[i - 50]);
  }
}

TEST(PluginInCpp, IsTheCacheThatItWraps) {
  Plugin p("plugin:path=" + kPlugins + "/wrapped_lru.so,entries=2");
  p.set("a", "1");
  p.set("b", "2");
  EXPECT_EQ(p.get("a"), Outcome::kHit);
  p.set("c", "3");
  EXPECT_EQ(p.get("b"), Outcome::kMiss) << "least recently used";
  EXPECT_EQ(p.get("a"), Outcome::kHit);
  const AdapterState state = p.adapter->state();
  EXPECT_EQ(state.items, 2u);
  EXPECT_EQ(state.evictions, 1u);
  EXPECT_FALSE(state.payload_bytes) << "it does not say";
  EXPECT_FALSE(state.bytes_used);
}

TEST(PluginInCpp, SaysWhatItCanDo) {
  const Capabilities can =
      make("plugin:path=" + kPlugins + "/wrapped_lru.so,entries=2")->capabilities();
  EXPECT_TRUE(can.in_process);
  EXPECT_TRUE(can.bounded);
  EXPECT_FALSE(can.ttl);
  EXPECT_FALSE(can.commands & command_bit(CommandKind::kAdd));
  EXPECT_TRUE(can.commands & command_bit(CommandKind::kDelete));
}

TEST(Plugin, IsLockedWhereItKnowsNothingOfThreads) {
  const std::string spec = "plugin:path=" + kPlugins + "/wrapped_lru.so,entries=2";
  const Spec::Param locked = {"locked", "yes"}, unlocked = {"locked", "no"};
  EXPECT_EQ(make(spec, {.threads = 2})->settings().back(), locked);
  EXPECT_EQ(make(spec, {.threads = 1})->settings().back(), unlocked);
}

TEST(Plugin, SaysItselfWhatItCannotTake) {
  const std::string spec = "plugin:path=" + kPlugins + "/direct_mapped.so";
  const std::string failed = "plugin: direct-mapped 1.0 could not be made: ";
  EXPECT_EQ(complaint(spec), failed + "it needs a number of places, such as entries=10000");
  EXPECT_EQ(complaint(spec + ",entries=1k"), complaint(spec));
  EXPECT_EQ(complaint(spec + ",size=4"),
            failed + "unknown parameter \"size\"; there is only entries=");
}

TEST(Plugin, RefusesWhatIsNone) {
  EXPECT_EQ(complaint("plugin"), "plugin: path= is missing; say plugin:path=libmine.so");
  EXPECT_EQ(complaint("plugin:path=/nowhere.so"), "plugin: /nowhere.so: No such file or directory");
  EXPECT_NE(complaint("plugin:path=/etc/hostname").find("it has to be a shared library"),
            std::string::npos);
  const std::string none = kLibraries + "/no_entry.so";
  EXPECT_EQ(complaint("plugin:path=" + none),
            "plugin: " + none +
                " has no function cachegauge_plugin(): it exports just that one, with C linkage, "
                "as cachegauge_plugin.h says");
  const std::string later = kLibraries + "/wrong_version.so";
  EXPECT_EQ(complaint("plugin:path=" + later),
            "plugin: " + later +
                " was built for version 2 of the plug-in interface, and this cachegauge has "
                "version 1: build it anew with this release's cachegauge_plugin.h");
  const std::string partial = kLibraries + "/no_poll.so";
  EXPECT_EQ(complaint("plugin:path=" + partial),
            "plugin: the table of " + partial + " has no poll()");
}

TEST(Plugin, ThatDoesNotAnswerFails) {
  Plugin p("plugin:path=" + kLibraries + "/crashes.so,silent=yes");
  EXPECT_EQ(p.get("a"), Outcome::kError);
}

}  // namespace
}  // namespace cachegauge
