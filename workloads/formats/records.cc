#include "workloads/formats/records.h"

#include <cstddef>

#include "workloads/formats/parse.h"
#include "workloads/formats/record_source.h"

namespace cachegauge {
namespace {

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

static_assert(offsetof(Request, integer_key) == offsetof(Request, time_ns) + 8);
static_assert(offsetof(Request, ttl_ns) == offsetof(Request, value_size_bytes) + 8);

void store_pair(void* to, uint64_t first, uint64_t second) {
  using Pair __attribute__((vector_size(16))) = uint64_t;
  const Pair pair = {first, second};
  std::memcpy(to, &pair, sizeof(pair));
}

struct OracleGeneralDecoder {
  static constexpr size_t kBytes = OracleGeneralRecord::kBytes;
  void decode(const char* p, const Request& defaults, Request& request) {
    const OracleGeneralRecord record(p);
    const int64_t time_ns = clock.since_first(int64_t{record.time_s} * 1'000'000'000);
    // The loop is bound by its stores, so two fields go in one: 300M records a second, not 250M.
    store_pair(&request.time_ns, static_cast<uint64_t>(time_ns), record.key);
    store_pair(&request.value_size_bytes, record.size_bytes,
               static_cast<uint64_t>(defaults.ttl_ns));
    request.text_key = {};
    request.key_size_bytes = defaults.key_size_bytes;
    request.op = Op::kGet;
  }
  ArrivalClock clock;
};

struct Int32Decoder {
  static constexpr size_t kBytes = 4;
  void decode(const char* p, const Request& defaults, Request& request) {
    request = defaults;
    request.integer_key = __builtin_bswap32(load<uint32_t>(p));
  }
};

struct Int64Decoder {
  static constexpr size_t kBytes = 8;
  void decode(const char* p, const Request& defaults, Request& request) {
    request = defaults;
    request.integer_key = __builtin_bswap64(load<uint64_t>(p));
  }
};

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
