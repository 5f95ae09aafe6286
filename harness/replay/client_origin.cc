// What a client has to do with the origin.
#include "harness/core/origin_row.h"
#include "harness/replay/client.h"

namespace cachegauge {

void Client::begin_load() {
  // The origin answers with what it held when it was asked.
  write_version_ = request_->versions().current();
  ++shared_.recorder.counters().origin_calls;
  if (shared_.recorder.classes) ++shared_.recorder.class_figures(request_->key).origin_calls;
  if (shared_.faults) shared_.faults->origin_called(intended_start_ns_);
  shared_.origin_gauge.begin();
  quick_ = false;
}

Client::Call Client::load() {
  begin_load();
  address_origin(CommandKind::kGet, 0);
  return Call(*origin_, origin_order_);
}

Client::Call Client::load(uint32_t held_version) {
  begin_load();
  write_version_ = held_version;
  address_origin(CommandKind::kGet, 0);
  return Call(*origin_, origin_order_);
}

Client::Call Client::store() { return store(request_->versions().current()); }

Client::Call Client::store(uint32_t version) {
  quick_ = false;
  shared_.origin_gauge.begin();
  address_origin(CommandKind::kSet, version);
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
  if (shared_.recorder.classes) ++shared_.recorder.class_figures(request_->key).origin_errors;
  note_origin_failure();
  return false;
}

void Client::note_origin_failure() {
  request_failed_ = true;
  if (shared_.faults) shared_.faults->origin_failed(intended_start_ns_);
  note_silence(shared_.origin_failing_since_ns, shared_.origin_give_up_ns,
               "every call to the origin failed for the last {:.1f} s, so the cell was ended "
               "early; is it up?");
}

bool Client::took_store(const Completion& completion) {
  shared_.origin_gauge.end();
  return !is_failure(completion.outcome);
}

bool Client::took_change_at_origin(const Completion& completion) {
  PatternFigures& figures = shared_.recorder.pattern_figures(request_->key);
  ++figures.origin_write_calls;
  figures.origin_write_ns.record(completion.completed_ns - completion.started_ns);
  if (!shared_.virtual_scheduler) shared_.clock_ns = completed_ns_ = completion.completed_ns;
  if (took_store(completion)) {
    if (completion.outcome != Outcome::kNotStored) ++figures.origin_writes;
    shared_.origin_failing_since_ns = 0;
    return true;
  }
  ++figures.origin_write_errors;
  note_origin_failure();
  return false;
}

uint32_t Client::begin_change() {
  Counters& counters = shared_.recorder.counters();
  switch (request_->op) {
    case Op::kAdd:
      ++counters.adds;
      result_ = Result::kAdd;
      break;
    case Op::kDelete:
      ++counters.deletes;
      result_ = Result::kDelete;
      break;
    default:
      ++counters.sets;
      result_ = Result::kSet;
      break;
  }
  KeyVersions& versions = shared_.feed.record(*request_).versions;
  const uint32_t version = versions.advance();
  versions.begin_write(version);
  return version;
}

void Client::end_change(WriteEffect effect) {
  shared_.feed.record(*request_).versions.end_write(effect);
}

Client::Call Client::copy(uint32_t version) { return write(CommandKind::kSet, version); }

Client::Call Client::drop_copy(uint32_t version) { return write(CommandKind::kDelete, version); }

bool Client::took_copy(const Completion& completion) {
  const bool drops = order_.command.kind == CommandKind::kDelete;
  took_write(completion, drops ? Timing::kServiceDelete : Timing::kServiceSet, result_);
  return !is_failure(completion.outcome);
}

}  // namespace cachegauge
