// A Wakeup that calls a member function: an object that waits for several things has one of these
// for each.
#pragma once

#include "harness/core/scheduler.h"

namespace cachegauge {

template <class Owner, void (Owner::*kMethod)()>
class MemberWakeup final : public Wakeup {
 public:
  explicit MemberWakeup(Owner& owner) : owner_(owner) {}
  void wake() override { (owner_.*kMethod)(); }

 private:
  Owner& owner_;
};

}  // namespace cachegauge
