#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "adapters/local/local_adapters.h"
#include "adapters/local/policies/policy.h"
#include "harness/core/error.h"
#include "harness/core/hash.h"
#include "harness/core/virtual_scheduler.h"

namespace cachegauge {
namespace {

std::unique_ptr<Adapter> make(std::string_view text, const AdapterSettings& settings = {}) {
  const Spec spec = Spec::parse(text);
  const std::vector<AdapterKind> kinds = local_adapter_kinds();
  return require_row<AdapterKind>(kinds, spec.kind(), "adapter").make(spec, settings);
}

std::string usage_error(std::string_view text, const AdapterSettings& settings = {}) {
  try {
    make(text, settings);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    return error.what();
  }
  return "no error";
}

// An adapter with one session, used as the replay loop does: one command, one completion.
class Client {
 public:
  explicit Client(std::string_view text) : adapter(make(text)) {
    adapter->start();
    session = adapter->open({scheduler_});
  }

  Outcome get(std::string_view key) { return run({.kind = CommandKind::kGet, .key = key}); }
  Outcome set(std::string_view key, std::string_view value, int64_t ttl_ns = 0) {
    return run({.kind = CommandKind::kSet, .key = key, .value = value, .ttl_ns = ttl_ns});
  }
  Outcome add(std::string_view key, std::string_view value) {
    return run({.kind = CommandKind::kAdd, .key = key, .value = value});
  }
  Outcome erase(std::string_view key) { return run({.kind = CommandKind::kDelete, .key = key}); }

  Outcome run(Command command) {
    command.tag = ++tag_;
    command.key_hash = hash_text_key(command.key);
    command.now_ns = now_ns;
    session->submit({&command, 1});
    Completion completion;
    EXPECT_EQ(session->poll({&completion, 1}), 1u);
    EXPECT_EQ(completion.tag, tag_);
    last_value = completion.value;
    return completion.outcome;
  }

  std::unique_ptr<Adapter> adapter;
  std::unique_ptr<Session> session;
  std::string_view last_value;
  int64_t now_ns = 0;

