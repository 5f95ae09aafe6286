// What a reader of the result must know of a server: outages of its connections, refusals, and
// things it could not take. Thread-safe; the sessions of all threads share one.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cachegauge {

class IncidentLog {
 public:
  // `server` names it in texts: "redis at 10.0.0.7:6379". Times are told from now on.
  void begin(std::string server);

  // Keeps the first text of each key.
  void note(std::string_view key, std::string text);

  // Of one connection. Connections that are down at the same time are one outage.
  void connection_lost(int64_t now_ns, std::string_view reason);
  void connection_restored(int64_t now_ns);

  // The texts since the last call.
  std::vector<std::string> take();

 private:
  struct Outage {
    int64_t begin_ns = 0;
    std::string reason;
    uint64_t connections = 0;  // that it took down
    bool told = false;         // take() was called while it lasted
  };

  std::string outage_text(int64_t end_ns, bool over) const;

  std::mutex mutex_;
  std::string server_ = "the server";
  int64_t start_ns_ = 0;
  std::vector<std::string> texts_;
  std::set<std::string, std::less<>> keys_;
  Outage outage_;  // the present one, while connections_down_ > 0
  uint64_t connections_down_ = 0;
  uint64_t outages_ = 0;
  uint64_t untold_outages_ = 0;  // past the first kMostOutages
  int64_t untold_ns_ = 0;
};

}  // namespace cachegauge
