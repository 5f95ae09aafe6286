#include "harness/core/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array<Unit, 5> kSizeUnits = {
    {{"", 1}, {"B", 1}, {"KiB", 1024.0}, {"MiB", 1024.0 * 1024}, {"GiB", 1024.0 * 1024 * 1024}}};
constexpr std::array<Unit, 3> kCountUnits = {{{"", 1}, {"k", 1e3}, {"M", 1e6}}};
constexpr std::array<Unit, 6> kTimeUnits = {
    {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};

struct Parsed {
  bool is_number = false;
  double number = 0;
  std::string_view unit;
};

Parsed split_number(std::string_view text) {
  Parsed parsed;
  const char* end = text.data() + text.size();
  // A fixed format: neither "1e9" nor "inf" is something a person writes for a size.
  const auto [rest, error] =
      std::from_chars(text.data(), end, parsed.number, std::chars_format::fixed);
  parsed.is_number = error == std::errc() && std::isfinite(parsed.number);
  parsed.unit = {rest, static_cast<size_t>(end - rest)};
  return parsed;
}

double parse_with_units(std::string_view text, std::span<const Unit> units, std::string_view what,
                        std::string_view example, double limit) {
  const Parsed parsed = split_number(text);
  if (parsed.is_number && parsed.number >= 0) {
    for (const Unit& unit : units) {
      if (unit.name != parsed.unit) continue;
      const double value = parsed.number * unit.factor;
      if (value <= limit) return value;
      throw Error::usage(fmt::format("{} \"{}\" is too large", what, text));
    }
  }
  std::string valid;
  for (const Unit& unit : units) {
    if (!unit.name.empty()) valid += fmt::format("{}{}", valid.empty() ? "" : " ", unit.name);
  }
  throw Error::usage(
      fmt::format("expected a {} such as {}, got \"{}\" (units: {})", what, example, text, valid));
}

constexpr double kLargestExact = 9007199254740992.0;  // 2^53: every integer below is a double

}  // namespace

uint64_t parse_size_bytes(std::string_view text) {
  return static_cast<uint64_t>(
      std::llround(parse_with_units(text, kSizeUnits, "size", "64MiB", kLargestExact)));
}

uint64_t parse_count(std::string_view text) {
  const double value = parse_with_units(text, kCountUnits, "count", "10k", kLargestExact);
  if (value != std::floor(value)) {
    throw Error::usage(fmt::format("expected a whole number, got \"{}\"", text));
  }
  return static_cast<uint64_t>(value);
}

int64_t parse_duration_ns(std::string_view text) {
  if (text == "0") return 0;
  return std::llround(parse_with_units(text, kTimeUnits, "time", "50ms", kLargestExact));
}

double parse_share(std::string_view text) {
  const Parsed parsed = split_number(text);
  const bool percent = parsed.unit == "%";
  const double share = percent ? parsed.number / 100 : parsed.number;
  if (!parsed.is_number || (!percent && !parsed.unit.empty()) || share < 0 || share > 1) {
    throw Error::usage(
        fmt::format("expected a share from 0% to 100%, such as 10%, got \"{}\"", text));
  }
  return share;
}

double parse_number(std::string_view text) {
  const Parsed parsed = split_number(text);
  if (!parsed.is_number || !parsed.unit.empty()) {
    throw Error::usage(fmt::format("expected a number such as 1.0, got \"{}\"", text));
  }
  return parsed.number;
}

std::string format_size(uint64_t bytes) {
  constexpr std::array<const char*, 4> kNames = {"B", "KiB", "MiB", "GiB"};
  double value = static_cast<double>(bytes);
  size_t i = 0;
  // 1023.96 KiB would print as 1024.0 KiB.
  while (value >= 1023.95 && i + 1 < kNames.size() && (value >= 1024 || i > 0)) {
    value /= 1024;
    ++i;
  }
  const bool whole = value == std::floor(value);
  return fmt::format("{:.{}f} {}", value, whole ? 0 : value < 9.995 ? 2 : 1, kNames[i]);
}

std::string format_count(uint64_t count) {
  std::string digits = fmt::format("{}", count);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(at, ",");
  return digits;
}

std::string format_duration(double ns) {
  if (ns == 0) return "0 ns";
  constexpr std::array<Unit, 4> kSteps = {{{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}}};
  size_t i = 0;
  // 999.6 us would print as 1000 us.
  while (i + 1 < kSteps.size() && std::abs(ns) / kSteps[i].factor >= 999.5) ++i;
  const double value = ns / kSteps[i].factor;
  const double size = std::abs(value);
  return fmt::format("{:.{}f} {}", value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0, kSteps[i].name);
}

}  // namespace cachegauge
