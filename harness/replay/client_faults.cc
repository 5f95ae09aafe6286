// What a client does about a cache that fails it, and tells of its requests where there are faults.
#include "harness/replay/client.h"

namespace cachegauge {

bool Client::look_for_fallback(const Completion& completion) {
  FaultAccount& faults = *shared_.faults;
  const bool keeps = faults.on_cache_error() == OnCacheError::kStale;
  if (result_ == Result::kHit) {
    const ValueCheck seen = keeps ? check(completion.value) : ValueCheck{};
    if (keeps && seen.verdict == ValueVerdict::kGood) {
      faults.last_seen().note(request_->key_hash, seen.version);
    }
    return false;
  }
  if (result_ != Result::kFailedGet || faults.on_cache_error() == OnCacheError::kFail) return false;
  const auto version = keeps ? faults.last_seen().find(request_->key_hash) : std::nullopt;
  if (!version) return has_origin();
  faults.served_stale(intended_start_ns_, *version < floor_);
  request_failed_ = false;
  return false;
}

// The get stays one that the cache failed; the application has its value.
bool Client::took_fallback(const Completion& completion) {
  if (!took_load(completion)) return false;
  request_failed_ = false;
  shared_.faults->fell_back(intended_start_ns_);
  shared_.faults->last_seen().note(request_->key_hash, write_version_);
  return true;
}

void Client::end_account(int64_t response_ns) {
  shared_.faults->finished(intended_start_ns_, {.is_get = request_->op == Op::kGet,
                                                .is_hit = result_ == Result::kHit,
                                                .failed = request_failed_,
                                                .response_ns = response_ns});
}

}  // namespace cachegauge
