// One benchmark of a cache: what Google Benchmark calls, on each of its threads at once.
#pragma once

#include <array>
#include <barrier>
#include <cstdint>
#include <optional>
#include <string>

#include "harness/cli/micro_suite.h"

namespace benchmark {
class State;
}

namespace cachegauge {

class MicroBenchmark {
 public:
  // `by_stamps`: the time of an operation is the one that its completion is stamped with.
  MicroBenchmark(MicroSuite& suite, const MicroOperation& operation, MicroCachePlan plan,
                 std::string name, bool by_stamps);

  // Called with more iterations until they take long enough, and once more for each repetition.
  void run(benchmark::State& state);

  const std::string& name() const { return name_; }
  const MicroOperation& operation() const { return operation_; }
  int threads() const { return static_cast<int>(plan_.settings.threads); }
  // On each thread; 0: as many as the engine wants.
  int64_t iterations() const;

 private:
  // What became of the commands of one thread.
  struct Tally {
    std::array<uint64_t, static_cast<size_t>(Outcome::kTimeout) + 1> outcomes{};
    uint64_t value_bytes = 0;  // written and read

    void count(const Command& command, const Completion& completion) {
      ++outcomes[static_cast<size_t>(completion.outcome)];
      value_bytes += command.value.size();
      if (completion.outcome == Outcome::kHit) value_bytes += completion.value.size();
    }
    uint64_t of(Outcome outcome) const { return outcomes[static_cast<size_t>(outcome)]; }
    uint64_t commands() const;
  };

  void prepare();  // the cache and the draws; what went wrong is in problem_
  void measure(benchmark::State& state);
  template <class Walk>
  void measure_walk(benchmark::State& state, Walk walk, Tally& tally);
  std::string problem_of(const Tally& tally) const;  // empty: all went as it should
  void report(benchmark::State& state, const Tally& tally);
  void report_cache(benchmark::State& state, const Tally& tally);
  void fail(benchmark::State& state, const std::string& problem);

  MicroSuite& suite_;
  const MicroOperation& operation_;
  MicroCachePlan plan_;
  std::string name_;
  const bool by_stamps_;
  std::barrier<> prepared_;
  // Made by the first thread, and then read by all.
  std::string problem_;
  MicroCache* cache_ = nullptr;
  std::optional<uint64_t> evictions_before_;
};

}  // namespace cachegauge
