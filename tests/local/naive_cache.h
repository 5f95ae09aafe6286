// What the local caches are compared with: the same rules, written as plainly as can be.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/local/policies/frequency_sketch.h"
#include "adapters/local/policies/policy.h"
#include "harness/core/session.h"
#include "tests/local/naive_order.h"

namespace cachegauge {

class NaiveCache {
 public:
  struct Removal {
    std::string key;
    bool expired;
    auto operator<=>(const Removal&) const = default;
  };

  // With `filtered` what is not held is let in as TinyLFU has it. The counts are those of the real
  // sketch.
  NaiveCache(PolicyCapacity capacity, NaiveOrder& order, bool filtered)
      : capacity_(capacity), order_(order), filtered_(filtered) {
    order_.capacity = capacity;
  }

  std::optional<std::string> get(const std::string& key, int64_t now) {
    now_ = now;
    if (!live(key)) return std::nullopt;
    count(key);
    order_.touch(key);
    return entries_[key].value;
  }

  Outcome set(const std::string& key, const std::string& value, int64_t ttl, int64_t now) {
    now_ = now;
    const bool there = live(key);
    sweep();
    if (there) {
      count(key);
      order_.touch(key);
      resize(key, charge(capacity_, key.size(), value.size()));
    }
    if (!entries_.contains(key)) return insert(key, value, ttl);
    entries_[key] = {value, expiry(ttl)};
    return Outcome::kStored;
  }

  Outcome add(const std::string& key, const std::string& value, int64_t ttl, int64_t now) {
    now_ = now;
    if (live(key)) return Outcome::kNotStored;
    sweep();
    return insert(key, value, ttl);
  }

  Outcome erase(const std::string& key, int64_t now) {
    now_ = now;
    if (!live(key)) return Outcome::kNotFound;
    drop(key);
    return Outcome::kDeleted;
  }

  uint64_t payload_bytes() const {
    uint64_t sum = 0;
    for (const auto& [key, entry] : entries_) sum += key.size() + entry.value.size();
    return sum;
  }
  uint64_t items() const { return entries_.size(); }
  uint64_t used() const { return order_.used(); }

  std::vector<Removal> removals;  // by the policy, in order
  uint64_t expirations = 0;       // wherever they were found
  uint64_t not_admitted = 0;

 private:
  struct Entry {
    std::string value;
    int64_t expiry = 0;  // 0: never
  };

  int64_t expiry(int64_t ttl) const {
    if (ttl == 0) ttl = order_.default_ttl();
    return ttl == 0 ? 0 : now_ + ttl;
  }
  bool expired(const std::string& key) const {
    const int64_t at = entries_.at(key).expiry;
    return at != 0 && now_ >= at;
  }

  bool live(const std::string& key) {
    if (!entries_.contains(key)) return false;
    if (!expired(key)) return true;
    ++expirations;
    drop(key);
    return false;
  }

  void sweep() {
    if (order_.default_ttl() == 0) return;
    std::vector<std::string> found;
    for (const auto& [key, entry] : entries_) {
      if (expired(key)) found.push_back(key);
    }
    for (const std::string& key : found) evict(key);
  }

  static uint32_t hash(const std::string& key) { return static_cast<uint32_t>(hash_text_key(key)); }
  void count(const std::string& key) {
    sketch_.reserve(entries_.size());
    sketch_.add(hash(key));
  }
  bool admits(const std::string& key, const std::optional<std::string>& rival) {
    count(key);
    return !rival || expired(*rival) || sketch_.count(hash(key)) > sketch_.count(hash(*rival));
  }

  void drop(const std::string& key) {
    order_.leave(key);
    order_.sizes.erase(key);
    entries_.erase(key);
  }

  void evict(const std::string& key, const std::string& replaced = "") {
    removals.push_back({key, expired(key)});
    expirations += expired(key);
    if (expired(key) || key == replaced) return drop(key);
    order_.retire(key);
    order_.sizes.erase(key);
    entries_.erase(key);
  }

  void give_up(const std::string& key, const std::string& replaced = "") {
    order_.give_up(key);
    evict(key, replaced);
  }

  void resize(const std::string& key, uint64_t size) {
    if (size == order_.sizes[key]) return;
    order_.sizes[key] = size;
    order_.resized(key);
    if (size > capacity_.limit) evict(key, key);
    while (const auto next = order_.surplus(0)) give_up(*next, key);
    order_.settle();
  }

  Outcome insert(const std::string& key, const std::string& value, int64_t ttl) {
    const uint64_t size = charge(capacity_, key.size(), value.size());
    std::optional<std::string> named;
    if (filtered_) {
      named = order_.next_victim(key, size);
      if (!admits(key, named)) {
        ++not_admitted;
        return Outcome::kNotStored;
      }
    }
    if (size > capacity_.limit) return Outcome::kNotStored;
    order_.recall(key, size);
    if (!order_.enters_first()) {
      if (named) give_up(*named);
      while (const auto next = order_.surplus(size)) give_up(*next);
    }
    order_.sizes[key] = size;
    order_.enter(key);
    entries_[key] = {value, expiry(ttl)};
    while (const auto next = order_.surplus(0)) {
      if (named) {
        EXPECT_EQ(*next, *named);
      }
      named.reset();
      if (*next == key) {
        drop(key);
      } else {
        give_up(*next);
      }
    }
    order_.settle();
    return entries_.contains(key) ? Outcome::kStored : Outcome::kNotStored;
  }

  PolicyCapacity capacity_;
  NaiveOrder& order_;
  bool filtered_;
  FrequencySketch sketch_;
  std::map<std::string, Entry> entries_;
  int64_t now_ = 0;
};

}  // namespace cachegauge
