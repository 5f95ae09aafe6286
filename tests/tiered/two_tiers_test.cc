// What a client does with two tiers, command by command, in virtual time.
#include "adapters/tiered/two_tiers.h"

#include <gtest/gtest.h>

#include <string>

#include "adapters/adapters.h"
#include "harness/core/virtual_scheduler.h"
#include "tests/network/support.h"

namespace cachegauge {
namespace {

constexpr uint64_t kHash = 0x1234567890abcdef;

Command keyed(CommandKind kind, std::string_view value = {}, int64_t ttl_ns = 0) {
  Command command = command_of(kind, "k", value, ttl_ns);
  command.key_hash = kHash;
  return command;
}

Completion outcome_of(Outcome outcome, std::string_view value = {}) {
  Completion completion;
  completion.outcome = outcome;
  completion.value = value;
  return completion;
}

// Stands in for a server's channel: what is published stays here, until a test delivers it.
class FakeBroker final : public MessageBroker {
 public:
  std::unique_ptr<MessageChannel> open_channel(const SessionContext&, std::string_view,
                                               MessageListener& listener) override {
    listeners.push_back(&listener);
    return std::make_unique<Channel>(*this);
  }
  void deliver() {
    for (const std::string& text : published) {
      for (MessageListener* listener : listeners) listener->message(text);
    }
    published.clear();
  }
  std::vector<MessageListener*> listeners;
  std::vector<std::string> published;

 private:
  struct Channel final : MessageChannel {
    explicit Channel(FakeBroker& owner) : broker(owner) {}
    void publish(std::string_view text) override { broker.published.emplace_back(text); }
    FakeBroker& broker;
  };
};

std::shared_ptr<FirstTier> make_first(uint64_t number = 0) {
  return std::make_shared<FirstTier>(make_adapter(Spec::parse("lru:entries=10"), {}), number);
}

class TwoTiersTest : public testing::Test {
 protected:
  TwoTiers make(TwoTiers::Options options) { return {context_, options, counts_}; }
  // What the first tier has under the key; none: it has nothing.
  std::optional<std::string> look(TwoTiers& tiers, int64_t now_ns = 0) {
    Completion done;
    if (!tiers.look(keyed(CommandKind::kGet), now_ns, done)) return std::nullopt;
    return std::string(done.value);
  }
  void carry_out(TwoTiers& tiers, const Command& command, const Completion& done,
                 int64_t now_ns = 0) {
    tiers.settle(command, tiers.begin(command), now_ns, done);
  }

