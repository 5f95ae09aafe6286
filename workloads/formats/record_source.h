// Turns fixed-size binary records into requests. A format brings a Decoder:
//
//   static constexpr size_t kBytes
//   void decode(const char* p, const Request& defaults, Request& request)
//
// reads the record at `p` and writes all of `request`, with `defaults` for what it does not carry.
// A decoder whose records can be wrong also has
//
//   static std::string fault(const char* p)
//
// which says what is wrong with a record, and is empty for a good one; only those are decoded.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <string>

#include "harness/core/error.h"
#include "harness/core/units.h"
#include "workloads/formats/trace_format.h"
#include "workloads/input/block_stream.h"

namespace cachegauge {

static_assert(std::endian::native == std::endian::little, "records are read as they lie");

template <class T>
T load(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof(T));
  return value;
}

template <class Decoder>
class RecordSource final : public RequestSource {
 public:
  explicit RecordSource(const TraceOptions& options)
      : options_(options), blocks_(open_block_stream(options.path, Decoder::kBytes)) {}

  size_t read(std::span<Request> out) override {
    size_t count = 0;
    while (count < out.size() && (block_.size() >= Decoder::kBytes || next_block())) {
      const size_t batch = std::min(out.size() - count, block_.size() / Decoder::kBytes);
      count += decode(batch, out.data() + count);
    }
    return count;
  }

  uint64_t skipped_rows() const override { return skipped_rows_; }
  uint64_t backward_times() const override {
    if constexpr (requires { decoder_.clock; }) return decoder_.clock.backward();
    return 0;
  }

 private:
  static constexpr size_t kPrefetchBytes = 2048;

  // Returns how many of the next `records` were good.
  size_t decode(size_t records, Request* out) {
    // Copies on the stack: requests might be written over members, as far as the compiler knows.
    const Request defaults = options_.defaults;
    Decoder decoder = decoder_;
    const char* p = block_.data();
    Request* const begin = out;
    for (const char* const end = p + records * Decoder::kBytes; p != end; p += Decoder::kBytes) {
      if constexpr (requires { Decoder::fault(p); }) {
        if (std::string problem = Decoder::fault(p); !problem.empty()) {
          count_bad_record(static_cast<uint64_t>(p - block_.data()), problem);
          continue;
        }
      }
      // The processor's own prefetching ends at each page.
      __builtin_prefetch(p + kPrefetchBytes);
      decoder.decode(p, defaults, *out++);
    }
    decoder_ = decoder;
    block_ = block_.subspan(records * Decoder::kBytes);
    block_at_ += records * Decoder::kBytes;
    return static_cast<size_t>(out - begin);
  }

  // False at the end.
  bool next_block() {
    if (!block_.empty()) {
      count_bad_record(0, fmt::format("expected {} bytes, got {}: the file is cut off, or of "
                                      "another format",
                                      Decoder::kBytes, block_.size()));
      block_ = {};
      return false;
    }
    block_ = blocks_->next();
    return block_.size() >= Decoder::kBytes || (!block_.empty() && next_block());
  }

  // `offset` in the block.
  void count_bad_record(uint64_t offset, std::string_view problem) {
    if (++skipped_rows_ <= options_.skip_bad_rows) return;
    const uint64_t at = block_at_ + offset;
    throw Error::failed(fmt::format("{}: record {} at byte {}: {}\n{}", options_.path,
                                    format_count(at / Decoder::kBytes + 1), at, problem,
                                    bad_row_remedy(options_.skip_bad_rows)));
  }

  TraceOptions options_;
  Decoder decoder_;
  std::unique_ptr<BlockStream> blocks_;
  std::span<const char> block_;  // what is not yet decoded of it
  uint64_t block_at_ = 0;        // where that begins in the file
  uint64_t skipped_rows_ = 0;
};

template <class Decoder>
TraceOpener make_records(const TraceOptions& options, const TraceSample& sample,
                         WorkloadTraits& traits) {
  if (sample.size_bytes) traits.requests = *sample.size_bytes / Decoder::kBytes;
  return [options] { return std::make_unique<RecordSource<Decoder>>(options); };
}

}  // namespace cachegauge
