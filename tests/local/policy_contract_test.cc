// What the contract in policy.h asks of every policy: under random calls, and in small cases that
// come out alike for all policies without ghosts, chance or admission.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harness/core/random.h"
#include "tests/local/letters.h"
#include "tests/support/sanitized.h"

namespace cachegauge {
namespace {

// A policy behind virtual calls, so that what follows is compiled once and not for each policy.
class Contract;
class AnyPolicy {
 public:
  virtual ~AnyPolicy() = default;
  virtual void reserve(uint32_t slots) = 0;
  virtual void hit(const Access& access, Contract& sink) = 0;
  virtual bool resize(const Access& access, uint64_t old_size, Contract& sink) = 0;
  virtual bool insert(const Access& access, Contract& sink, uint32_t named) = 0;
  virtual void erase(uint32_t slot, Contract& sink) = 0;
  virtual bool resident(uint32_t slot) const = 0;
  virtual uint64_t used() const = 0;
  virtual uint64_t items() const = 0;
  virtual uint64_t max_ghosts() const = 0;
  virtual uint32_t next_victim(const Access& access, Contract& sink) = 0;
};

template <class Policy>
class Wrapped final : public AnyPolicy {
 public:
  explicit Wrapped(const PolicySettings& settings) : policy_(settings) {}
  void reserve(uint32_t slots) override { policy_.reserve(slots); }
  void hit(const Access& access, Contract& sink) override { policy_.hit(access, sink); }
  bool resize(const Access& access, uint64_t old_size, Contract& sink) override {
    return policy_.resize(access, old_size, sink);
  }
  bool insert(const Access& access, Contract& sink, uint32_t named) override {
    return policy_.insert(access, sink, named);
  }
  void erase(uint32_t slot, Contract& sink) override { policy_.erase(slot, sink); }
  bool resident(uint32_t slot) const override { return policy_.resident(slot); }
  uint64_t used() const override { return policy_.used(); }
  uint64_t items() const override { return policy_.items(); }
  uint64_t max_ghosts() const override {
    if constexpr (GhostPolicy<Policy>) return policy_.max_ghosts();
    return 0;
  }
  uint32_t next_victim(const Access& access, Contract& sink) override {
    return policy_.next_victim(access, sink);
  }

 private:
  Policy policy_;
};

std::unique_ptr<AnyPolicy> make_policy(const PolicySettings& settings) {
  std::unique_ptr<AnyPolicy> made;
  AllPolicies::for_each([&]<class Policy>() {
    if (Policy::kInfo.name == settings.spec.kind()) {
      made = std::make_unique<Wrapped<Policy>>(settings);
    }
  });
  return made;
}

// Whose next victim is another when asked for again: they draw, or count what they are asked about.
constexpr std::string_view kDrawing[] = {"random", "hyperbolic", "lhd",
                                         "lecar",  "cacheus",    "wtinylfu"};

// Holds a policy to what it tells its user, who with `asks` has it name its victims, and often
// makes nothing of it.
class Contract {
 public:
  static constexpr uint32_t kSlots = 40;

  Contract(const PolicySettings& settings, bool asks)
      : capacity_(settings.capacity),
        policy_(make_policy(settings)),
        asks_(asks),
        draws_(std::ranges::count(kDrawing, settings.spec.kind()) > 0) {
    policy_->reserve(kSlots);
  }

  void step(SplitMix64& random) {
    const auto slot = static_cast<uint32_t>(std::min(random.below(kSlots), random.below(kSlots)));
    const uint64_t size = capacity_.in_bytes ? 1 + random.below(14) : 1;
    const uint64_t op = random.below(10);
    ghosts_may_grow_ = random.below(4) != 0;
    ++now_ns_;
    if (!sizes_.contains(slot)) {
      const uint32_t named = asks_ ? next_victim(slot, size) : kNoSlot;
      if (!asks_ || random.below(3) == 0) insert(slot, size, named);
    } else if (op == 0) {
      policy_->erase(slot, *this);
      sizes_.erase(slot);
    } else if (op < 3 && capacity_.in_bytes) {
      policy_->hit(access(slot, sizes_[slot]), *this);
      resize(slot, size);
    } else {
      policy_->hit(access(slot, sizes_[slot]), *this);
    }
    check();
  }

  uint64_t size(uint32_t slot) const;
  int64_t expires_ns(uint32_t) const { return kNeverExpires; }
  bool evicted(uint32_t slot);
  void forgotten(uint32_t slot);

 private:
  Access access(uint32_t slot, uint64_t size) const {
    return {.slot = slot, .key_hash = hash_integer_key(slot), .size = size, .now_ns = now_ns_};
  }

