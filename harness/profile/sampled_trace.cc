#include "harness/profile/sampled_trace.h"

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
      : trace_(trace), chosen_(trace.unique_keys()) {
    const uint64_t mask = (uint64_t{1} << halvings) - 1;
    // Mixed once more, since policies draw from the hash itself.
    for (uint32_t id = 0; id < trace.unique_keys(); ++id) {
      chosen_[id] = (mix64(trace.key_hash(id)) & mask) == 0;
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
      size_t count = 0;
      for (; chunk_ < chunks.size(); ++chunk_, at_ = 0) {
        const TraceChunk& chunk = chunks[chunk_];
        for (; at_ < chunk.count; ++at_) {
          if (!workload_.chosen_[chunk.ids[at_]]) continue;
          if (count == out.size()) return count;
          out[count++] = workload_.request(chunk, at_);
        }
      }
      return count;
    }

   private:
    const ChosenKeys& workload_;
    size_t chunk_ = 0;
    uint32_t at_ = 0;
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
  std::vector<uint8_t> chosen_;  // by id
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
