// What a cache whose sessions hold copies for themselves may be, beside an Adapter.
#pragma once

namespace cachegauge {

class KeepsCopies {
 public:
  // What sessions hold for themselves, beside the cache that all share, is not served again.
  // Thread-safe, also while sessions work.
  virtual void forget_copies() = 0;

 protected:
  ~KeepsCopies() = default;
};

}  // namespace cachegauge
