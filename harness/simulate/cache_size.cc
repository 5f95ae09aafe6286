#include "harness/simulate/cache_size.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/error.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

using Unit = CacheSize::Unit;

constexpr size_t kMostInRange = 1000;

CacheSize parse_one(std::string_view text) {
  CacheSize size = {std::string(text)};
  if (text.ends_with('%')) {
    size.unit = Unit::kShare;
    size.value = parse_share(text);
  } else if (text.ends_with('B')) {
    size.unit = Unit::kBytes;
    size.value = static_cast<double>(parse_size_bytes(text));
  } else {
    try {
      size.value = static_cast<double>(parse_count(text));
    } catch (const Error&) {
      throw Error::usage(fmt::format(
          "expected a size such as 10k (entries), 64MiB or 1% (of the unique keys), got \"{}\"",
          text));
    }
  }
  return size;
}

void require_room(const CacheSize& size) {
  if (size.value <= 0) {
    throw Error::usage(fmt::format("a cache of size {} holds nothing", size.text));
  }
  if (size.unit == Unit::kBytes && size.value <= static_cast<double>(kItemChargeBytes)) {
    throw Error::usage(fmt::format(
        "a cache of {} holds nothing, as an object takes {} bytes beside its key and value",
        size.text, kItemChargeBytes));
  }
  if (size.unit == Unit::kEntries && size.value >= kMaxSlots) {
    throw Error::usage(fmt::format("{} entries are too many: up to {}", size.text, kMaxSlots - 1));
  }
}

std::string text_of(Unit unit, double value) {
  switch (unit) {
    case Unit::kShare:
      return fmt::format("{:.6g}%", value * 100);
    case Unit::kBytes:
      return fmt::format("{}B", std::llround(value));
    case Unit::kEntries:
      break;
  }
  return fmt::format("{}", std::llround(value));
}

std::vector<CacheSize> parse_range(std::string_view text, size_t dots) {
  const size_t times = text.find('x', dots);
  if (times == std::string_view::npos) {
    throw Error::usage(fmt::format(
        "expected a range such as 1%..50%x2 (each size twice the last), got \"{}\"", text));
  }
  const CacheSize first = parse_one(text.substr(0, dots));
  const CacheSize last = parse_one(text.substr(dots + 2, times - dots - 2));
  const double factor = parse_number(text.substr(times + 1));
  require_room(first);
  require_room(last);
  if (first.unit != last.unit || first.value > last.value || factor <= 1) {
    throw Error::usage(fmt::format(
        "the range \"{}\" should rise from its first size to its last, both in one unit, by a "
        "factor above 1",
        text));
  }
  std::vector<CacheSize> sizes = {first};
  for (double value = first.value * factor; value < last.value; value *= factor) {
    sizes.push_back({text_of(first.unit, value), first.unit, value});
    if (sizes.size() > kMostInRange) {
      throw Error::usage(fmt::format(
          "the range \"{}\" has more than {} sizes: take a larger factor", text, kMostInRange));
    }
  }
  if (last.value > first.value) sizes.push_back(last);
  return sizes;
}

}  // namespace

PolicyCapacity CacheSize::resolve(uint64_t unique_keys) const {
  const bool share = unit == Unit::kShare;
  const double limit = share ? std::round(value * static_cast<double>(unique_keys)) : value;
  return {.limit = std::max<uint64_t>(1, static_cast<uint64_t>(std::llround(limit))),
          .in_bytes = unit == Unit::kBytes};
}

std::vector<CacheSize> parse_cache_sizes(std::string_view text) {
  const size_t dots = text.find("..");
  if (dots != std::string_view::npos) return parse_range(text, dots);
  const CacheSize size = parse_one(text);
  require_room(size);
  return {size};
}

}  // namespace cachegauge
