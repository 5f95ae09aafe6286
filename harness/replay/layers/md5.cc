#include "harness/replay/layers/md5.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace cachegauge {
namespace {

constexpr size_t kBlockBytes = 64;
using State = std::array<uint32_t, 4>;

// The RFC's T: the integer part of 2^32 × |sin(i)|, i in radians from 1.
const std::array<uint32_t, 64> kSines = [] {
  std::array<uint32_t, 64> sines{};
  for (size_t i = 0; i < sines.size(); ++i) {
    const double sine = std::fabs(std::sin(static_cast<double>(i + 1)));
    sines[i] = static_cast<uint32_t>(std::floor(std::ldexp(sine, 32)));
  }
  return sines;
}();

constexpr int kShifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

// A round's function of three words, and which word of the block its step takes.
uint32_t mix(size_t step, uint32_t b, uint32_t c, uint32_t d) {
  switch (step / 16) {
    case 0:
      return (b & c) | (~b & d);
    case 1:
      return (b & d) | (c & ~d);
    case 2:
      return b ^ c ^ d;
    default:
      return c ^ (b | ~d);
  }
}

size_t word_of(size_t step) {
  switch (step / 16) {
    case 0:
      return step;
    case 1:
      return (5 * step + 1) % 16;
    case 2:
      return (3 * step + 5) % 16;
    default:
      return 7 * step % 16;
  }
}

void take_block(const uint8_t* block, State& state) {
  std::array<uint32_t, 16> words;
  std::memcpy(words.data(), block, kBlockBytes);
  auto [a, b, c, d] = state;
  for (size_t step = 0; step < 64; ++step) {
    const uint32_t sum = a + mix(step, b, c, d) + words[word_of(step)] + kSines[step];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, kShifts[step / 16][step % 4]);
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

}  // namespace

void md5(std::string_view message, uint8_t* digest) {
  State state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  const uint64_t bits = message.size() * uint64_t{8};
  while (message.size() >= kBlockBytes) {
    take_block(reinterpret_cast<const uint8_t*>(message.data()), state);
    message.remove_prefix(kBlockBytes);
  }
  // A one bit, zeros, and the length in the last eight bytes.
  std::array<uint8_t, 2 * kBlockBytes> rest{};
  if (!message.empty()) std::memcpy(rest.data(), message.data(), message.size());
  rest[message.size()] = 0x80;
  const size_t end = message.size() + 9 <= kBlockBytes ? kBlockBytes : 2 * kBlockBytes;
  std::memcpy(&rest[end - 8], &bits, sizeof(bits));
  for (size_t at = 0; at < end; at += kBlockBytes) take_block(&rest[at], state);
  std::memcpy(digest, state.data(), sizeof(state));
}

}  // namespace cachegauge