  VirtualScheduler scheduler_;
  SessionContext context_{.scheduler = scheduler_};
  TierCounts counts_;
};

TEST_F(TwoTiersTest, CopiesAHitAndWhatWasWritten) {
  TwoTiers tiers = make({.first = make_first()});
  EXPECT_EQ(look(tiers), std::nullopt);
  carry_out(tiers, keyed(CommandKind::kGet), outcome_of(Outcome::kMiss));
  EXPECT_EQ(look(tiers), std::nullopt);
  carry_out(tiers, keyed(CommandKind::kGet), outcome_of(Outcome::kHit, "found"));
  EXPECT_EQ(look(tiers), "found");
  carry_out(tiers, keyed(CommandKind::kSet, "written"), outcome_of(Outcome::kStored));
  EXPECT_EQ(look(tiers), "written");
  carry_out(tiers, keyed(CommandKind::kAdd, "added"), outcome_of(Outcome::kNotStored));
  EXPECT_EQ(look(tiers), "written");
  carry_out(tiers, keyed(CommandKind::kSet, "refused"), outcome_of(Outcome::kRejected));
  EXPECT_EQ(look(tiers), "written");
  carry_out(tiers, keyed(CommandKind::kDelete), outcome_of(Outcome::kNotFound));
  EXPECT_EQ(look(tiers), std::nullopt);
  EXPECT_EQ(counts_.l1_hits, 4u);
  EXPECT_EQ(counts_.l1_misses, 3u);
  EXPECT_EQ(counts_.l2_hits, 1u);
  EXPECT_EQ(counts_.l2_misses, 1u);
  EXPECT_EQ(counts_.l1_fills, 2u);
  EXPECT_EQ(counts_.messages_sent, 0u);
}

TEST_F(TwoTiersTest, DropsWhatAWriteMayHaveChanged) {
  for (Outcome outcome : {Outcome::kError, Outcome::kTimeout, Outcome::kNotStored}) {
    TwoTiers tiers = make({.first = make_first()});
    carry_out(tiers, keyed(CommandKind::kSet, "old"), outcome_of(Outcome::kStored));
    carry_out(tiers, keyed(CommandKind::kSet, "new"), outcome_of(outcome));
    EXPECT_EQ(look(tiers), std::nullopt);
  }
}

TEST_F(TwoTiersTest, EndsACopyWithTheShorterOfTheTwoTtls) {
  TwoTiers tiers = make({.first = make_first(), .first_ttl_ns = 100});
  for (const auto& [ttl_ns, end_ns] : {std::pair{0, 100}, {50, 50}, {200, 100}}) {
    carry_out(tiers, keyed(CommandKind::kGet, {}, ttl_ns), outcome_of(Outcome::kHit, "v"));
    EXPECT_EQ(look(tiers, end_ns - 1), "v") << ttl_ns;
    EXPECT_EQ(look(tiers, end_ns), std::nullopt) << ttl_ns;
  }
}

// A get is answered with what was there before a write, which is acknowledged first.
TEST_F(TwoTiersTest, WithholdsACopyThatAWriteHasOvertaken) {
  TwoTiers tiers = make({.first = make_first()});
  const Command get = keyed(CommandKind::kGet), set = keyed(CommandKind::kSet, "new");
  for (const bool get_first : {true, false}) {
    const uint32_t asked_before = tiers.begin(get);
    const uint32_t begun = tiers.begin(set);
    const uint32_t asked = get_first ? asked_before : tiers.begin(get);
    tiers.settle(set, begun, 0, outcome_of(Outcome::kStored));
    tiers.settle(get, asked, 0, outcome_of(Outcome::kHit, "old"));
    EXPECT_EQ(look(tiers), "new");
  }
  EXPECT_EQ(counts_.l1_fills_withheld, 2u);
}

// Two writes overlap, in a first tier that two clients share: which was last is not known.
TEST_F(TwoTiersTest, KeepsNeitherOfTwoWritesThatOverlap) {
  const auto first = make_first();
  TwoTiers one = make({.first = first}), other = make({.first = first});
  const Command a = keyed(CommandKind::kSet, "a"), b = keyed(CommandKind::kSet, "b");
  const uint32_t a_begun = one.begin(a), b_begun = other.begin(b);
  one.settle(a, a_begun, 0, outcome_of(Outcome::kStored));
  other.settle(b, b_begun, 0, outcome_of(Outcome::kStored));
  EXPECT_EQ(look(one), std::nullopt);
}

TEST_F(TwoTiersTest, TellsTheOthersOfAWrite) {
  FakeBroker broker;
  TwoTiers writer = make({.first = make_first(1), .broker = &broker, .channel = "c"});
  TwoTiers reader = make({.first = make_first(2), .broker = &broker, .channel = "c"});
  for (MessageListener* listener : broker.listeners) listener->subscribed();
  carry_out(reader, keyed(CommandKind::kGet), outcome_of(Outcome::kHit, "old"));
  carry_out(writer, keyed(CommandKind::kSet, "new"), outcome_of(Outcome::kStored));
  EXPECT_EQ(look(reader), "old") << "until it hears of it";
  broker.deliver();
  EXPECT_EQ(look(reader), std::nullopt);
  EXPECT_EQ(look(writer), "new") << "its own message is of no concern to it";
  EXPECT_EQ(counts_.messages_sent, 1u);
  EXPECT_EQ(counts_.messages_received, 1u);
  EXPECT_EQ(counts_.l1_invalidations, 1u);

  // The message comes while the answer is on its way.
  const Command get = keyed(CommandKind::kGet);
  const uint32_t asked = reader.begin(get);
  carry_out(writer, keyed(CommandKind::kSet, "newer"), outcome_of(Outcome::kStored));
  broker.deliver();
  reader.settle(get, asked, 0, outcome_of(Outcome::kHit, "new"));
  EXPECT_EQ(look(reader), std::nullopt);
}

TEST_F(TwoTiersTest, TrustsWhatItHoldsWhileItHearsOfWrites) {
  FakeBroker broker;
  TwoTiers tiers = make({.first = make_first(), .broker = &broker, .channel = "c"});
  const auto fill = [&] {
    carry_out(tiers, keyed(CommandKind::kGet), outcome_of(Outcome::kHit, "v"));
  };
  fill();
  EXPECT_EQ(look(tiers), std::nullopt) << "not before it has subscribed";
  broker.listeners[0]->subscribed();
  fill();
  EXPECT_EQ(look(tiers), "v");
  broker.listeners[0]->lost();
  EXPECT_EQ(look(tiers), std::nullopt);
  broker.listeners[0]->subscribed();
  EXPECT_EQ(look(tiers), std::nullopt) << "it may have missed a message";
  fill();
  EXPECT_EQ(look(tiers), "v");
}

}  // namespace
}  // namespace cachegauge
