// A workload out of a list of requests.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "harness/core/random.h"
#include "harness/core/workload.h"

namespace cachegauge {

class InMemoryWorkload final : public Workload {
 public:
  explicit InMemoryWorkload(std::vector<Request> requests) : requests_(std::move(requests)) {
    traits_.requests = requests_.size();
  }
  const Spec& spec() const override { return spec_; }
  const WorkloadTraits& traits() const override { return traits_; }
  std::unique_ptr<RequestSource> open() const override {
    return std::make_unique<Source>(requests_);
  }

  // Integer keys, one get each.
  static InMemoryWorkload gets(const std::vector<uint64_t>& keys, uint64_t value_size = 100) {
    std::vector<Request> requests;
    requests.reserve(keys.size());
    for (uint64_t key : keys) requests.push_back(request(Op::kGet, key, value_size));
    return InMemoryWorkload(std::move(requests));
  }

  // One get each of keys below `keys`, the lower the more popular.
  static InMemoryWorkload popular_low_numbers(uint64_t requests, uint64_t keys) {
    SplitMix64 random(3);
    std::vector<uint64_t> drawn(requests);
    for (uint64_t& key : drawn) key = std::min(random.below(keys), random.below(keys));
    return gets(drawn);
  }

  static Request request(Op op, uint64_t key, uint64_t value_size = 100, int64_t ttl_ns = 0,
                         int64_t time_ns = Request::kNoTime) {
    Request r;
    r.op = op;
    r.integer_key = key;
    r.value_size_bytes = value_size;
    r.ttl_ns = ttl_ns;
    r.time_ns = time_ns;
    return r;
  }

 private:
  class Source final : public RequestSource {
   public:
    explicit Source(const std::vector<Request>& requests) : requests_(requests) {}
    size_t read(std::span<Request> out) override {
      const size_t count = std::min(out.size(), requests_.size() - at_);
      std::copy_n(requests_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
      at_ += count;
      return count;
    }

   private:
    const std::vector<Request>& requests_;
    size_t at_ = 0;
  };

  Spec spec_ = Spec("in-memory");
  WorkloadTraits traits_;
  std::vector<Request> requests_;
};

}  // namespace cachegauge
