#include "harness/stampede/model_cache.h"

#include <cmath>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/core/lease_book.h"
#include "harness/core/random.h"
#include "harness/core/restartable.h"

namespace cachegauge {
namespace {

constexpr int64_t kNever = INT64_MAX;
constexpr uint64_t kLegDraws = uint64_t{5} << 32;  // a purpose of random streams

// By the keys' hashes: those of a scenario are few.
class Entries {
 public:
  // The value that is found is valid until the entry changes.
  Outcome carry_out(const Command& c, int64_t now_ns, Completion& done) {
    if (now_ns < down_until_ns_) return Outcome::kError;
    const uint64_t key = c.key_hash;
    Entry* const entry = find(key, now_ns);
    const bool under_lease = c.lease != 0 && c.lease != kAnyLease;
    switch (c.kind) {
      case CommandKind::kGet:
        if (!entry) return Outcome::kMiss;
        done.value = entry->value;
        return Outcome::kHit;
      case CommandKind::kAdd:
        if (entry) return Outcome::kNotStored;
        [[fallthrough]];
      case CommandKind::kSet:
        if (under_lease && !leases_.end(key, c.lease, now_ns)) return Outcome::kNotStored;
        entries_[key] = {std::string(c.value), c.ttl_ns > 0 ? now_ns + c.ttl_ns : kNever};
        leases_.revoke(key);
        return Outcome::kStored;
      case CommandKind::kCompareAndDelete:
        if (entry && entry->value != c.value) return Outcome::kNotFound;
        [[fallthrough]];
      case CommandKind::kDelete:
        if (under_lease) {
          return leases_.end(key, c.lease, now_ns) ? Outcome::kDeleted : Outcome::kNotFound;
        }
        leases_.revoke(key);
        if (!entry) return Outcome::kNotFound;
        entries_.erase(key);
        return Outcome::kDeleted;
      case CommandKind::kLease:
        if (entry) done.value = entry->value;
        if (entry && entry->expires_ns - now_ns > c.stale_ns) return Outcome::kHit;
        done.lease = leases_.grant(key, now_ns, c.ttl_ns);
        return done.lease != 0 ? Outcome::kLeaseGranted : Outcome::kMiss;
    }
    return Outcome::kRejected;
  }

  void restart(int64_t back_ns) {
    entries_.clear();
    leases_.clear();
    down_until_ns_ = back_ns;
  }

 private:
  struct Entry {
    std::string value;
    int64_t expires_ns;
  };

  Entry* find(uint64_t key, int64_t now_ns) {
    const auto place = entries_.find(key);
    if (place == entries_.end()) return nullptr;
    if (now_ns < place->second.expires_ns) return &place->second;
    entries_.erase(place);
    return nullptr;
  }

  std::unordered_map<uint64_t, Entry> entries_;
  LeaseBook leases_;
  int64_t down_until_ns_ = INT64_MIN;
};

class InstantSession final : public Session {
 public:
  explicit InstantSession(Entries& entries) : entries_(entries) {}

  void submit(std::span<const Command> commands) override {
    for (const Command& command : commands) {
      Completion done;
      execute(command, done);
      done_.push_back({done, std::string(done.value)});
    }
  }

  size_t poll(std::span<Completion> out) override {
    size_t count = 0;
    handed_.clear();
    for (; count < out.size() && !done_.empty(); ++count) {
      handed_.push_back(std::move(done_.front()));
      done_.pop_front();
      out[count] = handed_.back().completion;
      out[count].value = handed_.back().value;
    }
    return count;
  }

  bool execute(const Command& command, Completion& completion) override {
    completion = {.tag = command.tag};
    completion.outcome = entries_.carry_out(command, command.now_ns, completion);
    return true;
  }

 private:
  struct Done {
    Completion completion;
    std::string value;
  };
  Entries& entries_;
  std::deque<Done> done_, handed_;
};

// Each way of each command takes a quarter of the mean round trip and, on average, as much again:
// commands of different clients overtake each other, as they do on a network.
class DistantSession final : public Session {
 public:
  DistantSession(Entries& entries, const SessionContext& context, int64_t round_trip_ns,
                 uint64_t seed)
      : entries_(entries),
        scheduler_(context.scheduler),
        client_(context.client),
        ready_(context.ready),
        quarter_ns_(static_cast<double>(round_trip_ns) / 4),
        random_(random_stream(seed, kLegDraws + context.client)) {}

