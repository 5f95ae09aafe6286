// A cache under test with what a micro-benchmark wants in it: started, filled and checked before
// anything is timed, and left as it was found.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cli/micro_keys.h"
#include "harness/core/adapter.h"
#include "harness/replay/value.h"
#include "harness/replay/workload_summary.h"

namespace cachegauge {

enum class MicroContent : uint8_t {
  kEmpty,
  kKeys,  // the present half of the keys, all of them, each with its value
  kFull,  // fresh keys, until it evicts one for each new one
};

struct MicroCachePlan {
  Spec adapter;
  AdapterSettings settings;  // without memory_bytes it is given room for what it shall hold
  Spec workload;             // resolved
  uint64_t keys = 0;
  MicroContent content = MicroContent::kEmpty;
  uint64_t full_items = 0;  // of a full one: how many it will hold; 0: as many as it has room for
};

// The settings of a plan with a budget: for a local cache, a private server, or one on disk, that
// has none. `footprint_bytes` is of all keys and values, absent ones included.
AdapterSettings settings_with_room(const MicroCachePlan& plan, uint64_t footprint_bytes);

// Used by one benchmark at a time. On a server that others use, its keys carry a prefix of their
// own, a manifest lies on disk for as long as they are there, and they are unlinked at the end.
class MicroCache {
 public:
  // Throws Error: what the adapter throws, or kFailed where the content cannot be had.
  static std::unique_ptr<MicroCache> make(const MicroCachePlan& plan);
  MicroCache(const MicroCache&) = delete;
  ~MicroCache();

  Adapter& adapter() { return *adapter_; }
  const MicroKeys& keys() const { return *keys_; }
  std::string_view value() const { return value_; }  // of a write: as much of it as is wanted
  FreshKeys& fresh_keys(uint32_t thread) { return fresh_keys_[thread]; }

 private:
  explicit MicroCache(const MicroCachePlan& plan);

  void require_memory() const;
  void begin_manifest();
  void fill();
  void store_keys();
  bool holds_nothing() const;
  void check_keys();
  void fill_until_it_evicts();
  uint64_t store_fresh(uint64_t count);  // how many it declined to store
  void clean_up();

  MicroCachePlan plan_;
  std::unique_ptr<Workload> all_keys_;
  WorkloadSummary summary_;
  std::unique_ptr<Adapter> adapter_;
  std::unique_ptr<MicroKeys> keys_;
  ValueMaker values_;
  std::string_view value_;             // its latest
  std::vector<FreshKeys> fresh_keys_;  // one a thread, and one to fill it
  std::string key_prefix_;             // empty: nobody else has keys there
  std::string manifest_path_;          // empty: none has been written
};

}  // namespace cachegauge