 private:
  VirtualScheduler scheduler_;
  uint64_t tag_ = 0;
};

TEST(LocalAdapters, HasARowForEachCache) {
  std::vector<std::string_view> names;
  for (const AdapterKind& kind : local_adapter_kinds()) {
    names.push_back(kind.name);
    EXPECT_FALSE(kind.summary.empty());
    EXPECT_NE(kind.make, nullptr);
  }
  EXPECT_EQ(names,
            (std::vector<std::string_view>{
                "unbounded", "lru",     "lfu",        "fifo",     "clock", "random",     "ttl",
                "sieve",     "s3fifo",  "qdlp",       "arc",      "2q",    "slru",       "wtinylfu",
                "lirs",      "lruk",    "multiqueue", "gdsf",     "lfuda", "hyperbolic", "lhd",
                "lecar",     "cacheus", "car",        "clockpro", "mru",   "null"}))
      << "of all policies but those that must know the future";
}

TEST(LocalAdapters, SayWhatTheyCanDo) {
  for (const char* text : {"lru:entries=1", "unbounded", "null"}) {
    const Capabilities c = make(text)->capabilities();
    const bool keeps = std::string_view(text) != "null";
    EXPECT_EQ(c.commands, kBasicCommands | (keeps ? command_bit(CommandKind::kLease) : 0)) << text;
    EXPECT_TRUE(c.in_process && c.ttl && !c.blocks_on_network) << text;
    EXPECT_EQ(c.bounded, std::string_view(text) == "lru:entries=1") << text;
  }
}

TEST(LocalAdapters, BoundIsEntriesOrCapacityOrMemory) {
  EXPECT_EQ(usage_error("lru"),
            "lru needs a bound: say lru:entries=10k, lru:capacity=64MiB or --memory 64MiB");
  EXPECT_EQ(usage_error("lru:entries=10,capacity=1MiB"),
            "lru: both entries= and capacity= are given; a cache is bounded by one of them");
  const AdapterSettings memory = {.memory_bytes = 1000};
  using Params = std::vector<Spec::Param>;
  EXPECT_EQ(
      make("lru", memory)->settings(),
      (Params{{"capacity", "1000"}, {"item_charge", "56"}, {"shards", "1"}, {"copy", "copy"}}));
  EXPECT_EQ(
      make("lru:capacity=2KiB", memory)->settings(),
      (Params{{"capacity", "2048"}, {"item_charge", "56"}, {"shards", "1"}, {"copy", "copy"}}));
  EXPECT_EQ(make("lru:entries=10,shards=2", memory)->settings(),
            (Params{{"entries", "10"}, {"shards", "2"}, {"copy", "copy"}}));
  EXPECT_EQ(make("unbounded", memory)->settings(), (Params{{"shards", "1"}, {"copy", "copy"}}));
}

TEST(LocalAdapters, RefuseWhatHoldsNothing) {
  EXPECT_EQ(usage_error("fifo:entries=0"),
            "fifo: entries=0 is less than one for each of 1 shard(s)");
  EXPECT_EQ(usage_error("fifo:entries=3,shards=4"),
            "fifo: entries=3 is less than one for each of 4 shard(s)");
  EXPECT_EQ(usage_error("lfu:capacity=56B"),
            "lfu: 56 B for each of 1 shard(s) holds nothing, as an item takes 56 bytes beside its "
            "key and value; give it more bytes, or entries=");
  EXPECT_EQ(usage_error("clock:entries=3000M"),
            "clock: entries=3000000000 is too many; a shard holds up to 2147483631");
  EXPECT_EQ(usage_error("clock:entries=3,shards=0"), "clock:shards: expected 1 to 4096, got 0");
}

// What execute() hands out: a place of the session's, or the stored value.
TEST(LocalAdapters, CopyAValueOrShareIt) {
  VirtualScheduler scheduler;
  for (const bool shares : {false, true}) {
    const auto adapter = make(shares ? "lru:entries=10,copy=share" : "lru:entries=10");
    adapter->start();
    const auto session = adapter->open({scheduler});
    Completion done;
    const auto carry_out = [&](CommandKind kind, std::string_view key, std::string_view value) {
      session->execute({.kind = kind, .key = key, .key_hash = hash_text_key(key), .value = value},
                       done);
      return done.value;
    };
    carry_out(CommandKind::kSet, "a", "value of a");
    carry_out(CommandKind::kSet, "b", "value of b");
    carry_out(CommandKind::kSet, "empty", "");
    const std::string_view a = carry_out(CommandKind::kGet, "a", {});
    EXPECT_EQ(a, "value of a");
    const std::string_view b = carry_out(CommandKind::kGet, "b", {});
    EXPECT_EQ(b, "value of b");
    EXPECT_EQ(a.data() == b.data(), !shares);
    // A copy that lay on two pages would take as long again as the hit.
    if (!shares) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(b.data()) % 4096, 0u);
    }
    EXPECT_EQ(carry_out(CommandKind::kGet, "empty", {}), "");
    // A caller that changes what it was given.
    const_cast<char&>(b[0]) = 'V';
    EXPECT_EQ(carry_out(CommandKind::kGet, "b", {}), shares ? "Value of b" : "value of b");
  }
  const AdapterSettings two_threads = {.threads = 2};
  EXPECT_EQ(usage_error("lru:entries=9,copy=share", two_threads),
            "lru:copy=share: with several threads one may evict what another is reading: leave "
            "--threads out, or copy=share");
  EXPECT_NE(usage_error("lru:entries=9,copy=shared").find("did you mean share"), std::string::npos);
}

TEST(LocalAdapters, RefuseUnknownParameters) {
  EXPECT_NE(usage_error("lru:entry=3").find("entries"), std::string::npos);
  EXPECT_NE(usage_error("unbounded:entries=3").find("shards"), std::string::npos);
  EXPECT_NE(usage_error("null:entries=3").find("entries"), std::string::npos);
}

TEST(LocalAdapters, HaveAnAdmissionFilterInFront) {
  Client plain("lru:entries=10");
  EXPECT_EQ(plain.adapter->state().not_admitted, std::nullopt);
  Client client("lru:entries=10,shards=2,admission=size,admission.max=4B");
  EXPECT_EQ(client.set("a", "123"), Outcome::kStored);
  EXPECT_EQ(client.set("b", "1234"), Outcome::kNotStored);
  EXPECT_EQ(client.add("c", "1234"), Outcome::kNotStored);
  EXPECT_EQ(client.get("b"), Outcome::kMiss);
  EXPECT_EQ(client.adapter->state().not_admitted, 2u);
}

