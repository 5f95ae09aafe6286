// The writes that the application was told are done, in a memory that outlives the process which
// noted them: it is shared with whoever forked that process, and survives its being killed.
//
// append() from any thread of one process; the rest once nobody appends.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace cachegauge {

struct AcknowledgedWrite {
  uint64_t key_hash;
  uint32_t version;  // 0: the process was killed before it was noted
};

class AcknowledgedLog {
 public:
  // With room for so many writes. Throws Error::failed.
  explicit AcknowledgedLog(uint64_t capacity);
  AcknowledgedLog(const AcknowledgedLog&) = delete;
  ~AcknowledgedLog();

  void append(uint64_t key_hash, uint32_t version);

  std::span<const AcknowledgedWrite> writes() const;
  // More were acknowledged than there was room for.
  bool overflowed() const;

  // How many of the writes, of those keys, have a version above the one that the origin has of
  // their key. None if that is not known of one of the keys, or of one of the writes.
  using VersionAtOrigin = std::function<std::optional<uint32_t>(uint64_t key_hash)>;
  using OfInterest = std::function<bool(uint64_t key_hash)>;
  std::optional<uint64_t> count_lost(
      const VersionAtOrigin& version_at_origin,
      const OfInterest& of_interest = [](uint64_t) { return true; }) const;

 private:
  struct Head {
    std::atomic<uint64_t> count{0};
  };
  AcknowledgedWrite* first() const;

  const uint64_t capacity_;
  size_t bytes_;
  Head* head_;
};

}  // namespace cachegauge
