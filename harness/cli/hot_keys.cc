#include "harness/cli/hot_keys.h"

#include <algorithm>
#include <array>

namespace cachegauge {
namespace {

constexpr uint64_t kMostRequests = 1'000'000;

}  // namespace

void name_hottest(const Workload& workload, const InternedTrace& trace,
                  const std::vector<uint32_t>& ids, std::vector<HotKey>& keys) {
  std::vector<uint64_t> hashes;
  hashes.reserve(ids.size());
  for (uint32_t id : ids) hashes.push_back(trace.key_hash(id));
  const auto source = workload.open();
  std::array<Request, 256> batch;
  size_t found = 0;
  for (uint64_t read = 0; read < kMostRequests && found < hashes.size();) {
    const size_t count = source->read(batch);
    if (count == 0) return;
    read += count;
    for (const Request& row : std::span(batch).first(count)) {
      const auto at = std::find(hashes.begin(), hashes.end(), row.key_hash());
      if (at == hashes.end()) continue;
      std::string& key = keys[static_cast<size_t>(at - hashes.begin())].key;
      if (!key.empty()) continue;
      key = row.has_text_key() ? std::string(row.text_key) : std::to_string(row.integer_key);
      ++found;
    }
  }
}

}  // namespace cachegauge
