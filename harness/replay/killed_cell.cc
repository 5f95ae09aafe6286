#include "harness/replay/killed_cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <vector>

#include "harness/core/event_loop.h"
#include "harness/core/metrics.h"
#include "harness/replay/cell_writes.h"
#include "harness/replay/forked_task.h"
#include "harness/replay/patterns/end_check.h"
#include "harness/replay/request_feed.h"
#include "harness/replay/session_pool.h"

namespace cachegauge {
namespace {

// The keys of the log, as the workload names them.
std::vector<HeldVersions> written_keys(const AcknowledgedLog& log, RequestFeed& feed) {
  std::unordered_set<uint64_t> hashes;
  for (const AcknowledgedWrite& write : log.writes()) {
    if (write.version != 0) hashes.insert(write.key_hash);
  }
  while (feed.next(UINT64_MAX)) {
  }
  std::vector<HeldVersions> held;
  for (uint32_t id = 0; id < feed.keys().size(); ++id) {
    const KeyRecord& key = feed.keys().record(id);
    if (hashes.contains(key.hash())) held.push_back({.key = &key, .at_origin = {}, .in_cache = {}});
  }
  return held;
}

void read_origin(Origin& origin, std::vector<HeldVersions>& held) {
  EventLoop loop;
  SessionPool pool(loop, {});
  const SessionContext context{
      .scheduler = loop, .loop = &loop, .client = 0, .ready = pool.add_place()};
  pool.attach(origin.open(context));
  const OriginReading reading(loop, pool, held, 0);
  loop.run();
}

}  // namespace

KilledCell::KilledCell(const CellPlan& plan)
    : plan_(plan), acknowledged_(plan.summary->writes()), origin_(plan.make_origin()) {
  origin_->start();
  plan_.started_origin = origin_.get();
  plan_.acknowledged = &acknowledged_;
}

KilledCell::~KilledCell() { origin_->stop(); }

RunResult KilledCell::count(int64_t killed_at_ns) {
  ForkedTask counting([this] {
    RequestFeed feed(*plan_.workload, plan_.rules, "", 0, 1);
    std::vector<HeldVersions> held = written_keys(acknowledged_, feed);
    read_origin(*origin_, held);
    RunResult result;
    result.pattern.emplace();
    CellWrites(plan_).judge(held, *result.pattern);
    result.pattern->drifted_keys.reset();  // nobody has looked into the cache
    return serialize(result);
  });
  const ForkedTask::Outcome outcome = counting.finish([] {});
  RunResult result;
  if (outcome.death.empty()) {
    result = parse_run_result(outcome.text);
  } else {
    result.warnings.push_back("the process that counted at the origin " + outcome.death);
    result.pattern.emplace();
  }
  PatternFigures& figures = *result.pattern;
  figures.killed_at_ns = killed_at_ns;
  figures.acknowledged_writes = static_cast<uint64_t>(std::ranges::count_if(
      acknowledged_.writes(), [](const AcknowledgedWrite& write) { return write.version != 0; }));
  result.flags.emplace_back(kNotCounted);
  result.warnings.push_back(
      "what the killed process had counted and timed went with it: but for its writes, which were "
      "counted at the origin, the figures of this run are null");
  result.duration_ns = killed_at_ns;
  const std::string lost = figures.lost_writes ? fmt::format("{} of ", *figures.lost_writes)
                                               : "it is not known how many of ";
  result.failure = fmt::format(
      "its process was killed {:.3f} s into the run, as --kill-at asked: the origin lacks {}{} "
      "acknowledged writes",
      static_cast<double>(killed_at_ns) / 1e9, lost, figures.acknowledged_writes);
  return result;
}

}  // namespace cachegauge
