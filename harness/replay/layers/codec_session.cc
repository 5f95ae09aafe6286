#include "harness/replay/layers/codec_session.h"

#include <nlohmann/json.hpp>

#include "harness/core/clock.h"

namespace cachegauge {
namespace {

bool carries_value(CommandKind kind) {
  return kind == CommandKind::kSet || kind == CommandKind::kAdd ||
         kind == CommandKind::kCompareAndDelete;
}

// A hit's, or the stale one of a lease. In process, what is in `value` after a miss means nothing.
bool brings_value(const Completion& completion, bool may_be_stale) {
  if (completion.outcome == Outcome::kHit) return true;
  return may_be_stale && !completion.value.empty() &&
         (completion.outcome == Outcome::kLeaseGranted || completion.outcome == Outcome::kMiss);
}

}  // namespace

CodecSession::Encoded CodecSession::encode(const Command& command) {
  Encoded encoded{command};
  if (!carries_value(command.kind)) return encoded;
  const nlohmann::json& document = documents_.of(command.value, command.key_hash);
  encoded_.clear();
  encoded.begin_ns = monotonic_ns();
  codec_.encode(document, encoded_);
  encoded.end_ns = monotonic_ns();
  recorder_.time(Timing::kEncode, encoded.end_ns - encoded.begin_ns);
  if (LayerCounts* counts = recorder_.layer_counts()) {
    ++counts->values_encoded;
    counts->plain_bytes += command.value.size();
    counts->encoded_bytes += encoded_.size();
  }
  encoded.command.value = encoded_;
  return encoded;
}

int64_t CodecSession::decode(std::string_view bytes, int64_t begin_ns, std::string& value) {
  bool whole = false;
  int64_t end_ns = 0;
  try {
    const nlohmann::json document = codec_.decode(bytes);
    end_ns = monotonic_ns();
    whole = documents_.append_value(document, value);
  } catch (const nlohmann::json::exception&) {
    end_ns = monotonic_ns();
  }
  recorder_.time(Timing::kDecode, end_ns - begin_ns);
  if (!whole) value += bytes;
  if (LayerCounts* counts = recorder_.layer_counts()) {
    ++counts->values_decoded;
    counts->undecodable += !whole;
  }
  return end_ns;
}

// The caller has read the clock before, if it wants stamps.
bool CodecSession::execute(const Command& command, Completion& completion) {
  const int64_t started_ns = completion.started_ns;
  const Encoded encoded = encode(command);
  completion.value = {};
  if (!cache_->execute(encoded.command, completion)) return false;
  if (brings_value(completion, command.kind == CommandKind::kLease)) {
    values_.clear();
    completion.started_ns = started_ns;
    completion.completed_ns = decode(completion.value, monotonic_ns(), values_);
    completion.value = values_;
  } else if (encoded.end_ns != 0) {
    completion.started_ns = encoded.begin_ns;
    completion.completed_ns = monotonic_ns();
  }
  return true;
}

void CodecSession::submit(std::span<const Command> commands) {
  for (const Command& command : commands) {
    const Encoded encoded = encode(command);
    cache_->submit({&encoded.command, 1});
  }
}

size_t CodecSession::poll(std::span<Completion> out) {
  const size_t count = cache_->poll(out);
  values_.clear();
  ends_.clear();
  for (Completion& completion : out.first(count)) {
    if (brings_value(completion, true)) {
      const int64_t end_ns = decode(completion.value, monotonic_ns(), values_);
      if (completion.completed_ns != 0) completion.completed_ns = end_ns;
    }
    ends_.push_back(values_.size());
  }
  size_t begin = 0;
  for (size_t i = 0; i < count; ++i) {  // now that they stay where they are
    out[i].value = std::string_view(values_).substr(begin, ends_[i] - begin);
    begin = ends_[i];
  }
  return count;
}

}  // namespace cachegauge
