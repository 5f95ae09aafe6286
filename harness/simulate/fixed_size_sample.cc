#include "harness/simulate/fixed_size_sample.h"

#include <algorithm>
#include <cmath>

#include "harness/core/clock.h"
#include "harness/core/histogram.h"
#include "harness/core/statistics.h"

namespace cachegauge {
namespace {

constexpr size_t kSampleBatch = 1024;  // rows between two looks at `stop`
constexpr size_t kPoints = 200;

}  // namespace

SampledStack::SampledStack(uint32_t most_keys, double share, bool in_bytes)
    : most_keys_(most_keys),
      share_(share),
      in_bytes_(in_bytes),
      keys_(most_keys + 1),
      stack_(most_keys + 1) {
  for (uint32_t id = 0; id <= most_keys; ++id) free_ids_.push_back(id);
}

double SampledStack::rate() const {
  return share_ * std::ldexp(static_cast<double>(threshold_), -64);
}

void SampledStack::serve(const Request& request, uint64_t key_hash, uint64_t place, int64_t now_ns,
                         bool counts) {
  if (place >= threshold_) return;
  const auto known = ids_.find(key_hash);
  const bool is_first = known == ids_.end();
  const uint32_t id = is_first ? take_in(request, key_hash, place) : known->second;
  if (id == kNoSlot) return;  // the sample is full, and its place the highest
  ++sampled_requests_;
  StackedObject& object = keys_[id].object;
  const bool held = stack_.holds(id);
  const bool live = held && now_ns < object.expires_ns;
  if (request.op == Op::kDelete) {
    if (held) stack_.erase(id);
    return;
  }
  if (request.op == Op::kGet && counts) {
    const uint64_t bytes = live ? object.value_size : request.value_size_bytes;
    const Weights weights = {1 / rate(), static_cast<double>(bytes) / rate()};
    all_.gets += weights.gets;
    all_.bytes += weights.bytes;
    if (is_first) first_gets_ += weights.gets;
    if (live) gain(stack_.depth(id), weights);
  }
  if (request.op != Op::kGet || !live) {
    object.store(request.value_size_bytes, now_ns, request.ttl_ns);
  }
  const PolicyCapacity capacity = {.in_bytes = in_bytes_};
  stack_.push(id, charge(capacity, key_bytes(request), object.value_size));
}

uint32_t SampledStack::take_in(const Request& request, uint64_t key_hash, uint64_t place) {
  const uint32_t id = free_ids_.back();
  free_ids_.pop_back();
  ids_[key_hash] = id;
  order_.push({place, id});
  const uint64_t footprint = key_bytes(request) + request.value_size_bytes;
  keys_[id] = {.hash = key_hash, .footprint = footprint, .object = {}};
  held_bytes_ += footprint;
  if (ids_.size() > most_keys_) drop_highest();
  return place < threshold_ ? id : kNoSlot;
}

void SampledStack::drop_highest() {
  const auto [place, id] = order_.top();
  order_.pop();
  threshold_ = place;
  if (stack_.holds(id)) stack_.forget(id);
  held_bytes_ -= keys_[id].footprint;
  ids_.erase(keys_[id].hash);
  free_ids_.push_back(id);
}

void SampledStack::gain(uint64_t depth, const Weights& weights) {
  const size_t bucket = Histogram::bucket_of(std::llround(static_cast<double>(depth) / rate()));
  if (bucket >= gained_.size()) gained_.resize(bucket + 1);
  gained_[bucket].gets += weights.gets;
  gained_[bucket].bytes += weights.bytes;
}

SampledStack::Weights SampledStack::missed_at(uint64_t size) const {
  Weights missed = all_;
  for (size_t bucket = 0; bucket < gained_.size(); ++bucket) {
    if (static_cast<uint64_t>(Histogram::bucket_high(bucket)) > size) break;
    missed.gets -= gained_[bucket].gets;
    missed.bytes -= gained_[bucket].bytes;
  }
  return missed;
}

std::pair<uint64_t, uint64_t> SampledStack::sizes() const {
  const auto first = std::find_if(gained_.begin(), gained_.end(),
                                  [](const Weights& weights) { return weights.gets > 0; });
  if (first == gained_.end()) return {0, 0};
  const auto size = [](size_t bucket) {
    return static_cast<uint64_t>(Histogram::bucket_high(bucket));
  };
  return {size(static_cast<size_t>(first - gained_.begin())), size(gained_.size() - 1)};
}

FixedSizeSample::FixedSizeSample(const Workload& workload, const RequestRules& rules,
                                 const FixedSizeOptions& options, const std::atomic<bool>& stop)
    : options_(options), keys_(1, options.seed) {
  stacks_.emplace_back(options.most_keys, 1, options.in_bytes);
  for (uint32_t part = 0; part < KeySample::kParts; ++part) {
    stacks_.emplace_back(options.most_keys / KeySample::kParts, 1.0 / KeySample::kParts,
                         options.in_bytes);
  }
  const int64_t before_cpu = thread_cpu_ns(), before = monotonic_ns();
  const auto source = workload.open();
  std::vector<Request> rows(kSampleBatch);
  Fingerprint fingerprint;
  while (summary_.requests < rules.limit && !stop) {
    const uint64_t wanted = std::min<uint64_t>(kSampleBatch, rules.limit - summary_.requests);
    const size_t count = source->read(std::span(rows).first(wanted));
    if (count == 0) break;
    for (Request& row : std::span(rows).first(count)) {
      const uint64_t hash = row.key_hash();
      rules.apply(row);
      fingerprint.add(row, hash);
      serve(row, hash);
    }
  }
  const SampledStack& sample = stacks_[0];
  const auto of_whole = [&](uint64_t sampled) {
    return static_cast<uint64_t>(std::llround(static_cast<double>(sampled) / sample.rate()));
  };
  summary_.unique_keys = of_whole(sample.keys());
  summary_.footprint_bytes = of_whole(sample.held_bytes());
  summary_.fingerprint = fingerprint.text();
  summary_.skipped_rows = source->skipped_rows();
  summary_.backward_times = source->backward_times();
  summary_.decode_ns = monotonic_ns() - before;
  draw_curve();
  curve_.cpu_ns = thread_cpu_ns() - before_cpu;
}

void FixedSizeSample::serve(const Request& request, uint64_t key_hash) {
  now_ns_ = std::max(now_ns_, request.time_ns);
  const bool counts = summary_.requests++ >= options_.warmup_requests;
  ++summary_.ops[static_cast<int>(request.op)];
  if (request.op != Op::kDelete) {
    const PolicyCapacity capacity = {.in_bytes = options_.in_bytes};
    curve_.holds_from =
        std::max(curve_.holds_from, charge(capacity, key_bytes(request), request.value_size_bytes));
  }
  summary_.with_ttl += request.ttl_ns > 0;
  if (counts && request.op == Op::kGet) {
    ++curve_.gets;
    curve_.get_bytes += request.value_size_bytes;
  }
  const uint64_t place = keys_.place(key_hash);
  stacks_[0].serve(request, key_hash, place, now_ns_, counts);
  stacks_[1 + keys_.part(key_hash)].serve(request, key_hash, place, now_ns_, counts);
}

// At sizes whose logarithms are evenly spread.
void FixedSizeSample::draw_curve() {
  curve_.policy = "lru";
  curve_.in_bytes = options_.in_bytes;
  curve_.method = "stack distances";
  curve_.exact = false;
  const auto [first_gain, last_gain] = stacks_[0].sizes();
  if (last_gain == 0) return;
  const uint64_t first = std::max(first_gain, curve_.holds_from);
  const uint64_t last = std::max(last_gain, curve_.holds_from);
  const double factor =
      std::pow(static_cast<double>(last) / static_cast<double>(first), 1.0 / (kPoints - 1));
  double next = static_cast<double>(first);
  for (size_t i = 0; i < kPoints; ++i, next *= factor) {
    const uint64_t size = i + 1 == kPoints ? last : static_cast<uint64_t>(std::llround(next));
    if (!curve_.points.empty() && size <= curve_.points.back().size) continue;
    curve_.points.push_back(point_at(size));
  }
}

CurvePoint FixedSizeSample::point_at(uint64_t size) const {
  const auto gets = static_cast<double>(curve_.gets);
  const auto bytes = static_cast<double>(std::max<uint64_t>(1, curve_.get_bytes));
  std::vector<double> ratios, byte_ratios;
  for (size_t part = 1; part < stacks_.size(); ++part) {
    const SampledStack::Weights missed = stacks_[part].missed_at(size);
    ratios.push_back(missed.gets / gets);
    byte_ratios.push_back(missed.bytes / bytes);
  }
  const SampledStack::Weights missed = stacks_[0].missed_at(size);
  const double finite = std::sqrt(1 - stacks_[0].rate());
  return {.size = size,
          .misses = std::min(curve_.gets, static_cast<uint64_t>(std::llround(missed.gets))),
          .miss_bytes = std::min(curve_.get_bytes,
                                 static_cast<uint64_t>(std::llround(std::max(0.0, missed.bytes)))),
          .miss_ratio_error = standard_error(ratios) * finite,
          .byte_miss_ratio_error = standard_error(byte_ratios) * finite};
}

uint64_t FixedSizeSample::compulsory_misses() const {
  return std::min(curve_.gets, static_cast<uint64_t>(std::llround(stacks_[0].first_gets())));
}

SampleFacts FixedSizeSample::facts() const {
  return {.rate = stacks_[0].rate(),
          .seed = options_.seed,
          .requests = stacks_[0].sampled_requests(),
          .unique_keys = stacks_[0].keys()};
}

}  // namespace cachegauge
