// What an eviction policy is, written as plainly as can be: a list of keys, and sums over it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>

#include "adapters/local/policies/policy.h"

namespace cachegauge {

// Lists of keys have the next victim first.
using NaiveList = std::list<std::string>;

inline bool contains(const NaiveList& list, const std::string& key) {
  return std::find(list.begin(), list.end(), key) != list.end();
}

class NaiveOrder {
 public:
  virtual ~NaiveOrder() = default;

  // A key not held is about to enter.
  virtual void recall(const std::string& /*key*/, uint64_t /*size*/) {}
  virtual void enter(const std::string& key) { keys_.push_back(key); }
  virtual void touch(const std::string&) {}
  // Its size in `sizes` is another.
  virtual void resized(const std::string& /*key*/) {}
  virtual void leave(const std::string& key) { keys_.remove(key); }
  // Instead of leave(): to make room, and it may be remembered.
  virtual void retire(const std::string& key) { leave(key); }
  virtual std::string victim() { return keys_.front(); }
  // What victim() would be for a key that may then not come. Of that, only draws and hands stay.
  virtual std::string victim_for(const std::string& /*key*/, uint64_t /*size*/) { return victim(); }
  // The victim does go.
  virtual void give_up(const std::string& /*key*/) {}
  // After each insert and resize.
  virtual void settle() {}

  // The next key to go when `more` is to be added to what is held.
  virtual std::optional<std::string> surplus(uint64_t more) {
    if (used() + more <= capacity.limit) return std::nullopt;
    return victim();
  }
  // The first of those to go for a key that is not held and may then not come.
  virtual std::optional<std::string> next_victim(const std::string& key, uint64_t size) {
    if (size > capacity.limit || used() + size <= capacity.limit) return std::nullopt;
    return victim_for(key, size);
  }
  // Whether a key enters before room is made for it, and may be declined then.
  virtual bool enters_first() const { return false; }
  virtual int64_t default_ttl() const { return 0; }  // above 0: and sets remove what has expired

  uint64_t used() const {
    uint64_t sum = 0;
    for (const auto& [key, size] : sizes) sum += size;
    return sum;
  }

  PolicyCapacity capacity;
  std::map<std::string, uint64_t> sizes;  // of the keys held, kept by the cache

 protected:
  uint64_t used(const NaiveList& list) const {
    uint64_t sum = 0;
    for (const std::string& key : list) sum += sizes.at(key);
    return sum;
  }
  uint64_t part(double share) const {
    return static_cast<uint64_t>(std::floor(static_cast<double>(capacity.limit) * share));
  }
  size_t room() const { return capacity.in_bytes ? sizes.size() : capacity.limit; }
  size_t ghosts(double share) const {
    return std::max<size_t>(1, static_cast<size_t>(static_cast<double>(room()) * share));
  }

  NaiveList keys_;
};

}  // namespace cachegauge
