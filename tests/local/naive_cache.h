// What the local caches are compared with: the same rules, written as plainly as can be.
#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/local/policies/policy.h"
#include "harness/core/session.h"

namespace cachegauge {

// The keys held, in order of eviction, the next victim first.
class NaiveOrder {
 public:
  virtual ~NaiveOrder() = default;
  virtual void enter(const std::string& key) { keys_.push_back(key); }
  virtual void touch(const std::string&) {}
  virtual void leave(const std::string& key) { keys_.remove(key); }
  virtual std::string victim() { return keys_.front(); }

 protected:
  std::list<std::string> keys_;
};

using NaiveFifo = NaiveOrder;

class NaiveLru final : public NaiveOrder {
 public:
  void touch(const std::string& key) override {
    leave(key);
    enter(key);
  }
};

class NaiveClock final : public NaiveOrder {
 public:
  void enter(const std::string& key) override {
    NaiveOrder::enter(key);
    referenced_[key] = false;
  }
  void touch(const std::string& key) override { referenced_[key] = true; }
  std::string victim() override {
    while (referenced_[keys_.front()]) {
      referenced_[keys_.front()] = false;
      keys_.splice(keys_.end(), keys_, keys_.begin());
    }
    return keys_.front();
  }

 private:
  std::map<std::string, bool> referenced_;
};

class NaiveLfu final : public NaiveOrder {
 public:
  void enter(const std::string& key) override { uses_[key] = {1, ++clock_}; }
  void touch(const std::string& key) override { uses_[key] = {uses_[key].first + 1, ++clock_}; }
  void leave(const std::string& key) override { uses_.erase(key); }
  std::string victim() override {
    return std::min_element(uses_.begin(), uses_.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
  }

 private:
  std::map<std::string, std::pair<uint64_t, uint64_t>> uses_;  // count, and when it was reached
  uint64_t clock_ = 0;
};

class NaiveCache {
 public:
  struct Removal {
    std::string key;
    bool expired;
    bool operator==(const Removal&) const = default;
  };

  NaiveCache(PolicyCapacity capacity, NaiveOrder& order) : capacity_(capacity), order_(order) {}

  std::optional<std::string> get(const std::string& key, int64_t now) {
    now_ = now;
    if (!live(key)) return std::nullopt;
    order_.touch(key);
    return entries_[key].value;
  }

  Outcome set(const std::string& key, const std::string& value, int64_t ttl, int64_t now) {
    now_ = now;
    const uint64_t size = charge(capacity_, key.size(), value.size());
    if (live(key)) {
      order_.touch(key);
      if (size > capacity_.limit) {
        evict(key);
      } else {
        used_ += size - entries_[key].size;
        entries_[key].size = size;
        while (used_ > capacity_.limit) evict(order_.victim());
      }
    }
    if (!entries_.contains(key)) return insert(key, value, ttl);
    entries_[key] = {value, size, expiry(ttl)};
    return Outcome::kStored;
  }

  Outcome add(const std::string& key, const std::string& value, int64_t ttl, int64_t now) {
    now_ = now;
    return live(key) ? Outcome::kNotStored : insert(key, value, ttl);
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
  uint64_t used() const { return used_; }

  std::vector<Removal> removals;  // by the policy, in order
  uint64_t expirations = 0;       // wherever they were found

 private:
  struct Entry {
    std::string value;
    uint64_t size = 0;
    int64_t expiry = 0;  // 0: never
  };

  int64_t expiry(int64_t ttl) const { return ttl == 0 ? 0 : now_ + ttl; }
  bool expired(const Entry& entry) const { return entry.expiry != 0 && now_ >= entry.expiry; }

  bool live(const std::string& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return false;
    if (!expired(found->second)) return true;
    ++expirations;
    drop(key);
    return false;
  }

  void drop(const std::string& key) {
    order_.leave(key);
    used_ -= entries_[key].size;
    entries_.erase(key);
  }

  void evict(const std::string key) {
    removals.push_back({key, expired(entries_[key])});
    expirations += expired(entries_[key]);
    drop(key);
  }

  Outcome insert(const std::string& key, const std::string& value, int64_t ttl) {
    const uint64_t size = charge(capacity_, key.size(), value.size());
    if (size > capacity_.limit) return Outcome::kNotStored;
    while (used_ + size > capacity_.limit) evict(order_.victim());
    entries_[key] = {value, size, expiry(ttl)};
    used_ += size;
    order_.enter(key);
    return Outcome::kStored;
  }

  PolicyCapacity capacity_;
  NaiveOrder& order_;
  std::map<std::string, Entry> entries_;
  uint64_t used_ = 0;
  int64_t now_ = 0;
};

}  // namespace cachegauge
