// What a client counts by class of key, beside the whole.
#include "harness/replay/client.h"

namespace cachegauge {

// One that waited for nothing takes the long way through finish(), which records its response by
// itself and not with others of its kind.
void Client::count_class() {
  quick_ = false;
  class_ = &shared_.recorder.class_figures(request_->key);
  switch (result_) {
    case Result::kHit:
      ++class_->gets;
      ++class_->hits;
      break;
    case Result::kMiss:
      ++class_->gets;
      ++class_->misses;
      break;
    case Result::kFailedGet:
      ++class_->gets;
      ++class_->get_errors;
      break;
    case Result::kSet:
      ++class_->sets;
      break;
    case Result::kAdd:
      ++class_->adds;
      break;
    case Result::kDelete:
      ++class_->deletes;
      break;
  }
}

void Client::count_stale() {
  ++shared_.recorder.counters().stale;
  if (shared_.recorder.classes) ++shared_.recorder.class_figures(request_->key).stale;
}

}  // namespace cachegauge
