// A policy on objects that are letters, so that a sequence of uses is a string.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/local/policies/policy_list.h"
#include "harness/core/hash.h"

namespace cachegauge {

// Objects are letters, and a letter's slot is its place in the alphabet.
struct LetterSink : DeafSink {
  uint64_t size(uint32_t slot) const { return sizes[slot]; }
  bool evicted(uint32_t slot) {
    victims += static_cast<char>('a' + slot);
    return true;
  }
  void forgotten(uint32_t slot) { forgotten_slots += static_cast<char>('a' + slot); }

  std::array<uint64_t, 26> sizes = {};
  std::string victims;
  std::string forgotten_slots;
};

template <class Policy>
class Letters {
 public:
  explicit Letters(PolicyCapacity capacity, std::string_view params = "")
      : spec_(Spec::parse("test" + std::string(params))), policy({capacity, spec_}) {
    policy.reserve(26);
  }

  // A get that fills on a miss.
  bool use(char letter, uint64_t size = 1, uint64_t next_use = kNeverUsed, uint64_t position = 0) {
    const Access access = {.slot = slot_of(letter),
                           .key_hash = hash_integer_key(letter),
                           .size = size,
                           .next_use = next_use,
                           .position = position};
    if (policy.resident(access.slot)) {
      policy.hit(access, sink);
      return true;
    }
    sink.sizes[access.slot] = size;
    return policy.insert(access, sink);
  }
  // Of an insert that is not made.
  char next_victim(char letter) {
    return static_cast<char>('a' + policy.next_victim({.slot = slot_of(letter)}, sink));
  }
  // The future that an offline policy is told ends with the letters.
  void use_all(std::string_view letters) {
    for (size_t i = 0; i < letters.size(); ++i) {
      const size_t next = letters.find(letters[i], i + 1);
      use(letters[i], 1, next == letters.npos ? kNeverUsed : next, i);
    }
  }
  bool resize(char letter, uint64_t size) {
    const uint32_t slot = slot_of(letter);
    const uint64_t old_size = std::exchange(sink.sizes[slot], size);
    return policy.resize({.slot = slot, .size = size}, old_size, sink);
  }
  void erase(char letter) { policy.erase(slot_of(letter), sink); }
  std::string residents() const {
    std::string letters;
    for (uint32_t slot = 0; slot < 26; ++slot) {
      if (policy.resident(slot)) letters += static_cast<char>('a' + slot);
    }
    return letters;
  }

 private:
  static uint32_t slot_of(char letter) { return static_cast<uint32_t>(letter - 'a'); }

  Spec spec_;

 public:
  Policy policy;
  LetterSink sink;
};

inline constexpr PolicyCapacity kThreeEntries = {.limit = 3};
inline constexpr PolicyCapacity kTenBytes = {.limit = 10, .in_bytes = true};

}  // namespace cachegauge
