#include "reports/profile_json.h"

#include "reports/json_parts.h"
#include "reports/profile_verdict.h"

namespace cachegauge {
namespace {

// Of each item, by a function of it.
template <class Items, class Make>
Json list(const Items& items, Make make) {
  Json json = Json::array();
  for (const auto& item : items) json.push_back(make(item));
  return json;
}

// Null, or by a function of what is there.
template <class T, class Make>
Json part(const std::optional<T>& value, Make make) {
  return value ? make(*value) : Json();
}

Json spread_json(const std::optional<Spread>& spread) {
  return part(spread, [](const Spread& s) -> Json {
    return {{"count", s.count},
            {"min", s.min},
            {"mean", s.mean},
            {"p50", s.p50},
            {"p90", s.p90},
            {"p99", s.p99},
            {"max", s.max},
            {"steps", list(s.steps, [](const Spread::Step& step) -> Json {
               return {{"high", step.high}, {"share", step.share}};
             })}};
  });
}

Json size_json(const SizePoint& size) {
  return {{"objects", size.objects}, {"bytes", size.bytes}, {"hit_ratio", size.hit_ratio}};
}

Json hot_key_json(const HotKey& key) {
  return {{"key", text_or_null(key.key)},
          {"requests", key.requests},
          {"gets", key.gets},
          {"share", key.share}};
}

Json popularity_json(const Popularity& p) {
  return {{"one_hit_keys", p.one_hit_keys},
          {"one_hit_key_share", p.one_hit_key_share},
          {"one_hit_request_share", p.one_hit_request_share},
          {"zipf", part(p.zipf,
                        [](const ZipfFit& fit) -> Json {
                          return {{"alpha", fit.alpha}, {"ks_distance", fit.ks_distance}};
                        })},
          {"top_1_percent_share", p.top_1_percent_share},
          {"top_10_percent_share", p.top_10_percent_share},
          {"hottest", list(p.hottest, hot_key_json)}};
}

Json rate_json(const Rate& r) {
  return {{"span_s", r.span_s},     {"mean_rps", r.mean_rps},         {"interval_s", r.interval_s},
          {"peak_rps", r.peak_rps}, {"peak_to_mean", r.peak_to_mean}, {"dispersion", r.dispersion}};
}

Json windows_json(const Traffic& traffic) {
  return {{"unit", traffic.windows_by_time ? "s" : "requests"},
          {"points", list(traffic.windows, [](const ProfileWindow& w) -> Json {
             return {{"begin", w.begin},
                     {"requests", w.requests},
                     {"unique_keys", w.unique_keys},
                     {"new_keys", w.new_keys},
                     {"unique_bytes", w.unique_bytes}};
           })}};
}

Json writes_json(const Writes& w) {
  return {{"writes", w.writes},
          {"deletes", w.deletes},
          {"gets_per_write", known(w.gets_per_write)},
          {"unread", w.unread},
          {"unread_share", known(w.unread_share)},
          {"stores", w.stores},
          {"stores_without_ttl", w.stores_without_ttl}};
}

Json reuse_json(const Reuse& reuse) {
  return {{"sample_rate", reuse.sample_rate},
          {"sampled_keys", reuse.sampled_keys},
          {"exact", reuse.exact},
          {"distance", spread_json(reuse.distance)},
          {"gap", spread_json(reuse.gap)},
          {"time_s", spread_json(reuse.time_s)},
          {"soon", part(reuse.soon,
                        [](const SoonReused& soon) -> Json {
                          return {{"within", soon.within},
                                  {"observed", soon.observed},
                                  {"expected", soon.expected}};
                        })},
          {"best_hit_ratio", known(reuse.best_hit_ratio)},
          {"largest_object_bytes", reuse.largest_object_bytes},
          {"size_unit", reuse.sizes_in_bytes ? "bytes" : "objects"},
          {"sizes", list(reuse.sizes,
                         [](const SizeForShare& size) -> Json {
                           Json json = {{"share", size.share}};
                           json.update(size_json(size.size));
                           return json;
                         })},
          {"curve", list(reuse.curve, size_json)}};
}

Json result_json(const ProfileReport& report) {
  const Traffic& traffic = report.traffic;
  Json ops = Json::object();
  for (const auto& [op, count] : traffic.ops) ops[op] = count;
  return {{"id", report.id()},
          {"match_key", report.id()},
          {"requests", report.workload.requests},
          {"unique_keys", report.workload.unique_keys},
          {"footprint_bytes", traffic.footprint_bytes},
          {"ops", std::move(ops)},
          {"value_bytes", spread_json(traffic.value_bytes)},
          {"object_bytes", spread_json(traffic.object_bytes)},
          {"key_bytes", spread_json(traffic.key_bytes)},
          {"ttl_s", spread_json(traffic.ttl_s)},
          {"huge_objects", traffic.huge_objects},
          {"huge_byte_share", traffic.huge_byte_share},
          {"popularity", popularity_json(traffic.popularity)},
          {"rate", part(traffic.rate, rate_json)},
          {"windows", windows_json(traffic)},
          {"writes", writes_json(traffic.writes)},
          {"reuse", reuse_json(traffic.reuse)}};
}

Json candidate_json(const Candidate& c) {
  return {{"name", c.name},
          {"measured", c.measured},
          {"get_ns", c.get_ns},
          {"get_p99_ns", c.get_p99_ns},
          {"set_ns", c.set_ns},
          {"break_even_ns", known(c.break_even_ns)},
          {"mean_ns", known(c.mean_ns)},
          {"p99_ns", known(c.p99_ns)},
          {"pays", known(c.pays)},
          {"smallest", part(c.smallest, size_json)}};
}

Json cost_json(const MonthlyCost& cost) {
  return {{"memory", cost.memory}, {"origin", cost.origin}, {"total", cost.total()}};
}

Json verdict_json(const Verdict& v) {
  return {
      {"size", part(v.size, size_json)},
      {"size_unit", v.size ? Json(v.size_in_bytes ? "bytes" : "objects") : Json()},
      {"size_reason", text_or_null(v.size_reason)},
      {"policies", list(v.policies,
                        [](const PolicyChoice& policy) -> Json {
                          return {{"policy", policy.policy},
                                  {"hit_ratio", policy.hit_ratio},
                                  {"hit_ratio_error", known(policy.hit_ratio_error)}};
                        })},
      {"policy", text_or_null(v.policy)},
      {"miss_ratio", v.miss_ratio},
      {"break_even_factor", known(v.break_even_factor)},
      {"origin",
       part(
           v.origin,
           [](const OriginTimes& origin) -> Json {
             return {{"spec", origin.spec}, {"mean_ns", origin.mean_ns}, {"p99_ns", origin.p99_ns}};
           })},
      {"candidates", list(v.candidates, candidate_json)},
      {"stampede", part(v.stampede,
                        [](const Stampede& stampede) -> Json {
                          return {{"hottest_rps", stampede.hottest_rps},
                                  {"calls_per_expiry", stampede.calls_per_expiry}};
                        })},
      {"monthly_cost_with", part(v.cost_with, cost_json)},
      {"monthly_cost_without", part(v.cost_without, cost_json)}};
}

}  // namespace

std::string profile_report_json(const ProfileReport& report) {
  Json json = report_head("profile", report);
  json["workload"] = traced_workload_json(report.workload_label, report.workload);
  json["cost"] = {{"decode_s", static_cast<double>(report.decode_ns) / 1e9},
                  {"intern_s", static_cast<double>(report.intern_ns) / 1e9},
                  {"profile_s", static_cast<double>(report.profile_ns) / 1e9}};
  json["results"] = Json::array({result_json(report)});
  json["verdict"] = verdict_json(report.verdict);
  json["findings"] = list(report.findings, [](const ProfileFinding& finding) -> Json {
    return {{"name", finding.name}, {"evidence", finding.evidence}, {"remedy", finding.remedy}};
  });
  json["finding"] = lines_json(verdict_finding(report));
  json["next"] = text_or_null(report.next);
  return dump(json, 1) + "\n";
}

}  // namespace cachegauge
