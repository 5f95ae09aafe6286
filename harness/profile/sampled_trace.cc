#include "harness/profile/sampled_trace.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "harness/core/hash.h"

namespace cachegauge {
namespace {

constexpr uint64_t kMostRequests = 500'000;
constexpr uint64_t kFewestSampledKeys = 16'384;

class ChosenKeys final : public Workload {
 public:
  ChosenKeys(const InternedTrace& trace, uint32_t halvings)
      : trace_(trace), chosen_(trace.unique_keys() / 64 + 1) {
    const uint64_t mask = (uint64_t{1} << halvings) - 1;
    // Mixed once more, since policies draw from the hash itself.
    for (uint32_t id = 0; id < trace.unique_keys(); ++id) {
      const bool is_chosen = (mix64(trace.key_hash(id)) & mask) == 0;
      chosen_[id / 64] |= uint64_t{is_chosen} << id % 64;
    }
  }

  const Spec& spec() const override { return spec_; }
  const WorkloadTraits& traits() const override { return traits_; }
  std::unique_ptr<RequestSource> open() const override { return std::make_unique<Source>(*this); }

 private:
  class Source final : public RequestSource {
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
        request = workload_.request(chunks[chunk_ - 1], places_[given_++]);
      }
      return count;
    }

   private:
    // Whether the next one is chosen cannot be foreseen, so each is written down, and the next one
    // over those that are not.
    void find_chosen(const TraceChunk& chunk) {
      given_ = found_ = 0;
      for (uint32_t i = 0; i < chunk.count; ++i) {
        const uint32_t id = chunk.ids[i];
        places_[found_] = static_cast<uint16_t>(i);
        found_ += workload_.chosen_[id / 64] >> id % 64 & 1;
      }
    }

    const ChosenKeys& workload_;
    size_t chunk_ = 0;                                        // the next
    std::array<uint16_t, TraceChunk::kMostRequests> places_;  // in the chunk before
    size_t found_ = 0, given_ = 0;                            // of places_
  };

  Request request(const TraceChunk& chunk, uint32_t i) const {
    Request request;
    request.time_ns = chunk.now_ns[i];
    request.integer_key = chunk.ids[i];
    request.value_size_bytes = chunk.value_sizes[i];
    request.ttl_ns = chunk.ttls_ns[i];
    request.key_size_bytes = trace_.key_size_bytes(chunk.ids[i]);
    request.op = chunk.ops[i];
    return request;
  }

  const InternedTrace& trace_;
  std::vector<uint64_t> chosen_;  // a bit an id
  Spec spec_{"sample"};
  WorkloadTraits traits_;
};

}  // namespace

uint32_t sample_halvings(uint64_t requests, uint64_t keys) {
  uint32_t halvings = 0;
  while (requests >> halvings > kMostRequests && keys >> (halvings + 1) >= kFewestSampledKeys)
    ++halvings;
  return halvings;
}

std::unique_ptr<SampledTrace> sample_trace(const InternedTrace& trace, uint32_t halvings) {
  const KeySample share(std::ldexp(1, -static_cast<int>(halvings)), 0);
  return std::make_unique<SampledTrace>(ChosenKeys(trace, halvings), share, trace.summary());
}

}  // namespace cachegauge
