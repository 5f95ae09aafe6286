#include "harness/simulate/chosen_keys.h"

#include <algorithm>
#include <array>

namespace cachegauge {

class ChosenKeys::Source final : public RequestSource {
 public:
  explicit Source(const ChosenKeys& workload) : workload_(workload) {}

  size_t read(std::span<Request> out) override {
    const std::vector<TraceChunk>& chunks = workload_.trace_.chunks();
    while (given_ == found_) {
      if (chunk_ == chunks.size()) return 0;
      find_chosen(chunks[chunk_++]);
    }
    const size_t count = std::min(out.size(), found_ - given_);
    for (Request& request : out.first(count)) {
      request = request_at(chunks[chunk_ - 1], places_[given_++]);
    }
    return count;
  }

 private:
  // Whether the next one is chosen cannot be foreseen, so each is written down, and the next one
  // over those that are not.
  void find_chosen(const TraceChunk& chunk) {
    size_t found = 0;  // in a register
    for (uint32_t i = 0; i < chunk.count; ++i) {
      places_[found] = static_cast<uint16_t>(i);
      found += workload_.holds(chunk.ids[i]);
    }
    given_ = 0;
    found_ = found;
  }

  Request request_at(const TraceChunk& chunk, uint32_t i) const {
    Request request;
    request.time_ns = chunk.now_ns[i];
    request.integer_key = chunk.ids[i];
    request.value_size_bytes = chunk.value_sizes[i];
    request.ttl_ns = chunk.ttls_ns[i];
    request.key_size_bytes = workload_.trace_.key_size_bytes(chunk.ids[i]);
    request.op = chunk.ops[i];
    return request;
  }

  const ChosenKeys& workload_;
  size_t chunk_ = 0;                                        // the next
  std::array<uint16_t, TraceChunk::kMostRequests> places_;  // in the chunk before
  size_t found_ = 0, given_ = 0;                            // of places_
};

std::unique_ptr<RequestSource> ChosenKeys::open() const { return std::make_unique<Source>(*this); }

uint64_t ChosenKeys::requests_among(uint64_t first) const {
  uint64_t position = 0, held = 0;
  for (const TraceChunk& chunk : trace_.chunks()) {
    for (uint32_t i = 0; i < chunk.count && position < first; ++i, ++position) {
      held += holds(chunk.ids[i]);
    }
  }
  return held;
}

}  // namespace cachegauge
