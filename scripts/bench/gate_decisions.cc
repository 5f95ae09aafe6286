// usage: gate_decisions ROUNDS.csv CANDIDATE DECISIONS METRICS once|stretch SEED ROUND_S BUDGET_S
//
// What the gate decides over rounds that were recorded: DECISIONS times over, with rounds drawn
// from ROUNDS.csv, through the same judge_in_rounds() that live rounds go through. The columns of
// the file are ARM.METRIC, of the arms `baseline`, `again` and CANDIDATE among others; what is
// worse when it falls ends in _rps. METRICS figures are judged at once, each with draws of its own,
// and the metrics of the file in turn. Rounds are drawn one by one (`once`), or as they came, from
// a place drawn by chance on (`stretch`). A round takes ROUND_S seconds of the budget.
//
// Prints one line of JSON. Used by gate_power.py.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "harness/core/random.h"
#include "harness/gate/rounds.h"

namespace cachegauge {
namespace {

// By arm and metric, one value a round.
using Recorded = std::map<std::string, std::map<std::string, std::vector<double>>>;

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> parts;
  std::istringstream in(line);
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

Recorded read_rounds(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  if (!std::getline(in, line)) throw Error::failed(path + ": no rounds in it");
  std::vector<std::vector<double>*> columns;
  Recorded recorded;
  for (const std::string& name : split(line)) {
    const size_t dot = name.find('.');
    columns.push_back(&recorded[name.substr(0, dot)][name.substr(dot + 1)]);
  }
  while (std::getline(in, line)) {
    const std::vector<std::string> values = split(line);
    if (values.size() != columns.size()) throw Error::failed(path + ": a line of other length");
    for (size_t i = 0; i < values.size(); ++i) columns[i]->push_back(std::stod(values[i]));
  }
  return recorded;
}

// Goes on by a third of a round with each run.
class RoundClock final : public Clock {
 public:
  int64_t now_ns() const override { return now_; }
  int64_t now_ = 0;
};

// One of the figures that are judged at once.
struct Figure {
  std::string name, metric;
  SplitMix64 random;
  size_t place = 0;  // of the round at hand
};

class Study {
 public:
  Study(Recorded recorded, std::string candidate, bool in_stretches, double round_s,
        double budget_s)
      : recorded_(std::move(recorded)),
        candidate_(std::move(candidate)),
        in_stretches_(in_stretches),
        run_ns_(static_cast<int64_t>(round_s * 1e9 / kArms)),
        budget_ns_(static_cast<int64_t>(budget_s * 1e9)),
        rounds_(recorded_.at("baseline").begin()->second.size()) {}

  GateReport decide(size_t metrics, uint64_t seed) {
    figures_.clear();
    std::string rules;
    const auto& columns = recorded_.at("baseline");
    for (size_t i = 0; i < metrics; ++i) {
      const std::string& metric = std::next(columns.begin(), i % columns.size())->first;
      figures_.push_back({fmt::format("{}.{}", i, metric), metric, random_stream(seed, i)});
      figures_.back().place = figures_.back().random.below(rounds_);
      rules += fmt::format("{}{{\"match\": \"study/{}\", \"class\": \"time\"}}",
                           rules.empty() ? "" : ",", figures_.back().name);
    }
    runs_ = 0;
    RoundHooks hooks;
    hooks.measure = [this](Arm arm, size_t) { return measure(arm); };
    hooks.progress = [](uint64_t, uint64_t, bool) {};
    hooks.interrupted = [] { return false; };
    hooks.clock = &clock_;
    GateRules parsed =
        parse_rules(R"({"schema": 1, "rules": [)" + rules + "]}", "rules of the study");
    parsed.seed = seed;
    return judge_in_rounds(parsed, budget_ns_, hooks);
  }

 private:
  MeasuredReport measure(Arm arm) {
    clock_.now_ += run_ns_;
    const bool begins_round = runs_++ % kArms == 0;
    MeasuredReport report;
    MeasuredResult& result = report.results.emplace_back();
    result.id = "study";
    const std::string& name = arm == Arm::kCandidate
                                  ? candidate_
                                  : std::string(arm == Arm::kAgain ? "again" : "baseline");
    for (Figure& figure : figures_) {
      if (begins_round) {
        figure.place = in_stretches_ ? (figure.place + 1) % rounds_ : figure.random.below(rounds_);
      }
      result.metrics[figure.name] = recorded_.at(name).at(figure.metric)[figure.place];
    }
    return report;
  }

  static constexpr uint64_t kArms = 3;
  const Recorded recorded_;
  const std::string candidate_;
  const bool in_stretches_;
  const int64_t run_ns_, budget_ns_;
  const size_t rounds_;
  RoundClock clock_;
  std::vector<Figure> figures_;
  uint64_t runs_ = 0;
};

int run(const std::vector<std::string>& args) {
  if (args.size() != 8 || (args[4] != "once" && args[4] != "stretch")) {
    fmt::print(stderr,
               "usage: gate_decisions ROUNDS.csv CANDIDATE DECISIONS METRICS once|stretch SEED "
               "ROUND_S BUDGET_S\n");
    return 2;
  }
  Study study(read_rounds(args[0]), args[1], args[4] == "stretch", std::stod(args[6]),
              std::stod(args[7]));
  const uint64_t decisions = std::stoull(args[2]), seed = std::stoull(args[5]);
  std::map<GateOutcome, uint64_t> outcomes;
  uint64_t rounds = 0, most_rounds = 0;
  for (uint64_t i = 0; i < decisions; ++i) {
    const GateReport report = study.decide(std::stoull(args[3]), seed + i);
    ++outcomes[report.outcome()];
    const uint64_t took = report.rounds + report.confirming_rounds;
    rounds += took;
    most_rounds = std::max(most_rounds, took);
  }
  fmt::print(
      "{{\"decisions\": {}, \"pass\": {}, \"regression\": {}, \"inconclusive\": {}, "
      "\"mean_rounds\": {:.1f}, \"most_rounds\": {}}}\n",
      decisions, outcomes[GateOutcome::kPass], outcomes[GateOutcome::kRegression],
      outcomes[GateOutcome::kInconclusive],
      static_cast<double>(rounds) / static_cast<double>(decisions), most_rounds);
  return 0;
}

}  // namespace
}  // namespace cachegauge

int main(int argc, char** argv) {
  try {
    return cachegauge::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "gate_decisions: {}\n", error.what());
    return 1;
  }
}