  uint32_t next_victim(uint32_t slot, uint64_t size) {
    const uint64_t evictions_before = evictions_;
    const std::set<uint32_t> ghosts_before = ghosts_;
    const uint32_t named = policy_->next_victim(access(slot, size), *this);
    if (!draws_) {
      EXPECT_EQ(policy_->next_victim(access(slot, size), *this), named);
    }
    EXPECT_EQ(evictions_, evictions_before);
    EXPECT_EQ(ghosts_, ghosts_before);
    EXPECT_TRUE(named == kNoSlot || sizes_.contains(named));
    return named;
  }

  void insert(uint32_t slot, uint64_t size, uint32_t named) {
    const bool full = policy_->used() + size > capacity_.limit;
    inserting_ = storing_ = slot;
    storing_size_ = size;
    const uint64_t evictions_before = evictions_;
    first_victim_ = kNoSlot;
    if (policy_->insert(access(slot, size), *this, named)) {
      EXPECT_LE(size, capacity_.limit);
      sizes_[slot] = size;
      ghosts_.erase(slot);
    } else if (size > capacity_.limit) {
      EXPECT_EQ(evictions_, evictions_before);
    } else {
      EXPECT_TRUE(full) << "nothing is declined while there is room";
      EXPECT_TRUE(capacity_.in_bytes);
    }
    if (!full) {
      EXPECT_EQ(evictions_, evictions_before);
    }
    if (asks_) {
      EXPECT_EQ(first_victim_, named);
    }
    inserting_ = storing_ = kNoSlot;
  }

  void resize(uint32_t slot, uint64_t size) {
    const uint64_t old_size = sizes_[slot];
    const uint64_t evictions_before = evictions_;
    storing_ = slot;
    sizes_[slot] = storing_size_ = size;
    const bool stays = policy_->resize(access(slot, size), old_size, *this);
    EXPECT_EQ(stays, sizes_.contains(slot));
    if (size > capacity_.limit) {
      EXPECT_FALSE(sizes_.contains(slot));
      EXPECT_EQ(evictions_, evictions_before + 1);
    }
    storing_ = kNoSlot;
  }

  void check() const {
    uint64_t used = 0;
    for (const auto& [slot, size] : sizes_) used += size;
    EXPECT_EQ(policy_->used(), used);
    EXPECT_LE(used, capacity_.limit);
    EXPECT_EQ(policy_->items(), sizes_.size());
    EXPECT_TRUE(gone_.empty()) << "what may not be a ghost is forgotten at once";
    for (uint32_t slot = 0; slot < kSlots; ++slot) {
      EXPECT_EQ(policy_->resident(slot), sizes_.contains(slot));
    }
    if (!capacity_.in_bytes || policy_->max_ghosts() == 0) {
      EXPECT_LE(ghosts_.size(), policy_->max_ghosts());
    }
  }

