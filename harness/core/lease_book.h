// Who holds the lease of which key, for caches in this process: the right to fill a key is granted
// to one caller at a time, for a time at the most, and a write of the key takes it back. Nishtala
// et al., "Scaling Memcache at Facebook", NSDI 2013.
//
// Keys are told apart by their 64-bit hashes: where two share one, a caller waits for the other
// key's lease, and no answer is wrong. Not thread-safe.
#pragma once

#include <cstdint>
#include <unordered_map>

namespace cachegauge {

class LeaseBook {
 public:
  // The token of the lease, or 0 if another holds it. `held_ns` 0: until it is ended.
  uint64_t grant(uint64_t key_hash, int64_t now_ns, int64_t held_ns) {
    Lease& lease = leases_[key_hash];
    if (lease.token != 0 && now_ns < lease.until_ns) return 0;
    lease = {++last_token_, held_ns > 0 ? now_ns + held_ns : INT64_MAX};
    return lease.token;
  }

  // Ends the lease; false if it is not held under this token any more.
  bool end(uint64_t key_hash, uint64_t token, int64_t now_ns) {
    const auto place = leases_.find(key_hash);
    if (place == leases_.end() || place->second.token != token) return false;
    const bool held = now_ns < place->second.until_ns;
    leases_.erase(place);
    return held;
  }

  // Whoever holds it.
  void revoke(uint64_t key_hash) { leases_.erase(key_hash); }
  void clear() { leases_.clear(); }

  bool empty() const { return leases_.empty(); }

 private:
  struct Lease {
    uint64_t token = 0;
    int64_t until_ns = 0;
  };
  std::unordered_map<uint64_t, Lease> leases_;
  uint64_t last_token_ = 0;
};

}  // namespace cachegauge
