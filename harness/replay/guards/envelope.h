// What a guard keeps in front of a cached value, so that every process can tell how old it is, how
// long it is meant to be used, and what it cost to make.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace cachegauge {

// Little-endian, as it lies in memory. Times are on the scheduler's clock, which all processes of a
// machine share.
struct Envelope {
  uint64_t key_hash = 0;       // of the key it was stored under: a value of another key is corrupt
  int64_t fresh_until_ns = 0;  // the logical expiry; the cache may keep it for longer
  int64_t read_ns = 0;         // when the origin was asked
  int64_t recompute_ns = 0;    // how long it took to answer

  bool operator==(const Envelope&) const = default;
};

inline constexpr size_t kEnvelopeBytes = sizeof(Envelope);
static_assert(kEnvelopeBytes == 32);

inline void write_envelope(char* to, const Envelope& envelope) {
  std::memcpy(to, &envelope, kEnvelopeBytes);
}

// None of a value that is too short for one, or that belongs to another key.
inline std::optional<Envelope> read_envelope(std::string_view value, uint64_t key_hash) {
  if (value.size() < kEnvelopeBytes) return std::nullopt;
  Envelope envelope;
  std::memcpy(&envelope, value.data(), kEnvelopeBytes);
  if (envelope.key_hash != key_hash) return std::nullopt;
  return envelope;
}

}  // namespace cachegauge
