// The benchmarks of caches: each operation × adapter × value size × threads is registered with
// Google Benchmark as one of its benchmarks, OPERATION/ADAPTER/value:SIZE.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cli/micro_cache.h"
#include "harness/cli/micro_options.h"

namespace cachegauge {

// How a benchmark walks through the keys.
enum class MicroOrder : uint8_t {
  kDrawn,  // as the workload draws them, for as long as it takes
  kOnce,   // each once, in an order of chance: as many iterations as there are keys
  kFresh,  // keys that nobody has had, for as long as it takes
};

struct MicroOperation {
  std::string_view name;
  std::string_view summary;
  MicroContent content;  // of the cache when it begins
  MicroOrder order;
  bool absent;                      // of the keys: those that are not in the cache
  std::optional<CommandKind> kind;  // none: as the workload says
  std::optional<Outcome> expected;  // of every command; none: any that is no failure
  bool keeps_content;               // so that others may use the same cache
};

std::span<const MicroOperation> micro_operations();

class MicroBenchmark;

// Runs one benchmark at a time; the cache of the last one is kept for the next if that wants the
// same.
class MicroSuite {
 public:
  // Registers all. Throws Error::usage for an adapter, workload or size that cannot be.
  explicit MicroSuite(const MicroOptions& options);
  MicroSuite(const MicroSuite&) = delete;
  ~MicroSuite();

  // What was asked for and cannot be had, and why: one line each.
  const std::vector<std::string>& left_out() const { return left_out_; }
  bool any_failed() const { return failures_ > 0; }

  // For the benchmarks. The cache that `key` stands for: the present one, if it was made for the
  // same; an empty key is never the same.
  MicroCache& cache_for(const std::string& key, const MicroCachePlan& plan);
  // Of the benchmark that runs: its keys are those of its cache.
  std::vector<MicroDraw>& draws() { return draws_; }
  void note_failure() { ++failures_; }

 private:
  void add_adapter(const MicroOptions& options, const Spec& adapter, const std::string& value,
                   uint32_t threads);
  void add_evicting(const MicroOptions& options, const MicroOperation& operation,
                    const MicroCachePlan& plan, const std::string& name);
  void add(const MicroOperation& operation, MicroCachePlan plan, const std::string& name);
  void leave_out(const MicroOperation& operation, const Spec& adapter, std::string_view why);

  std::vector<std::unique_ptr<MicroBenchmark>> benchmarks_;
  std::vector<std::string> left_out_;
  std::unique_ptr<MicroCache> cache_;
  std::string cache_key_;
  std::vector<MicroDraw> draws_;
  std::atomic<int> failures_ = 0;
};

}  // namespace cachegauge
