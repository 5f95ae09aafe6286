#include "harness/replay/patterns/acknowledged_log.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <string>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr size_t kHeadBytes = 64;

}  // namespace

AcknowledgedLog::AcknowledgedLog(uint64_t capacity)
    : capacity_(capacity), bytes_(kHeadBytes + capacity * sizeof(AcknowledgedWrite)) {
  void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw Error::failed(std::string("mmap: ") + std::strerror(errno));
  head_ = new (memory) Head;
}

AcknowledgedLog::~AcknowledgedLog() { munmap(head_, bytes_); }

AcknowledgedWrite* AcknowledgedLog::first() const {
  return reinterpret_cast<AcknowledgedWrite*>(reinterpret_cast<char*>(head_) + kHeadBytes);
}

// The version is written last, and in one piece: it says that the entry counts.
void AcknowledgedLog::append(uint64_t key_hash, uint32_t version) {
  const uint64_t at = head_->count.fetch_add(1, std::memory_order_relaxed);
  if (at >= capacity_) return;
  first()[at].key_hash = key_hash;
  std::atomic_ref(first()[at].version).store(version, std::memory_order_release);
}

std::span<const AcknowledgedWrite> AcknowledgedLog::writes() const {
  return {first(), std::min<uint64_t>(head_->count.load(), capacity_)};
}

bool AcknowledgedLog::overflowed() const { return head_->count.load() > capacity_; }

std::optional<uint64_t> AcknowledgedLog::count_lost(const VersionAtOrigin& version_at_origin,
                                                    const OfInterest& of_interest) const {
  if (overflowed()) return std::nullopt;
  uint64_t lost = 0;
  for (const AcknowledgedWrite& write : writes()) {
    if (write.version == 0 || !of_interest(write.key_hash)) continue;
    const auto held = version_at_origin(write.key_hash);
    if (!held) return std::nullopt;
    if (write.version > *held) ++lost;
  }
  return lost;
}

}  // namespace cachegauge
