// A workload is a source of requests that can be opened as often as wanted: once to look at it
// before a run, and once by each thread of each cell. Each opening gives the same sequence.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/request.h"
#include "harness/core/spec.h"

namespace cachegauge {

// A stream of requests. Not thread-safe. Memory is bounded whatever the length of the stream.
class RequestSource {
 public:
  virtual ~RequestSource() = default;

  // Fills a prefix of `out` and returns its length; 0 means the end (`out` is never empty). Text
  // keys point into the source and are valid until the next read() or its destruction.
  // Throws Error::failed on a malformed row (file:line:column, the line, a caret, the remedy).
  virtual size_t read(std::span<Request> out) = 0;

  // Malformed rows passed over so far, under `skip-bad-rows=N`.
  virtual uint64_t skipped_rows() const { return 0; }

  // Rows so far whose times lay before that of an earlier one, which they were given instead.
  virtual uint64_t backward_times() const { return 0; }
};

// How a miss is filled: see `--fills`.
enum class Fills : uint8_t { kAuto, kOnMiss, kInTrace, kNone };
std::string_view fills_name(Fills fills);

struct WorkloadTraits {
  std::string format;                // row of the formats table, or the generator's kind
  bool carries_time = false;         // requests have arrival times
  bool carries_value_size = false;   // otherwise value_size_bytes is the spec's `value=`
  bool has_sets = false;             // records cache commands, so `--fills auto` is in-trace
  double compressibility = 0;        // of values: the share of one that repeats itself
  std::optional<uint64_t> requests;  // if known without reading
  // Of a workload that mixes classes of keys (key_class.h): their names.
  std::vector<std::string> key_classes;
};

class Workload {
 public:
  virtual ~Workload() = default;
  // Fully resolved: defaults that shape the sequence (seed, format) are filled in.
  virtual const Spec& spec() const = 0;
  virtual const WorkloadTraits& traits() const = 0;
  // Thread-safe. Throws Error::failed when the file cannot be read.
  virtual std::unique_ptr<RequestSource> open() const = 0;
};

}  // namespace cachegauge
