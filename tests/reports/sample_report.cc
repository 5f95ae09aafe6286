#include "tests/reports/sample_report.h"

#include "harness/core/metrics.h"

namespace cachegauge {
namespace {

constexpr int64_t kOriginNs = 2'000'000;

void add_times(RunResult& result, int64_t get_ns) {
  const Counters& c = result.counters;
  for (uint64_t i = 0; i < c.gets; ++i) {
    const int64_t service = get_ns + static_cast<int64_t>(i % 10) * get_ns / 10;
    const bool hit = i < c.hits;
    const int64_t response = hit ? service : service + kOriginNs;
    result.timing(Timing::kServiceGet).record(service);
    result.timing(Timing::kResponseGet).record(response);
    result.timing(hit ? Timing::kResponseGetHit : Timing::kResponseGetMiss).record(response);
    if (hit) continue;
    result.timing(Timing::kServiceFill).record(service);
    result.timing(Timing::kServiceOrigin).record(kOriginNs);
  }
}

// The first half of the requests in the first half of the time.
void add_series(RunResult& result) {
  const Counters& c = result.counters;
  result.series = Series(result.duration_ns / 2);
  OpenTimes times;
  times.record(2'000'000);
  const SeriesCounts all = series_counts(c);
  const SeriesCounts half = {c.gets / 2, c.gets / 2, c.hits / 2, c.gets / 2 - c.hits / 2, 0};
  result.series.at(0).counts = half;
  result.series.at(0).memory = {.taken = true, .bytes_used = 3000};
  SeriesBucket& last = result.series.at(result.duration_ns);
  last.counts = all - half;
  last.times = times.take();
  last.memory = {.taken = true, .bytes_used = result.adapter.bytes_used};
}

}  // namespace

CellReport sample_cell(const std::string& adapter, uint64_t hits, int repetition) {
  CellReport cell;
  cell.label = {"t.csv", adapter, "cache-aside", "none", "closed:clients=1"};
  cell.repetition = repetition;
  cell.adapter_spec = adapter;
  cell.adapter_kind = adapter;
  cell.workload.spec = "trace:path=t.csv,format=csv";
  cell.workload.format = "csv";
  cell.workload.requests = 1000;
  cell.workload.unique_keys = 80;
  cell.workload.fingerprint = "0123456789abcdef";
  cell.pattern = "cache-aside";
  cell.guard = "none";
  cell.driver = "closed:clients=1";
  cell.origin = "sleep:latency=2ms";
  cell.fills = "on-miss";
  cell.time = "virtual";
  RunResult& r = cell.result;
  r.counters = {.gets = 1000,
                .hits = hits,
                .misses = 1000 - hits,
                .fills = 1000 - hits,
                .get_bytes = 100'000,
                .hit_bytes = hits * 90,
                .unique_keys = 80,
                .origin_calls = 1000 - hits,
                .origin_peak_concurrency = 1};
  r.duration_ns = 1'000'000;
  r.client_user_ns = 900'000;
  r.client_system_ns = 100'000;
  r.concurrency_max = 1;
  r.adapter.evictions = 1000 - hits - 40;
  r.adapter.expirations = 0;
  r.adapter.not_admitted = 2;
  r.adapter.bytes_used = 6000;
  r.adapter.payload_bytes = 4000;
  r.adapter.items = 40;
  r.adapter.memory_source = "counted by the cache itself";
  add_times(r, 100);
  add_series(r);
  return cell;
}

RunReport report_of(std::vector<CellReport> cells) {
  RunReport report;
  report.cells = std::move(cells);
  return report;
}

RunReport sample_report() {
  RunReport report;
  report.experiment_json = R"({"workloads":["t.csv"],"seed":42,"memory":"1 MiB"})";
  MachineContext& context = report.context;
  context.host = "bench";
  context.cpu_model = "A CPU";
  context.kernel = "6.1.0";
  context.cores = 2;
  context.load = 0.25;
  context.steal = 0.0;
  context.timer_floor_ns = 21.5;
  context.started_at = "2025-01-02T03:04:05Z";
  report.flags_to_repeat = "--memory 1MiB --origin sleep:latency=2ms";
  report.cells.push_back(sample_cell("lru", 700));
  report.cells.push_back(sample_cell("lfu", 750));

  CellReport unbounded = sample_cell("unbounded", 920);
  unbounded.adapter_bounded = false;
  unbounded.result.adapter.evictions = 0;
  report.cells.push_back(unbounded);

  CellReport redis = sample_cell("redis", 690);
  redis.time = "real";
  redis.result.timings = {};
  add_times(redis.result, 20'000);
  redis.result.duration_ns = 650'000'000;
  add_series(redis.result);
  redis.result.concurrency_ns = 640'000'000;
  redis.result.adapter.expirations.reset();
  redis.result.adapter.payload_bytes.reset();
  redis.result.adapter.server_cpu_ns = 12'000'000;
  redis.result.adapter.rss_bytes = 1 << 20;
  redis.result.adapter_version = "7.0.15";
  redis.result.adapter_settings = {{"maxmemory", "1 MiB"}, {"connection", "unix socket"}};
  redis.result.origin_version = "15.4";
  redis.result.origin_settings = {{"server", "private"}};
  redis.result.origin_statistics = {{"database_transactions", 12'400}};
  redis.result.client_cpus = {1};
  redis.result.server_cpus = {0, 2};
  report.cells.push_back(redis);
  return report;
}

RunReport report_by_class() {
  RunReport report = sample_report();
  RunResult& result = report.cells[0].result;
  ClassFigures& products = result.classes.emplace_back();
  products.name = "product";
  products.pattern_spec = "cache-aside:on-write=delete";
  products.gets = 4;
  products.hits = 3;
  products.misses = products.origin_calls = 1;
  for (int64_t ns : {100, 200, 300, 5'000'000}) products.get_response_ns.record(ns);
  ClassFigures& events = result.classes.emplace_back();
  events.name = "event";
  events.pattern_spec = "write-behind:flush=1s";
  events.sets = 2;
  events.write_response_ns.record(400, 2);
  PatternFigures& figures = events.pattern.emplace();
  figures.acknowledged_writes = 2;
  figures.lost_writes = 1;
  figures.origin_write_calls = 1;
  return report;
}

RunReport open_loop_report() {
  RunReport report = sample_report();
  report.notes = {"--rate auto: redis answered 10000 requests/s"};
  CellReport redis = report.cells.back();
  RunResult& result = redis.result;
  result.load.offered = 1000;
  result.load.schedule_span_ns = 640'000'000;
  result.load.sent_span_ns = 641'000'000;
  result.load.backlog_max = 7;
  result.load.paused_ns = 120'000'000;
  result.load.longest_pause_ns = 120'000'000;
  result.load.spin_ns = 5'000'000;
  for (int i = 0; i < 1000; ++i) {
    result.timing(Timing::kConnectionWait).record(i * 1000);
    result.timing(Timing::kScheduleLag).record(i * 100);
  }
  redis.driver = redis.label.driver = "open:rate=1600,clients=50";
  CellReport memcached = redis;
  memcached.label.adapter = memcached.adapter_spec = memcached.adapter_kind = "memcached";
  redis.driver = redis.label.driver = "open:slo.p99=1ms,clients=50";
  result.capacity =
      Capacity{.slo = "p99=1ms", .rate = 84'000, .limited_by = "server", .trials = {}};
  result.capacity->trials.push_back({.rate = 84'000,
                                     .achieved = 83'900,
                                     .held = true,
                                     .client_bound = false,
                                     .percentiles_ns = {900'000},
                                     .why = {}});
  result.capacity->trials.push_back({.rate = 168'000,
                                     .achieved = 120'000,
                                     .held = false,
                                     .client_bound = false,
                                     .percentiles_ns = {2'000'000},
                                     .why = "p99 was 2.00 ms"});
  redis.result.capacity = result.capacity;
  report.cells = {memcached, redis};
  return report;
}

RunReport failed_report() {
  RunReport report;
  report.experiment_json = "{}";
  CellReport cell = sample_cell("redis", 0);
  cell.result = RunResult();
  cell.result.flags.emplace_back(kNotCounted);
  cell.result.failure = "redis-server was not found";
  report.cells.push_back(cell);
  return report;
}

RunReport killed_report() {
  RunReport report = failed_report();
  report.cells[0].label.pattern = "write-behind";
  RunResult& result = report.cells[0].result;
  result.failure = "its process was killed, as --kill-at asked";
  result.duration_ns = 150'000'000;
  PatternFigures& figures = result.pattern.emplace();
  figures.acknowledged_writes = 7;
  figures.lost_writes = 3;
  figures.killed_at_ns = result.duration_ns;
  return report;
}

RunReport hostile_report() {
  const std::string bad = "\xff\xfe \"quoted\" \\ \n\x1b[31m </script> \xc3(";
  RunReport report = sample_report();
  report.experiment_json = "{\"workloads\":[\"\xff.csv\"]}";
  report.context.host = bad;
  report.warnings = {bad};
  CellReport& cell = report.cells.front();
  cell.label.adapter = "lru\xff\x1b[31m";
  cell.adapter_spec = bad;
  cell.workload.spec = bad;
  cell.result.adapter_version = bad;
  cell.result.adapter_settings = {{bad, bad}};
  cell.result.warnings = {bad};
  cell.result.flags = {bad};
  report.cells.back().result.failure = bad;
  return report;
}

SimulationReport sample_simulation() {
  SimulationReport report;
  report.context = sample_report().context;
  report.workload_label = "t.csv";
  report.workload = {.spec = "trace:path=t.csv,format=csv",
                     .given = "t.csv",
                     .format = "csv",
                     .requests = 1200,
                     .unique_keys = 300,
                     .fingerprint = "0123456789abcdef"};
  report.footprint_bytes = 36'000;
  report.compulsory_misses = 250;
  report.fills = "on-miss";
  report.decode_ns = 2'000'000;
  report.intern_ns = 3'000'000;
  report.memory_bytes = 10'000;
  report.warnings = {"3 bad rows skipped"};
  const auto add = [&](const std::string& policy, const std::string& size, uint64_t hits) {
    SimulationResult result;
    result.policy = result.kind = policy;
    result.size = size;
    if (size == "1%") result.capacity_objects = 3;
    if (size == "4KiB") result.capacity_bytes = 4096;
    result.counts = {.requests = 1000, .gets = 1000, .hits = hits, .misses = 1000 - hits};
    result.counts.get_bytes = 100'000;
    result.counts.hit_bytes = hits * 50;
    result.simulated = 1200;
    result.cpu_ns = 12'000;
    report.results.push_back(result);
  };
  add("lru", "1%", 300);
  add("lru", "4KiB", 500);
  add("fifo", "1%", 200);
  add("fifo", "4KiB", 500);
  add("unbounded", "", 750);
  return report;
}

MissRatioCurve sample_curve(const std::string& policy) {
  return {.policy = policy,
          .method = "simulation",
          .gets = 1000,
          .get_bytes = 100'000,
          .points = {{1, 900, 90'000}, {10, 600, 60'000}, {100, 400, 30'000}, {1000, 200, 20'000}},
          .cpu_ns = 3'000'000};
}

SimulationReport sample_estimate() {
  SimulationReport report = sample_simulation();
  report.sample = {.rate = 0.05, .seed = 42, .requests = 60, .unique_keys = 15};
  for (SimulationResult& result : report.results) {
    result.miss_ratio_error = 0.0125;
    result.byte_miss_ratio_error = 0.025;
  }
  report.curves = {sample_curve("lru"), sample_curve("s3fifo")};
  for (MissRatioCurve& curve : report.curves) {
    curve.exact = false;
    for (CurvePoint& point : curve.points) point.miss_ratio_error = 1 / double(point.size + 100);
  }
  return report;
}

ProfileReport sample_profile() {
  ProfileReport report;
  const SimulationReport other = sample_simulation();
  report.context = other.context;
  report.workload_label = other.workload_label;
  report.workload = other.workload;
  report.decode_ns = 2'000'000;
  report.intern_ns = 3'000'000;
  report.profile_ns = 4'000'000;
  report.warnings = other.warnings;
  const Spread spread = {.count = 1200,
                         .min = 1,
                         .mean = 20,
                         .p50 = 10,
                         .p90 = 50,
                         .p99 = 90,
                         .max = 100,
                         .steps = {{1, 0.25}, {63, 0.9}, {127, 1}}};
  const SizePoint size = {.objects = 60, .bytes = 12'288, .hit_ratio = 0.6};
  Traffic& traffic = report.traffic;
  traffic.ops = {{"get", 1000}, {"set", 200}, {"add", 0}, {"delete", 0}};
  traffic.footprint_bytes = 36'000;
  traffic.value_bytes = traffic.object_bytes = traffic.ttl_s = spread;
  traffic.key_bytes = Spread{.count = 300,
                             .min = 8,
                             .mean = 8,
                             .p50 = 8,
                             .p90 = 8,
                             .p99 = 8,
                             .max = 8,
                             .steps = {{15, 1}}};
  traffic.popularity = {.one_hit_keys = 30,
                        .one_hit_key_share = 0.1,
                        .one_hit_request_share = 0.025,
                        .zipf = ZipfFit{.alpha = 0.9, .ks_distance = 0.01},
                        .top_1_percent_share = 0.2,
                        .top_10_percent_share = 0.5,
                        .hottest = {{.key = "user:1", .requests = 120, .gets = 100, .share = 0.1},
                                    {.key = "", .requests = 60, .gets = 60, .share = 0.05}}};
  traffic.rate = Rate{.span_s = 60,
                      .mean_rps = 20,
                      .interval_s = 0.1,
                      .peak_rps = 100,
                      .peak_to_mean = 5,
                      .dispersion = 1.5};
  traffic.windows_by_time = true;
  traffic.windows = {
      {.begin = 0, .requests = 600, .unique_keys = 200, .new_keys = 200, .unique_bytes = 24'000},
      {.begin = 30, .requests = 600, .unique_keys = 100, .new_keys = 100, .unique_bytes = 12'000}};
  traffic.writes = {.writes = 200,
                    .gets_per_write = 5,
                    .unread = 20,
                    .unread_share = 0.1,
                    .stores = 200,
                    .stores_without_ttl = 10};
  traffic.reuse = {.sample_rate = 0.5,
                   .sampled_keys = 150,
                   .exact = false,
                   .distance = spread,
                   .gap = spread,
                   .time_s = spread,
                   .soon = SoonReused{.within = 15, .observed = 1100, .expected = 1000},
                   .best_hit_ratio = 0.7,
                   .sizes = {{.share = 0.9, .size = size}},
                   .curve = {{.objects = 1, .bytes = 200, .hit_ratio = 0.1}, size}};
  Verdict& verdict = report.verdict;
  verdict.size = size;
  verdict.size_reason = "90% of the best hit ratio of LRU";
  verdict.policies = {{"lru", 0.6, 0.0125}, {"sieve", 0.75, std::nullopt}};
  verdict.policy = "sieve";
  verdict.miss_ratio = 0.25;
  verdict.break_even_factor = 1.25 / 0.75;
  verdict.origin = OriginTimes{.spec = "sleep:latency=50ms", .mean_ns = 5e7, .p99_ns = 5e7};
  verdict.candidates = {{.name = "a cache 500 us away",
                         .get_ns = 5e5,
                         .set_ns = 5e5,
                         .get_p99_ns = 5e5,
                         .break_even_ns = 833'333,
                         .mean_ns = 13'125'000,
                         .p99_ns = 51e6,
                         .pays = true,
                         .smallest = SizePoint{.objects = 1, .bytes = 200, .hit_ratio = 0.1}}};
  verdict.stampede = Stampede{.hottest_rps = 2, .calls_per_expiry = 1.1};
  verdict.cost_with = MonthlyCost{.memory = 0.5, .origin = 10};
  verdict.cost_without = MonthlyCost{.memory = 0, .origin = 40};
  report.findings = {
      {"dominating-key", "one key (user:1) has 10.0% of the requests", "keep it in the process"}};
  report.next = "cachegauge run t.csv sieve --memory 12KiB";
  return report;
}

}  // namespace cachegauge