TEST(LocalAdapters, AnswerCommands) {
  for (const char* text : {"unbounded", "lru:entries=10", "lfu:capacity=1MiB,shards=3"}) {
    SCOPED_TRACE(text);
    Client client(text);
    EXPECT_EQ(client.get("a"), Outcome::kMiss);
    EXPECT_EQ(client.set("a", "1"), Outcome::kStored);
    EXPECT_EQ(client.get("a"), Outcome::kHit);
    EXPECT_EQ(client.last_value, "1");
    EXPECT_EQ(client.add("a", "2"), Outcome::kNotStored);
    EXPECT_EQ(client.erase("a"), Outcome::kDeleted);
    EXPECT_EQ(client.erase("a"), Outcome::kNotFound);
    EXPECT_EQ(client.add("a", "2"), Outcome::kStored);
    EXPECT_EQ(client.run({.kind = CommandKind::kCompareAndDelete, .key = "a", .value = "2"}),
              Outcome::kRejected);
    EXPECT_EQ(client.get("a"), Outcome::kHit);
  }
}

TEST(LocalAdapters, CountTtlsFromTheCommandsTime) {
  Client client("lru:entries=10");
  client.set("a", "1", 100);
  client.now_ns = 99;
  EXPECT_EQ(client.get("a"), Outcome::kHit);
  client.now_ns = 100;
  EXPECT_EQ(client.get("a"), Outcome::kMiss);
  EXPECT_EQ(client.adapter->state().expirations, 1u);
}

TEST(LocalAdapters, CompleteABatchWithinSubmit) {
  Client client("lru:entries=10");
  std::vector<Command> batch;
  for (const char* key : {"a", "b", "c"}) {
    batch.push_back({.kind = CommandKind::kSet,
                     .tag = batch.size(),
                     .key = key,
                     .key_hash = hash_text_key(key),
                     .value = key});
  }
  for (size_t i = 0; i < 3; ++i) {
    batch.push_back(batch[i]);
    batch.back().kind = CommandKind::kGet;
    batch.back().tag = batch.size() - 1;
  }
  client.session->submit(batch);
  std::array<Completion, 10> out;
  ASSERT_EQ(client.session->poll(out), 6u);
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(out[i].tag, i);
    EXPECT_EQ(out[i].outcome, i < 3 ? Outcome::kStored : Outcome::kHit);
    EXPECT_EQ(out[i].value, i < 3 ? "" : batch[i].key);
  }
}

TEST(LocalAdapters, AValueOutlivesItsEntryUntilTheNextPoll) {
  Client client("lru:entries=1");
  client.set("a", "the value");
  client.get("a");
  const std::string_view held = client.last_value;
  const Command set = {
      .kind = CommandKind::kSet, .key = "a", .key_hash = hash_text_key("a"), .value = "THE VALUE"};
  const Command other = {.kind = CommandKind::kSet, .key = "b", .value = "other"};
  client.session->submit({&set, 1});    // overwrites it
  client.session->submit({&other, 1});  // and evicts it
  EXPECT_EQ(held, "the value");
}

TEST(LocalAdapters, ReportTheirState) {
  Client client("fifo:entries=3");
  for (const char* key : {"a", "b", "c", "d", "e"}) client.set(key, "123");
  const AdapterState state = client.adapter->state();
  EXPECT_EQ(state.items, 3u);
  EXPECT_EQ(state.payload_bytes, 12u);
  EXPECT_GT(*state.bytes_used, 12u);
  EXPECT_EQ(state.evictions, 2u);
  EXPECT_EQ(state.expirations, 0u);
  EXPECT_EQ(state.server_cpu_ns, std::nullopt);
  EXPECT_FALSE(state.memory_source.empty());
}

TEST(LocalAdapters, ShardsShareTheCapacity) {
  Client client("lru:entries=100,shards=7");
  for (int i = 0; i < 10'000; ++i) client.set(std::to_string(i), "v");
  EXPECT_EQ(client.adapter->state().items, 100u);
  EXPECT_EQ(client.adapter->state().evictions, 9'900u);
}

TEST(LocalAdapters, StartEmptiesTheCache) {
  Client client("lru:entries=10");
  client.set("a", "1");
  client.session.reset();
  client.adapter->start();
  EXPECT_EQ(client.adapter->state().items, 0u);
}

TEST(LocalAdapters, NullKeepsNothing) {
  Client client("null");
  EXPECT_EQ(client.set("a", "1"), Outcome::kStored);
  EXPECT_EQ(client.get("a"), Outcome::kMiss);
  EXPECT_EQ(client.add("a", "1"), Outcome::kStored);
  EXPECT_EQ(client.erase("a"), Outcome::kNotFound);
  EXPECT_EQ(client.run({.kind = CommandKind::kLease, .key = "a"}), Outcome::kRejected);
  EXPECT_EQ(client.adapter->state().items, 0u);
}

}  // namespace
}  // namespace cachegauge
