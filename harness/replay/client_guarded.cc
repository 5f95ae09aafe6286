// The steps of a get under a guard (guarded_get.h), whose commands are its own.
#include "harness/replay/client.h"

namespace cachegauge {

void Client::envelop(const Storing& storing, uint64_t lease) {
  envelope_ = storing.envelope;
  order_.envelope = &envelope_;
  order_.command.ttl_ns = storing.kept_ns;
  order_.command.lease = lease;
}

uint32_t Client::begin_fill() {
  ++shared_.recorder.counters().fills;
  if (write_version_ == 0) write_version_ = request_->versions().current();
  if (!shared_.in_process) request_->record->versions.begin_write(write_version_);
  return write_version_;
}

bool Client::took_look(const Completion& completion) {
  return took(completion, Timing::kServiceGet);
}

void Client::took_lock(const Completion& completion, CommandKind kind) {
  took(completion, kind == CommandKind::kAdd ? Timing::kServiceAdd : Timing::kServiceDelete);
}

void Client::count_get(std::optional<uint64_t> hit_bytes) {
  Counters& counters = shared_.recorder.counters();
  ++counters.gets;
  ++(hit_bytes ? counters.hits : counters.misses);
  counters.get_bytes += hit_bytes.value_or(request_->value_size_bytes);
  counters.hit_bytes += hit_bytes.value_or(0);
  result_ = hit_bytes ? Result::kHit : Result::kMiss;
  request_failed_ = false;
}

void Client::count_failed_get() {
  ++shared_.recorder.counters().gets;
  ++shared_.recorder.counters().get_errors;
  result_ = Result::kFailedGet;
}

void Client::waited() {
  quick_ = false;
  if (!shared_.virtual_scheduler) shared_.clock_ns = completed_ns_ = shared_.scheduler.now_ns();
}

}  // namespace cachegauge
