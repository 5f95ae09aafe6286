// The miss-ratio curve of LRU, at all sizes, in one pass over an interned trace.
//
// It equals a Simulation of `lru` that fills its misses at every size, in bytes at every size from
// holds_from() on, wherever what a cache holds is a question of its size alone. It is not, and
// exact() is false, where a fill and a hit leave different things behind: with TTLs (caches that
// missed begin an object's time anew; the curve has that of a cache without a limit), with gets
// that ask for another size than the object has, and with adds (counted as sets).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "harness/core/huge_pages.h"
#include "harness/core/simulation_report.h"
#include "harness/simulate/interned_trace.h"

namespace cachegauge {

struct LruCurveOptions {
  bool in_bytes = false;  // sizes are bytes, as `capacity=` charges them; else entries
  uint64_t warmup_requests = 0;
};

class LruCurve {
 public:
  struct Hits {
    uint64_t gets = 0;
    uint64_t bytes = 0;
  };

  // Ends early when `stop` becomes true.
  LruCurve(const InternedTrace& trace, const LruCurveOptions& options,
           const std::atomic<bool>& stop);

  bool exact() const { return exact_; }
  uint64_t gets() const { return gets_; }
  uint64_t get_bytes() const { return get_bytes_; }
  // In bytes the charge of the largest object, which a smaller cache never takes in, while the
  // stack counts its weight (lru_stack.h); in entries 1.
  uint64_t holds_from() const { return holds_from_; }

  // The sizes at which the curve is known, rising: in entries each up to the last at which a hit is
  // gained; in bytes 128 to each power of two, where what lies between two counts at the higher.
  size_t steps() const { return gained_.size(); }
  uint64_t size_at(size_t step) const;
  // What is hit there and was not at the step before.
  const Hits& gained(size_t step) const { return gained_[step]; }

  // About `count` of the sizes from holds_from() on, evenly spread by their logarithms, the last
  // among them. Of a sample they are divided by its rate.
  std::vector<CurvePoint> points(size_t count, double sample_rate = 1) const;
  // At the sizes of these, which rise.
  std::vector<CurvePoint> points_at(const std::vector<CurvePoint>& sizes, double sample_rate) const;

 private:
  // What will be counted once the place for it has been fetched from memory, some gains later.
  struct Gain {
    size_t step = 0;
    Hits hits;
  };
  using Counts = std::vector<uint64_t, HugePageAllocator<uint64_t>>;  // of gets, by step

  void follow_plain_in_entries(const InternedTrace& trace, const std::atomic<bool>& stop);
  void follow_plain_in_bytes(const InternedTrace& trace, const std::atomic<bool>& stop);
  template <class Stack>
  void follow(const InternedTrace& trace, Stack stack, const std::atomic<bool>& stop);
  size_t step_of(uint64_t depth) const;
  size_t first_step(double sample_rate) const;
  // How many of the chunk's requests belong to the warm-up; the others are counted as gets.
  uint32_t take_warmup(const TraceChunk& chunk);
  // Of a trace whose values have one size.
  void gain_all(const Counts& gets, const InternedTrace& trace);
  void gain(uint64_t depth, uint64_t value_size);
  void count(const Gain& gain);

  LruCurveOptions options_;
  bool exact_ = true;
  uint64_t holds_from_ = 1;
  uint64_t gets_ = 0, get_bytes_ = 0;
  uint64_t warmed_up_ = 0;  // requests
  std::vector<Hits, HugePageAllocator<Hits>> gained_;
  std::array<Gain, 16> pending_;
  size_t next_pending_ = 0;
};

}  // namespace cachegauge
