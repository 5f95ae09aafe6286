// What guards with a lock have in common: the request that gets the key's lock makes the value, the
// others look for it again and again.
#pragma once

#include <cstdint>
#include <string>

#include "harness/replay/guards/guarded_request.h"

namespace cachegauge {

struct LockRules {
  int64_t ttl_ns = 0;
  int64_t poll_ns = 0;       // the pause before the first look
  int64_t most_poll_ns = 0;  // which later ones double up to
  int64_t wait_ns = 0;       // after which a request that waits fails
  bool second_look = false;
  bool token = false;
  bool random_pauses = false;
};

// Of the parameters ttl, poll and wait: with a second look, and pauses that double.
LockRules read_careful_lock_rules(const Spec& spec);

// The lock is a key beside the value's, unless a derived class has it elsewhere.
class KeyLock : public GuardPart {
 public:
  explicit KeyLock(const LockRules& rules) : rules_(rules) {}
  bool recovers() const override { return true; }
  int64_t lock_ttl_ns() const override { return rules_.ttl_ns; }
  Task<Served> recover(GuardedRequest& request) override;

 protected:
  // The text outlives the task. True if the lock is held from now on.
  virtual Task<bool> take(GuardedRequest& request, const std::string& token);
  virtual Task<bool> give_up(GuardedRequest& request, const std::string& token);
  const LockRules& rules() const { return rules_; }

 private:
  Task<Served> hold(GuardedRequest& request, const std::string& token);
  int64_t pause_ns(int64_t longest_ns, SplitMix64& random) const;

  const LockRules rules_;
};

}  // namespace cachegauge