  PolicyCapacity capacity_;
  std::unique_ptr<AnyPolicy> policy_;
  bool asks_;
  bool draws_;
  std::map<uint32_t, uint64_t> sizes_;  // of residents
  std::set<uint32_t> ghosts_;
  std::set<uint32_t> gone_;  // evicted, must not be a ghost, and not yet forgotten
  uint32_t inserting_ = kNoSlot;
  uint32_t storing_ = kNoSlot;
  uint64_t storing_size_ = 0;
  uint64_t evictions_ = 0;
  uint32_t first_victim_ = kNoSlot;  // of the insert under way
  int64_t now_ns_ = 0;
  bool ghosts_may_grow_ = true;
};

uint64_t Contract::size(uint32_t slot) const {
  EXPECT_TRUE(slot == storing_ || sizes_.contains(slot));
  return slot == storing_ ? storing_size_ : sizes_.at(slot);
}

bool Contract::evicted(uint32_t slot) {
  EXPECT_EQ(sizes_.erase(slot), 1u) << "only residents are evicted";
  EXPECT_NE(slot, inserting_);
  ++evictions_;
  if (first_victim_ == kNoSlot) first_victim_ = slot;
  const bool may_be_ghost = ghosts_may_grow_ && slot != storing_;
  (may_be_ghost ? ghosts_ : gone_).insert(slot);
  return may_be_ghost;
}

void Contract::forgotten(uint32_t slot) {
  EXPECT_EQ(ghosts_.erase(slot) + gone_.erase(slot), 1u);
  EXPECT_NE(slot, inserting_);
}

TEST(PolicyContract, HoldsForEveryPolicyUnderRandomCalls) {
  constexpr PolicyCapacity kCapacities[] = {{.limit = 1},
                                            {.limit = 2},
                                            {.limit = 5},
                                            {.limit = 20},
                                            {.limit = 10, .in_bytes = true},
                                            {.limit = 100, .in_bytes = true}};
  std::vector<Spec> specs = {Spec::parse("clock:bits=3"), Spec::parse("wtinylfu:adaptive=on")};
  for (const PolicyInfo& policy : kPolicyTable) {
    if ((policy.needs & kNeedsCapacity) != 0) specs.emplace_back(std::string(policy.name));
  }
  for (const Spec& spec : specs) {
    for (const PolicyCapacity& capacity : kCapacities) {
      for (uint64_t seed = 1; seed <= (kSanitized ? 1u : 3u); ++seed) {
        SCOPED_TRACE(testing::Message()
                     << spec.text() << ", limit " << capacity.limit << ", seed " << seed);
        SplitMix64 random(seed);
        for (const bool asks : {false, true}) {
          SCOPED_TRACE(asks ? "asked for its victims" : "");
          Contract contract({capacity, spec}, asks);
          for (int i = 0; i < 3000 && !testing::Test::HasFailure(); ++i) contract.step(random);
        }
      }
    }
  }
}

template <class Policy>
class PlainPolicy : public testing::Test {};
using PlainPolicies = testing::Types<LruPolicy, LfuPolicy, FifoPolicy, ClockPolicy, SievePolicy,
                                     TtlPolicy, SlruPolicy>;
TYPED_TEST_SUITE(PlainPolicy, PlainPolicies);

TYPED_TEST(PlainPolicy, EvictsUntilThereIsRoomAndNotBefore) {
  Letters<TypeParam> p(kTenBytes);
  EXPECT_TRUE(p.use('a', 4));
  EXPECT_TRUE(p.use('b', 6));
  EXPECT_EQ(p.sink.victims, "");
  EXPECT_EQ(p.policy.used(), 10u);
  EXPECT_TRUE(p.use('c', 5));  // a's 4 bytes are too few
  EXPECT_EQ(p.sink.victims, "ab");
  EXPECT_EQ(p.policy.used(), 5u);
  EXPECT_EQ(p.policy.items(), 1u);
}

TYPED_TEST(PlainPolicy, DeclinesWhatCannotFitAndEvictsNothingForIt) {
  Letters<TypeParam> p(kTenBytes);
  p.use('a', 10);
  EXPECT_FALSE(p.use('b', 11));
  EXPECT_EQ(p.residents(), "a");
  EXPECT_EQ(p.sink.victims, "");
  EXPECT_EQ(p.sink.forgotten_slots, "") << "a declined slot was never the policy's";
}

TYPED_TEST(PlainPolicy, AnObjectThatOutgrowsTheCacheGoesAlone) {
  Letters<TypeParam> p(kTenBytes);
  p.use('a', 3);
  p.use('b', 3);
  p.use('c', 3);
  EXPECT_FALSE(p.resize('c', 11));
  EXPECT_EQ(p.sink.victims, "c");
  EXPECT_EQ(p.residents(), "ab");
  EXPECT_EQ(p.policy.used(), 6u);
}

TYPED_TEST(PlainPolicy, ResizeMakesRoomAmongTheOthers) {
  Letters<TypeParam> p(kTenBytes);
  p.use('a', 3);
  p.use('b', 3);
  p.use('c', 3);
  EXPECT_TRUE(p.resize('c', 5));
  EXPECT_EQ(p.sink.victims, "a");
  EXPECT_EQ(p.policy.used(), 8u);
  EXPECT_TRUE(p.resize('c', 1));
  EXPECT_EQ(p.policy.used(), 4u);
  EXPECT_EQ(p.residents(), "bc");
}

TYPED_TEST(PlainPolicy, ResizeMayTakeTheObjectItself) {
  Letters<TypeParam> p(kTenBytes);
  p.use('a', 3);
  p.use('b', 3);
  p.use('c', 3);
  // Nothing was used since, so in every one of these orders the next victims are a and then b.
  EXPECT_FALSE(p.resize('b', 10));
  EXPECT_EQ(p.sink.victims, "ab");
  EXPECT_EQ(p.residents(), "c");
}

TYPED_TEST(PlainPolicy, ForgetsWhatItEvictsAndNotWhatIsErased) {
  Letters<TypeParam> p(kThreeEntries);
  p.use_all("abc");
  p.erase('b');
  EXPECT_EQ(p.sink.forgotten_slots, "");
  EXPECT_EQ(p.policy.used(), 2u);
  p.use_all("de");
  EXPECT_EQ(p.sink.victims, "a");
  EXPECT_EQ(p.sink.forgotten_slots, "a");
  EXPECT_EQ(p.residents(), "cde");
}

TYPED_TEST(PlainPolicy, WorksWithOneEntry) {
  Letters<TypeParam> p({.limit = 1});
  p.use_all("aabbcca");
  EXPECT_EQ(p.sink.victims, "abc");
  EXPECT_EQ(p.residents(), "a");
  p.erase('a');
  EXPECT_EQ(p.policy.items(), 0u);
  p.use_all("z");
  EXPECT_EQ(p.residents(), "z");
}

TEST(PolicyTable, RowsHaveNameSummaryAndSource) {
  for (const PolicyInfo& row : kPolicyTable) {
    EXPECT_FALSE(row.name.empty());
    EXPECT_FALSE(row.summary.empty()) << row.name;
    EXPECT_EQ(row.paper.empty(), row.name == "unbounded") << row.name;
  }
}

}  // namespace
}  // namespace cachegauge
