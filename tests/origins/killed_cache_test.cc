// The cache's server is really killed in mid-run, and comes back empty, while an application writes
// through it, or behind it, to an origin. What is reported as lost and as drifted is held against
// what the test itself finds: rows by SQL of its own, copies over a session of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/adapters.h"
#include "adapters/origins/origins.h"
#include "harness/core/hash.h"
#include "harness/replay/cell.h"
#include "tests/network/support.h"
#include "tests/origins/running_postgres.h"
#include "tests/origins/stored_rows.h"
#include "tests/support/in_memory_workload.h"
#include "tests/support/sanitized.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

constexpr int kKills = kSanitized ? 1 : 3;
constexpr uint64_t kKeys = 200;

// Another one, which is looked into before it stops.
class WatchedCache final : public Adapter, public FaultTarget {
 public:
  WatchedCache(std::unique_ptr<Adapter> cache, std::function<void(Adapter&)> look)
      : cache_(std::move(cache)), look_(std::move(look)) {}

  const Spec& spec() const override { return cache_->spec(); }
  Capabilities capabilities() const override { return cache_->capabilities(); }
  void start() override { cache_->start(); }
  std::unique_ptr<Session> open(const SessionContext& context) override {
    return cache_->open(context);
  }
  AdapterState state() override { return cache_->state(); }
  std::vector<std::string> take_warnings() override { return cache_->take_warnings(); }
  void stop() override {
    look_(*cache_);
    cache_->stop();
  }

  FaultMeans means_of(const Fault& fault) const override { return target().means_of(fault); }
  void use_proxy() override { target().use_proxy(); }
  void begin_fault(const Fault& fault) override { target().begin_fault(fault); }
  void end_fault(const Fault& fault) override { target().end_fault(fault); }

 private:
  FaultTarget& target() const { return dynamic_cast<FaultTarget&>(*cache_); }

  const std::unique_ptr<Adapter> cache_;
  const std::function<void(Adapter&)> look_;
};

InMemoryWorkload reads_and_writes() {
  SplitMix64 random(11);
  std::vector<Request> requests(1'000'000);
  for (Request& request : requests) {
    const Op op = random.below(3) == 0 ? Op::kSet : Op::kGet;
    request = InMemoryWorkload::request(op, 1 + random.below(kKeys));
  }
  return InMemoryWorkload(std::move(requests));
}

// Versions of the copies that the cache has.
Rows copies_in(Adapter& cache) {
  Rows copies;
  EventLoop loop;
  TestClient client(loop);
  client.attach(cache.open(client.context()));
  std::vector<std::string> keys;
  for (uint64_t key = 1; key <= kKeys; ++key) keys.push_back(std::to_string(key));
  for (const std::string& key : keys) client.send(get_of(key));
  loop.run();
  EXPECT_EQ(client.answers.size(), kKeys);
  for (uint64_t i = 0; i < client.answers.size(); ++i) {
    const Answer& answer = client.answers[i];
    EXPECT_FALSE(is_failure(answer.outcome));
    if (answer.outcome != Outcome::kHit) continue;
    uint32_t version = 0;
    std::memcpy(&version, answer.value.data() + 8, sizeof(version));
    copies[hash_integer_key(i + 1)] = version;
  }
  return copies;
}

class KilledCache : public ::testing::Test {
 protected:
  KilledCache() : workload(reads_and_writes()), summary(summarize_workload(workload, {})) {
    plan.workload = &workload;
    plan.summary = &summary;
    plan.on_cache_error = OnCacheError::kOrigin;
    plan.driver.clients = 4;
    plan.driver.timing = TimingMode::kAll;
    plan.driver.duration_ns = 500 * kMs;
  }

  void kill_once(const std::string& cache, const std::string& pattern, const std::string& origin,
                 const std::string& fault, const std::function<Rows()>& read_rows) {
    Rows rows, copies;
    AcknowledgedLog log(summary.writes());
    plan.acknowledged = &log;
    plan.faults = parse_faults(fault);
    plan.pattern_spec = Spec::parse(pattern);
    plan.pattern = &require_row(pattern_kinds(), plan.pattern_spec.kind(), "pattern");
    plan.make_adapter = [&](const AdapterSettings& settings) {
      return std::make_unique<WatchedCache>(make_adapter(Spec::parse(cache), settings),
                                            [&](Adapter& c) { copies = copies_in(c); });
    };
    plan.make_origin = [&] {
      return std::make_unique<WatchedOrigin>(make_origin(Spec::parse(origin), OriginSettings{}),
                                             [&] { rows = read_rows(); });
    };
    CellControl control;
    const RunResult result = run_cell(plan, control, {});

    ASSERT_EQ(result.faults.size(), 1u);
    EXPECT_TRUE(result.faults[0].ended_ns);
    EXPECT_GT(result.faults[0].window(FaultStretch::kDuring).errors, 0u);
    fallbacks += result.cache_errors->fallbacks;
    EXPECT_EQ(result.cache_errors->failed_requests, 0u);
    ASSERT_TRUE(result.pattern);
    const PatternFigures& figures = *result.pattern;
    EXPECT_EQ(figures.acknowledged_writes, result.counters.sets);
    EXPECT_EQ(log.writes().size(), result.counters.sets);
    std::map<uint64_t, uint32_t> latest;
    for (const AcknowledgedWrite& write : log.writes()) {
      latest[write.key_hash] = std::max(latest[write.key_hash], write.version);
      EXPECT_LE(write.version, rows[write.key_hash]);
    }
    EXPECT_EQ(figures.lost_writes, 0u);
    uint64_t drifted = 0;
    for (const auto& [key_hash, version] : latest) {
      EXPECT_EQ(rows[key_hash], version) << "the origin has what nobody wrote";
      const auto copy = copies.find(key_hash);
      if (copy != copies.end() && copy->second != rows[key_hash]) ++drifted;
    }
    EXPECT_EQ(figures.checked_keys, latest.size());
    EXPECT_EQ(figures.drifted_keys, drifted);
    EXPECT_EQ(result.counters.corrupt, 0u);
  }

  void kill_often(const std::string& origin, const std::function<Rows()>& read_rows) {
    SplitMix64 random(7);
    for (const std::string cache : {"redis", "memcached"}) {
      for (const std::string pattern : {"write-behind:flush=5ms,batch=20", "write-through"}) {
        for (int i = 0; i < kKills; ++i) {
          SCOPED_TRACE(cache + " " + pattern + " " + std::to_string(i));
          const std::string at = std::to_string(20 + random.below(200));
          kill_once(cache, pattern, origin, "kill:at=" + at + "ms,for=100ms", read_rows);
        }
      }
    }
    EXPECT_GT(fallbacks, 0u);
  }

  InMemoryWorkload workload;
  WorkloadSummary summary;
  CellPlan plan;
  uint64_t fallbacks = 0;
};

TEST_F(KilledCache, LosesNoWriteThatSqliteIsToHave) {
  REQUIRE_PROGRAM("redis-server");
  REQUIRE_PROGRAM("memcached");
  const SqliteFile file;
  kill_often(file.spec(), [&file] { return rows_of(file); });
}

TEST_F(KilledCache, LosesNoWriteThatPostgresIsToHave) {
  REQUIRE_PROGRAM("redis-server");
  REQUIRE_PROGRAM("memcached");
  REQUIRE_POSTGRES();
  RunningPostgres postgres;
  kill_often(postgres.spec(), [&postgres] { return rows_of(postgres); });
}

}  // namespace
}  // namespace cachegauge
