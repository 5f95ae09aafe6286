#include "harness/simulate/chunk_column.h"

#include <algorithm>
#include <bit>

namespace cachegauge {
namespace {

static_assert(std::endian::native == std::endian::little);

template <class Number>
const char* write(std::span<const uint64_t> numbers, const PackedNumbers& packed,
                  ColumnStore& store) {
  const size_t slack = sizeof(uint64_t) - sizeof(Number);
  auto* const out = static_cast<Number*>(store.room_for(numbers.size() * sizeof(Number) + slack));
  const auto with = [&](auto divide) {
    for (size_t i = 0; i < numbers.size(); ++i) {
      out[i] = static_cast<Number>(divide(numbers[i] - packed.least));
    }
  };
  // To divide by what the compiler knows is several times as fast.
  switch (packed.unit) {
    case 1'000'000'000:
      with([](uint64_t above) { return above / 1'000'000'000; });
      break;
    case 1'000'000:
      with([](uint64_t above) { return above / 1'000'000; });
      break;
    case 1000:
      with([](uint64_t above) { return above / 1000; });
      break;
    default:
      with([](uint64_t above) { return above; });
  }
  return reinterpret_cast<const char*>(out);
}

template <uint64_t kUnit>
bool are_multiples(std::span<const uint64_t> numbers, uint64_t least) {
  return std::all_of(numbers.begin(), numbers.end(),
                     [&](uint64_t number) { return (number - least) % kUnit == 0; });
}

template <class Number>
void read(const PackedNumbers& packed, size_t begin, size_t count, uint64_t* out) {
  const char* const from = packed.bytes + begin * sizeof(Number);
  const uint64_t least = packed.least, unit = packed.unit;
  for (size_t i = 0; i < count; ++i) {
    Number number;
    std::memcpy(&number, from + i * sizeof(Number), sizeof(Number));
    out[i] = least + number * unit;
  }
}

// The largest first: what is no multiple of it is seldom found late.
uint64_t unit_of(std::span<const uint64_t> numbers, uint64_t least) {
  if (are_multiples<1'000'000'000>(numbers, least)) return 1'000'000'000;
  if (are_multiples<1'000'000>(numbers, least)) return 1'000'000;
  return are_multiples<1000>(numbers, least) ? 1000 : 1;
}

}  // namespace

void PackedNumbers::unpack(size_t begin, size_t count, uint64_t* out) const {
  switch (width) {
    case 0:
      std::fill_n(out, count, least);
      break;
    case 1:
      read<uint8_t>(*this, begin, count, out);
      break;
    case 2:
      read<uint16_t>(*this, begin, count, out);
      break;
    case 4:
      read<uint32_t>(*this, begin, count, out);
      break;
    default:
      read<uint64_t>(*this, begin, count, out);
  }
}

PackedNumbers pack_numbers(std::span<const uint64_t> numbers, ColumnStore& store) {
  uint64_t least = UINT64_MAX, most = 0;
  for (const uint64_t number : numbers) {
    least = std::min(least, number);
    most = std::max(most, number);
  }
  PackedNumbers packed = {.least = least};
  if (most <= least) return packed;
  // Within two bytes a unit would save too little to be looked for.
  if (most - least > UINT16_MAX) packed.unit = unit_of(numbers, least);
  const uint64_t highest = (most - least) / packed.unit;
  if (highest <= UINT8_MAX) {
    packed.bytes = write<uint8_t>(numbers, packed, store);
    packed.width = 1;
  } else if (highest <= UINT16_MAX) {
    packed.bytes = write<uint16_t>(numbers, packed, store);
    packed.width = 2;
  } else if (highest <= UINT32_MAX) {
    packed.bytes = write<uint32_t>(numbers, packed, store);
    packed.width = 4;
  } else {
    packed.bytes = write<uint64_t>(numbers, packed, store);
    packed.width = 8;
  }
  packed.mask = UINT64_MAX >> (64 - 8 * packed.width);
  return packed;
}

}  // namespace cachegauge