  void submit(std::span<const Command> commands) override {
    for (const Command& command : commands) {
      if (free_.empty()) free_.push_back(&under_way_.emplace_back(*this));
      UnderWay& one = *free_.back();
      free_.pop_back();
      one.begin(command);
    }
  }

  size_t poll(std::span<Completion> out) override {
    free_.insert(free_.end(), handed_.begin(), handed_.end());
    handed_.clear();
    size_t count = 0;
    for (; count < out.size() && !replied_.empty(); ++count) {
      out[count] = replied_.front()->completion();
      handed_.push_back(replied_.front());
      replied_.pop_front();
    }
    return count;
  }

 private:
  class UnderWay final : public Wakeup {
   public:
    explicit UnderWay(DistantSession& session) : session_(session) {}

    void begin(const Command& command) {
      command_ = command;
      value_ = command.value;
      has_arrived_ = false;
      completion_ = {.tag = command.tag, .started_ns = session_.scheduler_.now_ns()};
      session_.wake_after_leg(this);
    }

    void wake() override {
      if (has_arrived_) return session_.take_reply(this);
      has_arrived_ = true;
      command_.value = value_;
      completion_.outcome =
          session_.entries_.carry_out(command_, session_.scheduler_.now_ns(), completion_);
      value_ = completion_.value;
      session_.wake_after_leg(this);
    }

    Completion completion() const {
      Completion done = completion_;
      done.value = value_;
      done.completed_ns = session_.scheduler_.now_ns();
      return done;
    }

   private:
    DistantSession& session_;
    Command command_;    // its texts are gone once it was sent
    std::string value_;  // to be stored; once the command has arrived, what was found
    bool has_arrived_ = false;
    Completion completion_;
  };

  void wake_after_leg(UnderWay* command) {
    const double leg_ns = quarter_ns_ + random_.exponential(quarter_ns_);
    scheduler_.wake_at(scheduler_.now_ns() + std::llround(leg_ns), client_, command);
  }
  void take_reply(UnderWay* command) {
    if (replied_.empty()) scheduler_.post(ready_);
    replied_.push_back(command);
  }

  Entries& entries_;
  Scheduler& scheduler_;
  const uint32_t client_;
  Wakeup* const ready_;
  const double quarter_ns_;
  SplitMix64 random_;
  std::deque<UnderWay> under_way_;  // where they stay
  std::vector<UnderWay*> free_, handed_;
  std::deque<UnderWay*> replied_;
};

class ModelCache final : public Adapter, public Restartable {
 public:
  ModelCache(const Spec& spec, const Capabilities& like, int64_t round_trip_ns, uint64_t seed)
      : spec_(spec), commands_(like.commands), round_trip_ns_(round_trip_ns), seed_(seed) {}

  const Spec& spec() const override { return spec_; }
  Capabilities capabilities() const override {
    return {.commands = commands_, .in_process = round_trip_ns_ == 0, .bounded = false};
  }
  void start() override { entries_ = {}; }
  std::unique_ptr<Session> open(const SessionContext& context) override {
    if (round_trip_ns_ == 0) return std::make_unique<InstantSession>(entries_);
    return std::make_unique<DistantSession>(entries_, context, round_trip_ns_, seed_);
  }
  AdapterState state() override { return {}; }
  void restart(int64_t down_ns, int64_t now_ns) override { entries_.restart(now_ns + down_ns); }

 private:
  const Spec spec_;
  const uint32_t commands_;
  const int64_t round_trip_ns_;
  const uint64_t seed_;
  Entries entries_;
};

}  // namespace

std::unique_ptr<Adapter> make_model_cache(const Spec& spec, const Capabilities& like,
                                          int64_t round_trip_ns, uint64_t seed) {
  return std::make_unique<ModelCache>(spec, like, round_trip_ns, seed);
}

}  // namespace cachegauge
