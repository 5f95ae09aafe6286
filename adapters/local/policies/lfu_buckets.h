// The order of LFU in constant time. Shah, Mitra, Matani, "An O(1) algorithm for implementing the
// LFU cache eviction scheme", 2010: objects of one count form a bucket, the buckets form a list by
// count, and a use moves an object one bucket on.
//
// Among objects of the lowest count the one that reached it first goes first.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/policy.h"

namespace cachegauge {

class LfuBuckets {
 public:
  LfuBuckets() : buckets_(1, Bucket{.prev = kEnd, .next = kEnd}) {}

  // With more uses than one it looks for its place among the buckets, from the lowest up.
  void enter(uint32_t slot, uint64_t count = 1) {
    uint32_t below = kEnd;
    for (uint32_t next; (next = buckets_[below].next) != kEnd && buckets_[next].count < count;) {
      below = next;
    }
    append(slot, bucket_after(below, count));
  }

  void touch(uint32_t slot) {
    const uint32_t from = nodes_[slot].bucket;
    const uint64_t count = buckets_[from].count + 1;
    // Alone in its bucket, with no bucket for the next count: the bucket itself moves on.
    if (buckets_[from].front == buckets_[from].back &&
        buckets_[buckets_[from].next].count != count) {
      buckets_[from].count = count;
      return;
    }
    const uint32_t to = bucket_after(from, count);
    remove(slot);
    append(slot, to);
  }

  void leave(uint32_t slot) {
    remove(slot);
    nodes_[slot].bucket = kAbsent;
  }

  uint32_t victim() const { return buckets_[buckets_[kEnd].next].front; }
  // Of a slot that is held.
  uint64_t count_of(uint32_t slot) const { return buckets_[nodes_[slot].bucket].count; }

  bool holds(uint32_t slot) const { return nodes_[slot].bucket != kAbsent; }
  void reserve(uint32_t slots) { grow_exactly(nodes_, slots, Node{0, 0, kAbsent}); }
  void prefetch(uint32_t slot) const { __builtin_prefetch(&nodes_[slot], 1); }
  size_t bytes() const { return held_bytes(nodes_) + held_bytes(buckets_); }

 private:
  static constexpr uint32_t kEnd = 0;  // the bucket with count 0 that closes the ring of buckets
  static constexpr uint32_t kAbsent = 0xffffffff;

  struct Node {
    uint32_t prev;  // slots of the same bucket; undefined at the ends
    uint32_t next;
    uint32_t bucket;
  };
  struct Bucket {
    uint64_t count = 0;
    uint32_t front = kNoSlot;  // the slot that reached this count first
    uint32_t back = kNoSlot;
    uint32_t prev = kEnd;
    uint32_t next = kEnd;
  };

  // The bucket for `count`, which belongs right behind `bucket`; made if it is not there.
  uint32_t bucket_after(uint32_t bucket, uint64_t count) {
    const uint32_t next = buckets_[bucket].next;
    if (buckets_[next].count == count) return next;
    const uint32_t made = take_free_bucket();
    buckets_[made] = {.count = count, .prev = bucket, .next = next};
    buckets_[bucket].next = made;
    buckets_[next].prev = made;
    return made;
  }

  uint32_t take_free_bucket() {
    if (free_ == kEnd) {
      buckets_.emplace_back();
      return static_cast<uint32_t>(buckets_.size() - 1);
    }
    const uint32_t bucket = free_;
    free_ = buckets_[bucket].next;
    return bucket;
  }

  void append(uint32_t slot, uint32_t bucket) {
    Bucket& b = buckets_[bucket];
    nodes_[slot].prev = b.back;
    nodes_[slot].bucket = bucket;
    if (b.front == kNoSlot) {
      b.front = slot;
    } else {
      nodes_[b.back].next = slot;
    }
    b.back = slot;
  }

  // Leaves the node's own fields to be overwritten.
  void remove(uint32_t slot) {
    const Node node = nodes_[slot];
    Bucket& b = buckets_[node.bucket];
    if (b.front == b.back) {
      release_bucket(node.bucket);
    } else if (b.front == slot) {
      b.front = node.next;
    } else if (b.back == slot) {
      b.back = node.prev;
    } else {
      nodes_[node.prev].next = node.next;
      nodes_[node.next].prev = node.prev;
    }
  }

  void release_bucket(uint32_t bucket) {
    Bucket& b = buckets_[bucket];
    buckets_[b.prev].next = b.next;
    buckets_[b.next].prev = b.prev;
    b.next = free_;
    free_ = bucket;
  }

  std::vector<Node> nodes_;      // by slot
  std::vector<Bucket> buckets_;  // as many as there were different counts at once
  uint32_t free_ = kEnd;         // chained by `next`
};

}  // namespace cachegauge
