#include "adapters/server/incident_log.h"

#include <fmt/format.h>

#include <utility>

#include "harness/core/clock.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

constexpr uint64_t kMostOutages = 8;  // told one by one; a flapping server fills no report

std::string seconds(int64_t ns) { return fmt::format("{:.1f} s", static_cast<double>(ns) / 1e9); }

}  // namespace

void IncidentLog::begin(std::string server) {
  const std::lock_guard lock(mutex_);
  server_ = std::move(server);
  start_ns_ = monotonic_ns();
}

void IncidentLog::note(std::string_view key, std::string text) {
  const std::lock_guard lock(mutex_);
  if (keys_.emplace(key).second) texts_.push_back(std::move(text));
}

void IncidentLog::connection_lost(int64_t now_ns, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  if (connections_down_++ == 0) {
    ++outages_;
    outage_ = {.begin_ns = now_ns, .reason = std::string(reason), .connections = 0, .told = false};
  }
  ++outage_.connections;
}

void IncidentLog::connection_restored(int64_t now_ns) {
  const std::lock_guard lock(mutex_);
  if (--connections_down_ > 0) return;
  if (outages_ <= kMostOutages) {
    texts_.push_back(outage_text(now_ns, true));
  } else {
    ++untold_outages_;
    untold_ns_ += now_ns - outage_.begin_ns;
  }
}

std::string IncidentLog::outage_text(int64_t end_ns, bool over) const {
  const std::string lasted = format_duration(static_cast<double>(end_ns - outage_.begin_ns));
  if (outage_.told && over) {
    return fmt::format("{}: the connections lost at {} were back after {}", server_,
                       seconds(outage_.begin_ns - start_ns_), lasted);
  }
  return fmt::format(
      "{}: {} lost {} after the start ({}), {} {}", server_,
      outage_.connections == 1 ? "connection" : fmt::format("{} connections", outage_.connections),
      seconds(outage_.begin_ns - start_ns_), outage_.reason, over ? "back after" : "not back after",
      lasted);
}

std::vector<std::string> IncidentLog::take() {
  const std::lock_guard lock(mutex_);
  if (connections_down_ > 0 && !outage_.told) {
    texts_.push_back(outage_text(monotonic_ns(), false));
    outage_.told = true;
  }
  if (untold_outages_ > 0) {
    texts_.push_back(fmt::format("{}: {} more outages, {} in all", server_, untold_outages_,
                                 format_duration(static_cast<double>(untold_ns_))));
    untold_outages_ = 0;
    untold_ns_ = 0;
  }
  return std::exchange(texts_, {});
}

}  // namespace cachegauge
