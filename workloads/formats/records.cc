#include "workloads/formats/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "harness/core/error.h"
#include "harness/core/units.h"
#include "workloads/formats/parse.h"
#include "workloads/input/byte_stream.h"

namespace cachegauge {
namespace {

static_assert(std::endian::native == std::endian::little, "records are read as they lie");

template <class T>
T load(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof(T));
  return value;
}

struct OracleGeneralRecord {
  static constexpr size_t kBytes = 24;

  explicit OracleGeneralRecord(const char* p)
      : time_s(load<uint32_t>(p)),
        key(load<uint64_t>(p + 4)),
        size_bytes(load<uint32_t>(p + 12)),
        next(load<int64_t>(p + 16)) {}

  uint32_t time_s;
  uint64_t key;
  uint32_t size_bytes;
  int64_t next;
};

struct OracleGeneralDecoder {
  static constexpr size_t kBytes = OracleGeneralRecord::kBytes;
  void decode(const char* p, Request& request) {
    const OracleGeneralRecord record(p);
    request.time_ns = clock.since_first(int64_t{record.time_s} * 1'000'000'000);
    request.integer_key = record.key;
    request.value_size_bytes = record.size_bytes;
  }
  ArrivalClock clock;
};

struct Int32Decoder {
  static constexpr size_t kBytes = 4;
  void decode(const char* p, Request& request) {
    request.integer_key = __builtin_bswap32(load<uint32_t>(p));
  }
};

struct Int64Decoder {
  static constexpr size_t kBytes = 8;
  void decode(const char* p, Request& request) {
    request.integer_key = __builtin_bswap64(load<uint64_t>(p));
  }
};

template <class Decoder>
class RecordSource final : public RequestSource {
 public:
  explicit RecordSource(const TraceOptions& options)
      : options_(options),
        bytes_(open_byte_stream(options.path)),
        buffer_(std::make_unique_for_overwrite<char[]>(kBufferBytes)) {}

  size_t read(std::span<Request> out) override {
    size_t count = 0;
    while (count < out.size() && (records_left() > 0 || refill())) {
      const size_t batch = std::min(out.size() - count, records_left());
      decode(buffer_.get() + begin_, out.subspan(count, batch));
      begin_ += batch * Decoder::kBytes;
      count += batch;
    }
    return count;
  }

  uint64_t skipped_rows() const override { return skipped_rows_; }

 private:
  // Small enough for the second-level cache, in which the records are decoded.
  static constexpr size_t kBufferBytes = 128 << 10;

  void decode(const char* from, std::span<Request> out) {
    // Copies on the stack: requests might be written over members, as far as the compiler knows.
    const Request defaults = options_.defaults;
    Decoder decoder = decoder_;
    for (Request& request : out) {
      request = defaults;
      decoder.decode(from, request);
      from += Decoder::kBytes;
    }
    decoder_ = decoder;
  }

  size_t records_left() const { return (end_ - begin_) / Decoder::kBytes; }

  // False at the end.
  bool refill() {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    while (end_ < Decoder::kBytes) {
      const size_t got = bytes_->read({buffer_.get() + end_, kBufferBytes - end_});
      if (got == 0) {
        if (end_ > 0) count_cut_off_record();
        return false;
      }
      read_bytes_ += got;
      end_ += got;
    }
    return true;
  }

  void count_cut_off_record() {
    const size_t part = std::exchange(end_, 0);
    if (++skipped_rows_ <= options_.skip_bad_rows) return;
    const uint64_t begin = read_bytes_ - part;
    throw Error::failed(fmt::format(
        "{}: record {} at byte {}: expected {} bytes, got {}: the file is cut off, or of another "
        "format\n{}",
        options_.path, format_count(begin / Decoder::kBytes + 1), begin, Decoder::kBytes, part,
        bad_row_remedy(options_.skip_bad_rows)));
  }

  TraceOptions options_;
  Decoder decoder_;
  std::unique_ptr<ByteStream> bytes_;
  std::unique_ptr<char[]> buffer_;
  size_t begin_ = 0, end_ = 0;  // what is held and not yet decoded
  uint64_t read_bytes_ = 0;
  uint64_t skipped_rows_ = 0;
};

template <class Decoder>
TraceOpener make_records(const TraceOptions& options, const TraceSample& sample,
                         WorkloadTraits& traits) {
  if (sample.size_bytes) traits.requests = *sample.size_bytes / Decoder::kBytes;
  return [options] { return std::make_unique<RecordSource<Decoder>>(options); };
}

Match match_integers(const TraceSample& sample, size_t bytes) {
  const bool fits = !sample.size_bytes || *sample.size_bytes % bytes == 0;
  return fits && !sample.is_text() ? Match::kPossible : Match::kNo;
}

}  // namespace

// The number of the next request is what gives the format away: it lies ahead, and where the sample
// holds it, it has the same key. Little-endian integers of other meanings do not fit by chance.
Match match_oracle_general(const TraceSample& sample) {
  const auto records = static_cast<int64_t>(sample.bytes.size() / OracleGeneralRecord::kBytes);
  if (records == 0 || sample.is_text()) return Match::kNo;
  const auto record_at = [&](int64_t index) {
    return OracleGeneralRecord(sample.bytes.data() + index * OracleGeneralRecord::kBytes);
  };
  constexpr int64_t kMostRequests = int64_t{1} << 48;
  uint32_t latest_s = 0;
  bool any_size = false;
  for (int64_t i = 0; i < records; ++i) {
    const OracleGeneralRecord record = record_at(i);
    const bool ends = record.next < 0 || record.next == INT64_MAX;
    if (!ends && (record.next <= i || record.next > kMostRequests)) return Match::kNo;
    // Counted from 1, or by some writers from 0.
    if (!ends && record.next < records && record_at(record.next - 1).key != record.key &&
        record_at(record.next).key != record.key) {
      return Match::kNo;
    }
    if (record.time_s < latest_s) return Match::kPossible;
    latest_s = record.time_s;
    any_size |= record.size_bytes > 0;
  }
  return records > 1 && any_size ? Match::kCertain : Match::kPossible;
}

TraceOpener make_oracle_general(const TraceOptions& options, const TraceSample& sample, Spec&,
                                WorkloadTraits& traits) {
  return make_records<OracleGeneralDecoder>(options, sample, traits);
}

Match match_int32be(const TraceSample& sample) {
  return match_integers(sample, Int32Decoder::kBytes);
}

TraceOpener make_int32be(const TraceOptions& options, const TraceSample& sample, Spec&,
                         WorkloadTraits& traits) {
  return make_records<Int32Decoder>(options, sample, traits);
}

Match match_int64be(const TraceSample& sample) {
  return match_integers(sample, Int64Decoder::kBytes);
}

TraceOpener make_int64be(const TraceOptions& options, const TraceSample& sample, Spec&,
                         WorkloadTraits& traits) {
  return make_records<Int64Decoder>(options, sample, traits);
}

}  // namespace cachegauge
