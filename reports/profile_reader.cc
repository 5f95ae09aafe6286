#include "reports/profile_reader.h"

#include "reports/read_parts.h"
#include "reports/text_table.h"

namespace cachegauge {
namespace {

Spread read_spread(const JsonNode& node) {
  return {.count = node.at("count").count(),
          .min = node.at("min").number(),
          .mean = node.at("mean").number(),
          .p50 = node.at("p50").number(),
          .p90 = node.at("p90").number(),
          .p99 = node.at("p99").number(),
          .max = node.at("max").number(),
          .steps = list_in(node, "steps", [](const JsonNode& step) -> Spread::Step {
            return {step.at("high").number(), step.at("share").number()};
          })};
}

SizePoint read_size(const JsonNode& node) {
  return {node.at("objects").count(), node.at("bytes").count(), node.at("hit_ratio").number()};
}

HotKey read_hot_key(const JsonNode& node) {
  const uint64_t requests = node.at("requests").count();
  const auto gets = node.find("gets");
  return {text_in(node, "key"), requests, gets ? gets->count() : requests,
          node.at("share").number()};
}

Popularity read_popularity(const JsonNode& node) {
  return {.one_hit_keys = node.at("one_hit_keys").count(),
          .one_hit_key_share = node.at("one_hit_key_share").number(),
          .one_hit_request_share = node.at("one_hit_request_share").number(),
          .zipf = part_in(node, "zipf",
                          [](const JsonNode& fit) -> ZipfFit {
                            return {fit.at("alpha").number(), fit.at("ks_distance").number()};
                          }),
          .top_1_percent_share = node.at("top_1_percent_share").number(),
          .top_10_percent_share = node.at("top_10_percent_share").number(),
          .hottest = list_in(node, "hottest", read_hot_key)};
}

Rate read_rate(const JsonNode& node) {
  return {.span_s = node.at("span_s").number(),
          .mean_rps = node.at("mean_rps").number(),
          .interval_s = node.at("interval_s").number(),
          .peak_rps = node.at("peak_rps").number(),
          .peak_to_mean = node.at("peak_to_mean").number(),
          .dispersion = node.at("dispersion").number()};
}

ProfileWindow read_profile_window(const JsonNode& node) {
  return {.begin = node.at("begin").number(),
          .requests = node.at("requests").count(),
          .unique_keys = node.at("unique_keys").count(),
          .new_keys = node.at("new_keys").count(),
          .unique_bytes = node.at("unique_bytes").count()};
}

Writes read_writes(const JsonNode& node) {
  return {.writes = node.at("writes").count(),
          .deletes = node.at("deletes").count(),
          .gets_per_write = number_in(node, "gets_per_write"),
          .unread = node.at("unread").count(),
          .unread_share = number_in(node, "unread_share"),
          .stores = node.at("stores").count(),
          .stores_without_ttl = node.at("stores_without_ttl").count()};
}

Reuse read_reuse(const JsonNode& node) {
  return {.sample_rate = node.at("sample_rate").number(),
          .sampled_keys = node.at("sampled_keys").count(),
          .exact = node.at("exact").truth(),
          .distance = part_in(node, "distance", read_spread),
          .gap = part_in(node, "gap", read_spread),
          .time_s = part_in(node, "time_s", read_spread),
          .soon = part_in(node, "soon",
                          [](const JsonNode& soon) -> SoonReused {
                            return {soon.at("within").count(), soon.at("observed").count(),
                                    soon.at("expected").number()};
                          }),
          .best_hit_ratio = number_in(node, "best_hit_ratio"),
          .largest_object_bytes = count_in(node, "largest_object_bytes").value_or(0),
          .sizes_in_bytes = text_in(node, "size_unit") == "bytes",
          .sizes = list_in(node, "sizes",
                           [](const JsonNode& size) -> SizeForShare {
                             return {size.at("share").number(), read_size(size)};
                           }),
          .curve = list_in(node, "curve", read_size)};
}

Traffic read_traffic(const JsonNode& node) {
  Traffic traffic;
  for (const auto& [op, count] : node.at("ops").members()) {
    traffic.ops.emplace_back(printable(op), count.count());
  }
  traffic.footprint_bytes = node.at("footprint_bytes").count();
  traffic.value_bytes = part_in(node, "value_bytes", read_spread);
  traffic.object_bytes = part_in(node, "object_bytes", read_spread);
  traffic.key_bytes = part_in(node, "key_bytes", read_spread);
  traffic.ttl_s = part_in(node, "ttl_s", read_spread);
  traffic.huge_objects = node.at("huge_objects").count();
  traffic.huge_byte_share = node.at("huge_byte_share").number();
  traffic.popularity = read_popularity(node.at("popularity"));
  traffic.rate = part_in(node, "rate", read_rate);
  traffic.windows_by_time = node.at("windows").at("unit").text() == "s";
  traffic.windows = list_in(node.at("windows"), "points", read_profile_window);
  traffic.writes = read_writes(node.at("writes"));
  traffic.reuse = read_reuse(node.at("reuse"));
  return traffic;
}

// Its arithmetic is shown with the origin's mean, so that times with a cache need one.
Candidate read_candidate(const JsonNode& node) {
  Candidate candidate = {.name = node.at("name").text(),
                         .measured = node.at("measured").truth(),
                         .get_ns = node.at("get_ns").number(),
                         .set_ns = node.at("set_ns").number(),
                         .get_p99_ns = node.at("get_p99_ns").number(),
                         .break_even_ns = number_in(node, "break_even_ns"),
                         .mean_ns = number_in(node, "mean_ns"),
                         .p99_ns = number_in(node, "p99_ns"),
                         .pays = truth_in(node, "pays"),
                         .smallest = part_in(node, "smallest", read_size)};
  if (candidate.mean_ns && !(candidate.p99_ns && candidate.pays)) {
    node.at("mean_ns").fail("has no p99_ns and pays beside it");
  }
  return candidate;
}

MonthlyCost read_cost(const JsonNode& node) {
  return {node.at("memory").number(), node.at("origin").number()};
}

Verdict read_verdict(const JsonNode& node) {
  Verdict verdict;
  verdict.size = part_in(node, "size", read_size);
  verdict.size_in_bytes = text_in(node, "size_unit") == "bytes";
  if (const auto reason = node.find("size_reason")) verdict.size_reason = plain_text(*reason);
  verdict.policies = list_in(node, "policies", [](const JsonNode& policy) -> PolicyChoice {
    return {plain_text(policy.at("policy")), policy.at("hit_ratio").number(),
            number_in(policy, "hit_ratio_error")};
  });
  verdict.policy = text_in(node, "policy");
  verdict.miss_ratio = node.at("miss_ratio").number();
  verdict.break_even_factor = number_in(node, "break_even_factor");
  verdict.origin = part_in(node, "origin", [](const JsonNode& origin) -> OriginTimes {
    return {origin.at("spec").text(), origin.at("mean_ns").number(), origin.at("p99_ns").number()};
  });
  verdict.candidates = list_in(node, "candidates", read_candidate);
  verdict.stampede = part_in(node, "stampede", [](const JsonNode& stampede) -> Stampede {
    return {stampede.at("hottest_rps").number(), stampede.at("calls_per_expiry").number()};
  });
  verdict.cost_with = part_in(node, "monthly_cost_with", read_cost);
  verdict.cost_without = part_in(node, "monthly_cost_without", read_cost);
  return verdict;
}

// The text takes these to come together.
void check_verdict(const JsonNode& node, const Verdict& verdict) {
  if (verdict.cost_with.has_value() != verdict.cost_without.has_value()) {
    node.at("monthly_cost_with").fail("and monthly_cost_without are both known, or neither");
  }
  for (const Candidate& candidate : verdict.candidates) {
    if (candidate.mean_ns && !verdict.origin)
      node.at("origin").fail("is null, and candidates have times with it");
    if (candidate.pays.value_or(false) && !verdict.size)
      node.at("size").fail("is null, and a candidate pays");
  }
  if (verdict.stampede && !verdict.origin) node.at("stampede").fail("is known without an origin");
}

}  // namespace

ProfileReport read_profile(const JsonNode& root) {
  ProfileReport report;
  read_head(root, report);
  const JsonNode workload = root.at("workload"), cost = root.at("cost");
  report.workload_label = workload.at("label").text();
  report.workload = read_workload_facts(workload);
  const std::vector<JsonNode> results = root.at("results").items();
  if (results.size() != 1) root.at("results").fail("a profile has one result, the traffic");
  results[0].at("id").text();  // which is made anew
  report.traffic = read_traffic(results[0]);
  report.verdict = read_verdict(root.at("verdict"));
  check_verdict(root.at("verdict"), report.verdict);
  report.findings = list_in(root, "findings", [](const JsonNode& finding) -> ProfileFinding {
    return {plain_text(finding.at("name")), finding.at("evidence").text(),
            plain_text(finding.at("remedy"))};
  });
  report.next = text_in(root, "next");
  report.decode_ns = cost.at("decode_s").seconds_as_ns();
  report.intern_ns = cost.at("intern_s").seconds_as_ns();
  report.profile_ns = cost.at("profile_s").seconds_as_ns();
  return report;
}

}  // namespace cachegauge
