// What goes wrong, on purpose, with those who make a value, while others wait for it.
//
//   dies-before   who is to make the value dies before asking the origin, and its lock stays
//   dies-after    the same with the answer in hand, before the fill
//   pause         a pause between answer and fill (garbage collection, a suspended machine), after
//                 which it goes on as if nothing had happened; longer than its lock's TTL, unless
//                 told otherwise
//   origin-error  the origin answers with an error
//   origin-hang   it does not answer, and the client gives the call up
//
// The first `times` loads of a key after each fill go wrong so; the next does not.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

#include "harness/core/registry.h"
#include "harness/core/spec.h"

namespace cachegauge {

enum class FaultAction : uint8_t { kDieBefore, kDieAfter, kPause, kOriginError, kOriginHang };

struct FaultKind {
  std::string_view name;
  std::string_view summary;
  std::span<const ParamInfo> params;
  FaultAction action;
};
std::span<const FaultKind> fault_kinds();

struct HolderFault {
  FaultAction action = FaultAction::kDieBefore;
  uint32_t times = 1;
  int64_t for_ns = 0;  // a pause's length, or how long a call that hangs is waited for
};

// `lock_ns`: the TTL of the guard's lock or lease, 0 if it has none; `timeout_ns`: the client's.
// Throws Error::usage.
HolderFault parse_fault(std::string_view text, int64_t lock_ns, int64_t timeout_ns);

// Whose turn it is. `struck` has a counter for each key, 0 at first, and may lie in memory that
// several processes share: then theirs are counted together.
class FaultLedger {
 public:
  FaultLedger(const HolderFault& fault, std::span<std::atomic<uint32_t>> struck)
      : fault_(fault), struck_(struck) {}

  const HolderFault& fault() const { return fault_; }
  // A load of the key begins: true if it is to go wrong.
  bool strikes(uint32_t key) {
    uint32_t before = struck_[key].load();
    while (before < fault_.times) {
      if (struck_[key].compare_exchange_weak(before, before + 1)) return true;
    }
    return false;
  }
  void filled(uint32_t key) { struck_[key] = 0; }

 private:
  const HolderFault fault_;
  const std::span<std::atomic<uint32_t>> struck_;  // since the key's last fill
};

}  // namespace cachegauge
