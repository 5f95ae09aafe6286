// What a client has to do with the origin.
#include "harness/core/origin_row.h"
#include "harness/replay/client.h"

namespace cachegauge {

void Client::begin_load() {
  // The origin answers with what it held when it was asked.
  write_version_ = request_->versions().current();
  ++shared_.recorder.counters().origin_calls;
  shared_.origin_gauge.begin();
  quick_ = false;
}

Client::Call Client::load() {
  begin_load();
  address_origin(CommandKind::kGet, 0);
  return Call(*origin_, origin_order_);
}

Client::Call Client::store() {
  address_origin(CommandKind::kSet, request_->versions().current());
  return Call(*origin_, origin_order_);
}

// `version` is that of the value to store; 0: there is none.
void Client::address_origin(CommandKind kind, uint32_t version) {
  origin_order_.command = order_.command;
  origin_order_.command.kind = kind;
  origin_order_.command.key.remove_prefix(shared_.key_prefix_bytes);
  origin_order_.command.version = origin_order_.version = version;
  origin_order_.command.now_ns = shared_.scheduler.now_ns();
}

bool Client::took_load(const Completion& completion) {
  shared_.origin_gauge.end();
  shared_.recorder.time(Timing::kServiceOrigin, completion.completed_ns - completion.started_ns);
  if (!shared_.virtual_scheduler) shared_.clock_ns = completed_ns_ = completion.completed_ns;
  if (!is_failure(completion.outcome)) {
    shared_.origin_failing_since_ns = 0;
    if (const uint32_t version = origin_row_version(completion.value)) write_version_ = version;
    return true;
  }
  ++shared_.recorder.counters().origin_errors;
  note_silence(shared_.origin_failing_since_ns, shared_.origin_give_up_ns,
               "every call to the origin failed for the last {:.1f} s, so the cell was ended "
               "early; is it up?");
  return false;
}

}  // namespace cachegauge
