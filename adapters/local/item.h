// A key and its value in one allocation, with 4 bytes of sizes before them (12 when one of the two
// is 64 KiB or longer).
#pragma once

#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string_view>

namespace cachegauge {

// A pointer to the allocation; whoever holds it calls release(). Keys and values are up to 4 GiB
// - 1.
class Item {
 public:
  static constexpr uint64_t kMaxSizeBytes = std::numeric_limits<uint32_t>::max();

  Item() = default;

  // An empty Item if there is no memory.
  static Item make(std::string_view key, std::string_view value) {
    Item item;
    item.data_ =
        static_cast<char*>(std::malloc(header_bytes(key, value) + key.size() + value.size()));
    if (!item.data_) return item;
    item.write_sizes(key, value);
    char* bytes = item.data_ + header_bytes(key, value);
    copy(bytes, key);
    copy(bytes + key.size(), value);
    return item;
  }

  void release() {
    std::free(data_);
    data_ = nullptr;
  }

  explicit operator bool() const { return data_ != nullptr; }

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
    const size_t header = key.data() - data_;
    if (header_bytes(key, value) != header || value.size() > old.value.size()) return false;
    const size_t usable = malloc_usable_size(data_);
    const size_t unused = usable - (header + key.size() + value.size());
    if (unused > std::max(kSmallestAllocation, usable / 8)) return false;
    write_sizes(key, value);
    copy(data_ + header + key.size(), value);
    return true;
  }

  // What the allocation takes of the heap: glibc rounds chunks to 16 bytes and puts 8 before each.
  size_t held_bytes() const { return malloc_usable_size(data_) + sizeof(size_t); }

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
      std::memcpy(data_, &sizes, sizeof(sizes));
    } else {
      const Wide sizes = {kWide, 0, static_cast<uint32_t>(key.size()),
                          static_cast<uint32_t>(value.size())};
      std::memcpy(data_, &sizes, sizeof(sizes));
    }
  }

  Layout layout() const {
    Narrow narrow;
    std::memcpy(&narrow, data_, sizeof(narrow));
    if (narrow.key_size != kWide) {
      const char* bytes = data_ + sizeof(narrow);
      return {{bytes, narrow.key_size}, {bytes + narrow.key_size, narrow.value_size}};
    }
    Wide wide;
    std::memcpy(&wide, data_, sizeof(wide));
    const char* bytes = data_ + sizeof(wide);
    return {{bytes, wide.key_size}, {bytes + wide.key_size, wide.value_size}};
  }

  char* data_ = nullptr;
};

}  // namespace cachegauge
