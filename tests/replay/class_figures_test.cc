// Figures by class of key: those of a class in a mixture are those of its requests alone, and all
// together are those of the whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "adapters/origins/origins.h"
#include "harness/core/metrics.h"
#include "harness/core/random.h"
#include "harness/replay/cell.h"
#include "harness/replay/key_classes.h"
#include "harness/replay/patterns/access_pattern.h"
#include "tests/support/in_memory_workload.h"
#include "tests/support/scripted_adapter.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

// Requests whose keys are texts, which it owns.
class Requests {
 public:
  void add(Op op, const std::string& key, int64_t time_ns) {
    Request request = InMemoryWorkload::request(op, 0, 100, 0, time_ns);
    request.text_key = keys_.emplace_back(key);
    requests_.push_back(request);
  }
  InMemoryWorkload workload(std::string_view of_class = {}) const {
    std::vector<Request> chosen;
    std::ranges::copy_if(requests_, std::back_inserter(chosen), [&](const Request& request) {
      return of_class.empty() || key_class(request.text_key) == of_class;
    });
    return InMemoryWorkload(std::move(chosen));
  }

 private:
  std::deque<std::string> keys_;
  std::vector<Request> requests_;
};

class Classes : public ::testing::Test {
 protected:
  Classes() { plan.driver.virtual_time = true; }

  RunResult run(const std::string& pattern, const Workload& workload,
                const std::vector<std::string>& by_workload = {}) {
    const WorkloadSummary summary = summarize_workload(workload, plan.rules);
    plan.workload = &workload;
    plan.summary = &summary;
    plan.pattern_spec = Spec::parse(pattern);
    plan.pattern = &require_row(pattern_kinds(), plan.pattern_spec.kind(), "pattern");
    const auto made = make_pattern(plan.pattern_spec);
    plan.classes = label_classes(by_workload, made ? made->classes() : std::vector<ClassLabel>(),
                                 plan.pattern_spec.text());
    plan.make_adapter = [this](const AdapterSettings&) {
      return std::make_unique<ScriptedAdapter>(script);
    };
    plan.make_origin = [] { return make_origin(Spec::parse("sleep:latency=40ms"), 42); };
    script.stored.clear();
    return run_cell(plan, control, hooks);
  }

  Script script;
  CellPlan plan;
  CellControl control;
  CellHooks hooks;
};

const ClassFigures& of_class(const RunResult& result, std::string_view name) {
  const auto found = std::ranges::find(result.classes, name, &ClassFigures::name);
  EXPECT_NE(found, result.classes.end()) << name;
  return *found;
}

std::string text_of(const std::optional<PatternFigures>& figures) {
  std::string text;
  if (figures) append_pattern(text, *figures);
  return text;
}

void expect_whole(const ClassFigures& figures, const RunResult& result) {
  const Counters& c = result.counters;
  EXPECT_EQ(figures.gets, c.gets);
  EXPECT_EQ(figures.hits, c.hits);
  EXPECT_EQ(figures.misses, c.misses);
  EXPECT_EQ(figures.get_errors, c.get_errors);
  EXPECT_EQ(figures.sets, c.sets);
  EXPECT_EQ(figures.adds, c.adds);
  EXPECT_EQ(figures.deletes, c.deletes);
  EXPECT_EQ(figures.stale, c.stale);
  EXPECT_EQ(figures.origin_calls, c.origin_calls);
  EXPECT_EQ(figures.origin_errors, c.origin_errors);
  EXPECT_EQ(figures.get_response_ns.count(), result.timing(Timing::kResponseGet).count());
  EXPECT_EQ(figures.write_response_ns.count(), write_responses(result).count());
  EXPECT_EQ(text_of(figures.pattern), text_of(result.pattern));
}

constexpr std::string_view kPatterns[][2] = {{"product", "cache-aside:on-write=delete"},
                                             {"session", "write-through"},
                                             {"event", "write-behind:flush=250ms,batch=3"},
                                             {"price", "write-around"},
                                             {"", "read-through"}};  // keys without a class

// By class: so many requests of five keys, 100 ms apart: a call to the origin is over before the
// next comes. In the end a get of each, when no row is queued any more.
Requests random_requests(uint64_t seed, int count) {
  SplitMix64 random(seed);
  Requests requests;
  int64_t time_ns = 0;
  const auto key = [](std::string_view name, uint64_t number) {
    return name.empty() ? std::to_string(number) : std::string(name) + ":" + std::to_string(number);
  };
  for (int i = 0; i < count; ++i, time_ns += 100 * kMs) {
    const uint64_t draw = random.below(20);
    const Op op = draw < 12 ? Op::kGet : draw < 19 ? Op::kSet : Op::kDelete;
    requests.add(op, key(kPatterns[random.below(5)][0], random.below(5)), time_ns);
  }
  time_ns += 10'000 * kMs;
  for (const auto& [name, pattern] : kPatterns) {
    requests.add(Op::kGet, key(name, 1), time_ns);
    time_ns += 100 * kMs;
  }
  return requests;
}

std::string mixed_pattern() {
  std::string text = "by-class:";
  for (const auto& [name, pattern] : kPatterns) {
    const Spec spec = Spec::parse(pattern);
    const std::string of(name.empty() ? "other" : name);
    text += of + "=" + spec.kind() + ",";
    for (const Spec::Param& param : spec.params()) {
      text += of + "." + param.name + "=" + param.value + ",";
    }
  }
  text.pop_back();
  return text;
}

