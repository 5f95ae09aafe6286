// The keys of a micro-benchmark and the order in which it asks for them, all made before anything
// is timed: the timed loop reads 16 bytes a command, in order, and a key that was prefetched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/hash.h"
#include "harness/core/session.h"
#include "harness/core/spec.h"
#include "harness/core/workload.h"
#include "harness/replay/key_interner.h"

namespace cachegauge {

struct MicroDraw {
  const KeyRecord* key;
  uint32_t value_size_bytes;  // of a write; 0 of others
  CommandKind kind;
};

// A workload that has each of 2 x `keys` keys once, in order, with the sizes of keys and values
// that `workload` (resolved: Workload::spec()) gives them.
Spec all_keys_spec(const Spec& workload, uint64_t keys);

// `workload`'s keys, each with the size of its value. The first half, as many as it has, are those
// that are put into a cache; the other half never is, and of like lengths. Immutable once made.
class MicroKeys {
 public:
  // `all` is of all_keys_spec(workload, keys). A key begins with `prefix`.
  MicroKeys(const Spec& workload, const Workload& all, uint64_t keys, std::string prefix);

  uint64_t count() const { return count_; }  // of either half
  uint32_t largest_value_bytes() const { return largest_value_bytes_; }

  // Keys as the workload draws them, for a loop that goes round and round: of the half that is in
  // the cache, or the other. Without a kind the commands are those of the workload.
  std::vector<MicroDraw> drawn(std::optional<CommandKind> kind, bool absent) const;
  // Each key of one half once, in an order of chance.
  std::vector<MicroDraw> once(CommandKind kind, bool absent) const;
  // Each key of the half that is in the cache once, in the order in which an application would have
  // filled it: as the workload first asks for them, and then the others.
  std::vector<MicroDraw> once_as_asked_for(CommandKind kind) const;

 private:
  MicroDraw draw(uint64_t index, CommandKind kind, bool absent) const;

  Spec workload_;
  uint64_t count_;
  KeyInterner keys_;
  std::vector<uint32_t> value_sizes_;
  uint32_t largest_value_bytes_ = 0;
};

// Walks through draws, again and again, and brings the keys ahead into the CPU's cache, as the feed
// of a replay does.
class DrawWalk {
 public:
  static constexpr size_t kAhead = 16;

  // `draws` are this thread's alone if each is to come once. `value` is as long as the longest.
  DrawWalk(const std::vector<MicroDraw>& draws, size_t begin, std::string_view value)
      : begin_(draws.data()), at_(begin_ + begin), end_(begin_ + draws.size()), value_(value) {}

  void next(Command& command) {
    const MicroDraw& draw = *at_;
    if (++at_ == end_) at_ = begin_;
    __builtin_prefetch(at_ + kAhead < end_ ? at_[kAhead].key : at_->key);
    command.kind = draw.kind;
    command.key = draw.key->bytes();
    command.key_hash = draw.key->hash();
    command.value = {value_.data(), draw.value_size_bytes};
  }

 private:
  const MicroDraw* begin_;
  const MicroDraw* at_;
  const MicroDraw* end_;
  std::string_view value_;
};

// Keys that nobody has had, a billion of them, each made out of the one before in about a
// nanosecond: a number whose digits stand the lowest first, so that to a tree they come from all
// over. One for each source, up to 256.
class FreshKeys {
 public:
  explicit FreshKeys(uint32_t source);

  void next(Command& command) {
    char* digit = &key_[kDigitsAt];
    while (*digit == '9' && digit != &key_.back()) *digit++ = '0';
    *digit = *digit == '9' ? '0' : static_cast<char>(*digit + 1);
    command.key = key_;
    command.key_hash = hash_integer_key(++number_);
  }

 private:
  static constexpr size_t kDigitsAt = 3;  // after "n" and the source

  std::string key_;
  uint64_t number_;  // beyond those of all other keys
};

}  // namespace cachegauge
