// What one process tells of, kept until those of all processes are put in order and read to an
// EpisodeBook.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/stampede/episodes.h"

namespace cachegauge {

class EventLog final : public StampedeLog {
 public:
  void note(GuardEvent event, uint32_t key, int64_t now_ns, int64_t detail) override;
  void started(int64_t intended_ns, int64_t now_ns) override;
  void answered(uint32_t key, int64_t intended_ns, int64_t now_ns, Served served,
                bool missed) override;
  void watched(int64_t zero_ns, int64_t now_ns) override;

  // As bytes, for a pipe to another process of this build; add() appends what they hold, and throws
  // Error::failed if they were cut off.
  std::string bytes() const;
  void add(std::string_view bytes);

  // All of them in the order of time; of one moment, in that of the processes.
  void read_to(StampedeLog& log);

 private:
  enum class What : uint8_t { kEvent, kStarted, kAnswered, kWatched };
  struct Entry {
    int64_t now_ns;
    int64_t other_ns;  // an event's detail; a series' time 0; else the intended start
    uint32_t key;
    What what;
    uint8_t kind;  // the event, or what was served
    bool missed;
  };
  static void tell(const Entry& entry, StampedeLog& log);

  std::vector<Entry> entries_;
};

}  // namespace cachegauge
