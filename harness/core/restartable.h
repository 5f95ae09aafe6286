// What a cache with a server of its own may be, beside an Adapter.
#pragma once

#include <cstdint>

namespace cachegauge {

class Restartable {
 public:
  // Kills the server at once and has it start again `down_ns` after that, empty and at the same
  // address. Does not wait for it, and sessions find it again by themselves. A forked child may
  // call it. `now_ns` is the scheduler's time. Throws Error::failed if it cannot.
  virtual void restart(int64_t down_ns, int64_t now_ns) = 0;

 protected:
  ~Restartable() = default;
};

}  // namespace cachegauge
