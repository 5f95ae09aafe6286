#include "workloads/formats/vscsi.h"

#include <fmt/format.h>

#include "workloads/formats/csv_ops.h"
#include "workloads/formats/parse.h"
#include "workloads/formats/record_source.h"

namespace cachegauge {
namespace {

struct VscsiOne {
  static constexpr size_t kBytes = 32;
  static constexpr int kVersion = 1;
  static constexpr size_t kSizeAt = 4, kCommandAt = 12, kVersionAt = 14, kBlockAt = 16,
                          kTimeAt = 24;
};

struct VscsiTwo {
  static constexpr size_t kBytes = 40;
  static constexpr int kVersion = 2;
  static constexpr size_t kSizeAt = 8, kCommandAt = 0, kVersionAt = 2, kBlockAt = 16, kTimeAt = 24;
};

template <class Layout>
struct VscsiDecoder {
  static constexpr size_t kBytes = Layout::kBytes;
  static constexpr uint64_t kLatestUs = uint64_t{INT64_MAX} / 1000;

  static std::string fault(const char* p) {
    const int version = load<uint16_t>(p + Layout::kVersionAt) >> 8;
    if (version != Layout::kVersion) {
      return fmt::format("expected version {}, got {}", Layout::kVersion, version);
    }
    const uint16_t command = load<uint16_t>(p + Layout::kCommandAt);
    if (!is_scsi_op(command)) {
      return fmt::format("expected a SCSI read or write command, such as 28 or 2a, got {:02x}",
                         command);
    }
    if (const uint64_t time_us = time_of(p); time_us > kLatestUs) {
      return fmt::format("expected a time in us that fits in 63 bits of ns, got {}", time_us);
    }
    return {};
  }

  void decode(const char* p, const Request& defaults, Request& request) {
    request = defaults;
    request.time_ns = clock.since_first(static_cast<int64_t>(time_of(p) * 1000));
    request.integer_key = load<uint64_t>(p + Layout::kBlockAt);
    request.value_size_bytes = load<uint32_t>(p + Layout::kSizeAt);
  }

  static uint64_t time_of(const char* p) { return load<uint64_t>(p + Layout::kTimeAt); }

  ArrivalClock clock;
};

// Whether the records of the sample are of this version.
template <class Layout>
bool is_version(const TraceSample& sample) {
  const std::string& bytes = sample.bytes;
  if (bytes.size() < Layout::kBytes) return false;
  for (size_t at = 0; at + Layout::kBytes <= bytes.size(); at += Layout::kBytes) {
    if (!VscsiDecoder<Layout>::fault(bytes.data() + at).empty()) return false;
  }
  return true;
}

}  // namespace

Match match_vscsi(const TraceSample& sample) {
  return is_version<VscsiOne>(sample) || is_version<VscsiTwo>(sample) ? Match::kCertain
                                                                      : Match::kNo;
}

// The version is the first record's; the first that does not have it is an error.
TraceOpener make_vscsi(const TraceOptions& options, const TraceSample& sample, Spec&,
                       WorkloadTraits& traits) {
  const bool is_two = sample.bytes.size() >= VscsiTwo::kBytes &&
                      VscsiDecoder<VscsiTwo>::fault(sample.bytes.data()).empty();
  if (is_two) return make_records<VscsiDecoder<VscsiTwo>>(options, sample, traits);
  return make_records<VscsiDecoder<VscsiOne>>(options, sample, traits);
}

}  // namespace cachegauge