TEST_F(Classes, AClassInAMixtureIsAsItsRequestsAlone) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Requests requests = random_requests(seed, 400);
    const RunResult mixed = run(mixed_pattern(), requests.workload());
    ASSERT_EQ(mixed.classes.size(), std::size(kPatterns));
    EXPECT_EQ(mixed.classes.back().name, "other");
    for (const auto& [name, pattern] : kPatterns) {
      if (name.empty()) continue;  // has no name that workload() knows
      SCOPED_TRACE(name);
      const ClassFigures& figures = of_class(mixed, name);
      EXPECT_EQ(figures.pattern_spec, pattern);
      EXPECT_GT(figures.requests(), 50u);
      expect_whole(figures, run(std::string(pattern), requests.workload(name)));
      EXPECT_TRUE(plan.classes.empty());
    }
    expect_whole(sum_of(mixed.classes), mixed);
    EXPECT_EQ(text_of(parse_run_result(serialize(mixed)).classes[2].pattern),
              text_of(mixed.classes[2].pattern));
  }
}

TEST_F(Classes, AWorkloadsOwnUnderAPatternForAll) {
  const Requests requests = random_requests(7, 300);
  const std::vector<std::string> names = {"price", "product", "event", "session"};
  const RunResult with = run("write-around", requests.workload(), names);
  const RunResult without = run("write-around", requests.workload());
  EXPECT_TRUE(without.classes.empty());
  EXPECT_EQ(text_of(with.pattern), text_of(without.pattern));
  ASSERT_EQ(with.classes.size(), 5u);
  EXPECT_EQ(with.classes[0].name, "price") << "in the workload's order";
  EXPECT_EQ(with.classes[0].pattern_spec, "write-around");
  expect_whole(sum_of(with.classes), without);

  // The plain cache-aside has no pattern figures.
  const RunResult plain = run("cache-aside", requests.workload(), names);
  EXPECT_FALSE(plain.pattern);
  EXPECT_FALSE(plain.classes[0].pattern);
  expect_whole(sum_of(plain.classes), plain);
}

TEST_F(Classes, ManyClientsShareThem) {
  const Requests requests = random_requests(9, 400);
  plan.driver.clients = 8;
  plan.driver.warmup_requests = 100;
  const RunResult result = run(mixed_pattern(), requests.workload());
  EXPECT_EQ(sum_of(result.classes).requests(), 305u);
  const ClassFigures sum = sum_of(result.classes);
  EXPECT_EQ(sum.gets, result.counters.gets);
  EXPECT_EQ(sum.stale, result.counters.stale);
  EXPECT_EQ(sum.pattern->checked_keys, result.pattern->checked_keys);
  EXPECT_EQ(sum.pattern->lost_writes, result.pattern->lost_writes);
}

// Of writes that the origin never has, each class has its own.
TEST_F(Classes, LostWritesHaveTheirClass) {
  Requests requests;
  for (int i = 0; i < 8; ++i) requests.add(Op::kSet, "a:" + std::to_string(i), 0);
  requests.add(Op::kSet, "b:1", 0);
  const RunResult result =
      run("by-class:a=write-behind,a.flush=1s,a.batch=2,a.queue=4,a.full=drop,b=write-through",
          requests.workload());
  EXPECT_EQ(of_class(result, "a").pattern->dropped_writes, 4u);
  EXPECT_EQ(of_class(result, "a").pattern->lost_writes, 4u);
  EXPECT_EQ(of_class(result, "a").pattern->drifted_keys, 4u);
  EXPECT_EQ(of_class(result, "b").pattern->lost_writes, 0u);
  EXPECT_EQ(of_class(result, "b").pattern->acknowledged_writes, 1u);
  EXPECT_EQ(result.pattern->lost_writes, 4u);
  EXPECT_EQ(result.classes.size(), 2u) << "no key was of another";
}

TEST(ClassLabels, TheWorkloadsFirstThenThePatterns) {
  const std::vector<std::string> of_workload = {"b", "a"};
  const std::vector<ClassLabel> of_pattern = {
      {"a", "write-through"}, {"other", "read-through"}, {"c", "write-around"}};
  std::string text;
  for (const auto& [name, spec] : label_classes(of_workload, of_pattern, "by-class:…")) {
    text += name + "=" + spec + " ";
  }
  EXPECT_EQ(text, "b=read-through a=write-through c=write-around other=read-through ");
  EXPECT_TRUE(label_classes({}, {}, "cache-aside").empty());
  const auto plain = label_classes(of_workload, {}, "cache-aside");
  EXPECT_EQ(plain.back().name, "other");
  EXPECT_EQ(plain.back().pattern_spec, "cache-aside");
}

TEST(KeyClasses, TellKeysApartBehindAPrefix) {
  const KeyClasses classes({{"a", ""}, {"b", ""}, {"other", ""}}, 3);
  EXPECT_EQ(classes.of("cg:a:1"), 0u);
  EXPECT_EQ(classes.of("cg:b:"), 1u);
  EXPECT_EQ(classes.of("cg:bb:1"), 2u);
  EXPECT_EQ(classes.of("cg:17"), 2u);
  EXPECT_EQ(classes.of("cg:other:1"), 2u);
}

}  // namespace
}  // namespace cachegauge
