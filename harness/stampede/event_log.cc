#include "harness/stampede/event_log.h"

#include <algorithm>
#include <cstring>

#include "harness/core/error.h"

namespace cachegauge {

void EventLog::note(GuardEvent event, uint32_t key, int64_t now_ns, int64_t detail) {
  entries_.push_back({now_ns, detail, key, What::kEvent, static_cast<uint8_t>(event), false});
}

void EventLog::started(int64_t intended_ns, int64_t now_ns) {
  entries_.push_back({now_ns, intended_ns, 0, What::kStarted, 0, false});
}

void EventLog::answered(uint32_t key, int64_t intended_ns, int64_t now_ns, Served served,
                        bool missed) {
  entries_.push_back(
      {now_ns, intended_ns, key, What::kAnswered, static_cast<uint8_t>(served), missed});
}

void EventLog::watched(int64_t zero_ns, int64_t now_ns) {
  entries_.push_back({now_ns, zero_ns, 0, What::kWatched, 0, false});
}

std::string EventLog::bytes() const {
  return {reinterpret_cast<const char*>(entries_.data()), entries_.size() * sizeof(Entry)};
}

void EventLog::add(std::string_view bytes) {
  if (bytes.size() % sizeof(Entry) != 0) {
    throw Error::failed("what a process of the stampede handed over was cut off");
  }
  const size_t before = entries_.size();
  entries_.resize(before + bytes.size() / sizeof(Entry));
  if (!bytes.empty()) std::memcpy(&entries_[before], bytes.data(), bytes.size());
}

void EventLog::tell(const Entry& entry, StampedeLog& log) {
  switch (entry.what) {
    case What::kEvent:
      return log.note(static_cast<GuardEvent>(entry.kind), entry.key, entry.now_ns, entry.other_ns);
    case What::kStarted:
      return log.started(entry.other_ns, entry.now_ns);
    case What::kWatched:
      return log.watched(entry.other_ns, entry.now_ns);
    case What::kAnswered:
      return log.answered(entry.key, entry.other_ns, entry.now_ns, static_cast<Served>(entry.kind),
                          entry.missed);
  }
}

void EventLog::read_to(StampedeLog& log) {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.now_ns < b.now_ns; });
  for (const Entry& entry : entries_) tell(entry, log);
}

}  // namespace cachegauge
