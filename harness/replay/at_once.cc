#include "harness/replay/at_once.h"

namespace cachegauge {

// A command that failed, was rejected, or stored nothing: the client accounts for it as for any
// other, right away.
bool AtOnce::took_odd_get() {
  client_.request_ = request_;
  const bool done = client_.took_get(completion_);
  answered(client_.result_, 1);
  return done;
}

void AtOnce::took_odd_fill(uint32_t version) {
  client_.request_ = request_;
  client_.write_version_ = version;
  client_.took_fill(completion_);
}

void AtOnce::took_odd_change(uint32_t version) {
  client_.request_ = request_;
  client_.write_version_ = version;
  client_.took_change(completion_);
  answered(client_.result_, 1);
}

}  // namespace cachegauge
