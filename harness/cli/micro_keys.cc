#include "harness/cli/micro_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "harness/core/error.h"
#include "harness/core/random.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

constexpr uint64_t kLeastDraws = 1 << 16, kMostDraws = 1 << 22;
constexpr uint64_t kOrderPurpose = 0x6d6963726f;  // of the random stream that shuffles

// Of sizes: a generator's parameters that belong to keys, whatever draws them.
bool is_of_keys(std::string_view param) {
  return param == "seed" || param == "compressibility" || param == "value" || param == "key" ||
         param.starts_with("value.") || param.starts_with("key.");
}

CommandKind command_of(Op op) {
  constexpr CommandKind kKinds[] = {CommandKind::kGet, CommandKind::kSet, CommandKind::kAdd,
                                    CommandKind::kDelete};
  return kKinds[static_cast<size_t>(op)];
}

// Calls use(request) with each request of the workload.
template <class Use>
void for_each_request(const Workload& workload, Use use) {
  const auto source = workload.open();
  std::array<Request, 256> rows;
  while (const size_t count = source->read(rows)) {
    for (size_t i = 0; i < count; ++i) use(rows[i]);
  }
}

}  // namespace

Spec all_keys_spec(const Spec& workload, uint64_t keys) {
  Spec all("sequential");
  for (const Spec::Param& param : workload.params()) {
    if (is_of_keys(param.name)) all.set(param.name, param.value);
  }
  all.set("keys", std::to_string(2 * keys));
  all.set("requests", std::to_string(2 * keys));
  return all;
}

MicroKeys::MicroKeys(const Spec& workload, const Workload& all, uint64_t keys, std::string prefix)
    : workload_(workload), count_(keys), keys_(std::move(prefix)) {
  value_sizes_.reserve(2 * keys);
  for_each_request(all, [&](const Request& request) {
    if (request.value_size_bytes > UINT32_MAX) throw Error::usage("a value of more than 4 GiB");
    keys_.intern(request, request.key_hash());
    value_sizes_.push_back(static_cast<uint32_t>(request.value_size_bytes));
    largest_value_bytes_ = std::max(largest_value_bytes_, value_sizes_.back());
  });
}

MicroDraw MicroKeys::draw(uint64_t index, CommandKind kind, bool absent) const {
  const uint64_t id = absent ? count_ + index : index;
  const bool writes = kind == CommandKind::kSet || kind == CommandKind::kAdd;
  return {&keys_.record(static_cast<uint32_t>(id)), writes ? value_sizes_[id] : 0, kind};
}

std::vector<MicroDraw> MicroKeys::drawn(std::optional<CommandKind> kind, bool absent) const {
  Spec spec = workload_;
  const uint64_t draws = std::bit_ceil(std::clamp(4 * count_, kLeastDraws, kMostDraws));
  spec.set("keys", std::to_string(count_));
  spec.set("requests", std::to_string(draws));
  std::vector<MicroDraw> made;
  made.reserve(draws);
  for_each_request(*make_workload(spec), [&](const Request& request) {
    // `latest` also asks for keys that are new to it.
    const uint64_t index = (request.integer_key - 1) % count_;
    made.push_back(draw(index, kind.value_or(command_of(request.op)), absent));
  });
  return made;
}

std::vector<MicroDraw> MicroKeys::once(CommandKind kind, bool absent) const {
  std::vector<MicroDraw> made;
  made.reserve(count_);
  for (uint64_t index = 0; index < count_; ++index) made.push_back(draw(index, kind, absent));
  SplitMix64 random = random_stream(workload_.count("seed", 42), kOrderPurpose);
  for (uint64_t left = count_; left > 1; --left) {
    std::swap(made[left - 1], made[random.below(left)]);
  }
  return made;
}

std::vector<MicroDraw> MicroKeys::once_as_asked_for(CommandKind kind) const {
  std::vector<MicroDraw> made;
  made.reserve(count_);
  std::vector<bool> has(count_);
  for (const std::vector<MicroDraw>& draws : {drawn(kind, false), once(kind, false)}) {
    for (const MicroDraw& one : draws) {
      if (has[one.key->id()]) continue;
      has[one.key->id()] = true;
      made.push_back(one);
    }
  }
  return made;
}

FreshKeys::FreshKeys(uint32_t source)
    : key_(fmt::format("n{:02x}{:09}", source, 0)), number_(uint64_t{source + 1} << 40) {}

}  // namespace cachegauge
