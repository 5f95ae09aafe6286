// A key and its value in one allocation, with 4 bytes of sizes before them (12 when one of the two
// is 64 KiB or longer); or what is left of a key whose value was evicted.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string_view>

#include "harness/core/hash.h"

namespace cachegauge {

// A pointer to the allocation; whoever holds it calls release(). Keys and values are up to 4 GiB
// - 1.
//
// It is 6 bytes: a user's addresses end below 2^48 on x86-64 and AArch64, and there is an Item for
// each slot of a cache, ghosts included. malloc() answers with even addresses, so an odd word is a
// ghost: 47 bits of a hash of the key.
class Item {
 public:
  static constexpr uint64_t kMaxSizeBytes = std::numeric_limits<uint32_t>::max();

  Item() = default;

  // An empty Item if there is no memory.
  static Item make(std::string_view key, std::string_view value) {
    Item item;
    item.point_to(std::malloc(header_bytes(key, value) + key.size() + value.size()));
    if (!item) return item;
    item.write_sizes(key, value);
    char* bytes = item.data() + header_bytes(key, value);
    copy(bytes, key);
    copy(bytes + key.size(), value);
    return item;
  }

  void release() {
    if (!is_ghost()) std::free(data());
    set_word(0);
  }

  // Releases the allocation and leaves a ghost of the key.
  void become_ghost() {
    const uint64_t fingerprint = fingerprint_of(key());
    release();
    set_word(fingerprint);
  }

  explicit operator bool() const { return word() != 0; }
  bool is_ghost() const { return (words_[0] & 1) != 0; }
  // Of a ghost: whether it is this key's. One key in 2^47 is taken for another.
  bool is_ghost_of(std::string_view key) const { return word() == fingerprint_of(key); }

  // The following are for what is not a ghost.
  std::string_view key() const { return layout().key; }
  std::string_view value() const { return layout().value; }
  size_t payload_bytes() const {
    const Layout l = layout();
    return l.key.size() + l.value.size();
  }

  // Overwrites the value by one that is not longer and does not leave much of the allocation
  // unused; otherwise changes nothing and returns false.
  bool overwrite(std::string_view value) {
    const Layout old = layout();
    const std::string_view key = old.key;
    const size_t header = key.data() - data();
    if (header_bytes(key, value) != header || value.size() > old.value.size()) return false;
    const size_t usable = malloc_usable_size(data());
    const size_t unused = usable - (header + key.size() + value.size());
    if (unused > std::max(kSmallestAllocation, usable / 8)) return false;
    write_sizes(key, value);
    copy(data() + header + key.size(), value);
    return true;
  }

  // What the allocation takes of the heap: glibc rounds chunks to 16 bytes and puts 8 before each.
  size_t held_bytes() const { return malloc_usable_size(data()) + sizeof(size_t); }

 private:
  static constexpr size_t kSmallestAllocation = 24;  // of glibc
  static constexpr uint16_t kWide = 0xffff;

  struct Narrow {
    uint16_t key_size;
    uint16_t value_size;
  };
  struct Wide {
    uint16_t mark;  // kWide
    uint16_t unused;
    uint32_t key_size;
    uint32_t value_size;
  };
  struct Layout {
    std::string_view key;
    std::string_view value;
  };

  static constexpr int kWordBits = 48;

  static uint64_t fingerprint_of(std::string_view key) {
    return (hash_text_key(key) << 1 | 1) & ((uint64_t{1} << kWordBits) - 1);
  }

  // Put together in registers: copying 6 bytes into a word in memory and reading it back stalls,
  // and made a request to a cache a quarter dearer.
  uint64_t word() const {
    uint32_t low;
    std::memcpy(&low, words_, sizeof(low));
    return uint64_t{words_[2]} << 32 | low;
  }
  void set_word(uint64_t word) {
    const auto low = static_cast<uint32_t>(word);
    std::memcpy(words_, &low, sizeof(low));
    words_[2] = static_cast<uint16_t>(word >> 32);
  }
  char* data() const { return reinterpret_cast<char*>(word()); }
  void point_to(void* data) { set_word(reinterpret_cast<uint64_t>(data)); }

  static size_t header_bytes(std::string_view key, std::string_view value) {
    return key.size() < kWide && value.size() < kWide ? sizeof(Narrow) : sizeof(Wide);
  }

  // memcpy from a null pointer is undefined even for no bytes, and a default string_view has one.
  static void copy(char* to, std::string_view from) {
    if (!from.empty()) std::memcpy(to, from.data(), from.size());
  }

  void write_sizes(std::string_view key, std::string_view value) {
    if (header_bytes(key, value) == sizeof(Narrow)) {
      const Narrow sizes = {static_cast<uint16_t>(key.size()), static_cast<uint16_t>(value.size())};
      std::memcpy(data(), &sizes, sizeof(sizes));
    } else {
      const Wide sizes = {kWide, 0, static_cast<uint32_t>(key.size()),
                          static_cast<uint32_t>(value.size())};
      std::memcpy(data(), &sizes, sizeof(sizes));
    }
  }

  // Left to themselves compilers make a call of it, which answers through memory. A set asks for it
  // four times, and takes 6 to 9 ns more with calls, 8 to 16 where one in 16 is timed.
  [[gnu::always_inline]] Layout layout() const {
    Narrow narrow;
    std::memcpy(&narrow, data(), sizeof(narrow));
    if (narrow.key_size != kWide) {
      const char* bytes = data() + sizeof(narrow);
      return {{bytes, narrow.key_size}, {bytes + narrow.key_size, narrow.value_size}};
    }
    Wide wide;
    std::memcpy(&wide, data(), sizeof(wide));
    const char* bytes = data() + sizeof(wide);
    return {{bytes, wide.key_size}, {bytes + wide.key_size, wide.value_size}};
  }

  uint16_t words_[3] = {};  // the low 32 bits in two, then the high 16
};

}  // namespace cachegauge
