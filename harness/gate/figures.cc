#include "harness/gate/figures.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "harness/core/suggest.h"

namespace cachegauge {
namespace {

// One result over its repetitions. A metric that some repetition does not know is null.
struct Cell {
  const MeasuredResult* first = nullptr;
  std::map<std::string, std::vector<double>> known;
  std::set<std::string> null;
};
using Cells = std::map<std::string, Cell>;  // by id or match_key

Cells cells_of(const MeasuredReport& report, SameBy same_by) {
  Cells cells;
  for (const MeasuredResult& result : report.results) {
    const bool by_key = same_by == SameBy::kMatchKey && !result.match_key.empty();
    Cell& cell = cells[by_key ? result.match_key : result.id];
    if (!cell.first) cell.first = &result;
    if (cell.first->id != result.id) {
      throw Error::failed(
          fmt::format("{}: {} and {} are alike but for their adapters; give one on each side",
                      report.name, cell.first->id, result.id));
    }
    if (cell.first->fingerprint != result.fingerprint) {
      throw Error::failed(fmt::format("{}: the repetitions of {} carried out different requests",
                                      report.name, result.id));
    }
    for (const auto& [metric, value] : result.metrics) {
      if (value) {
        cell.known[metric].push_back(*value);
      } else {
        cell.null.insert(metric);
      }
    }
  }
  for (auto& [key, cell] : cells) {
    for (const std::string& metric : cell.null) cell.known.erase(metric);
  }
  return cells;
}

const Cell* find(const Cells& cells, const std::string& key) {
  const auto found = cells.find(key);
  return found == cells.end() ? nullptr : &found->second;
}

const std::vector<double>* find(const Cell* cell, const std::string& metric) {
  if (!cell) return nullptr;
  const auto found = cell->known.find(metric);
  return found == cell->known.end() ? nullptr : &found->second;
}

class Search {
 public:
  Search(std::span<const GateRule> rules, const MeasuredReport* baseline,
         const MeasuredReport& candidate, SameBy same_by, GateClasses classes)
      : rules_(rules), baseline_(baseline), candidate_(candidate), classes_(classes) {
    new_ = cells_of(candidate, same_by);
    if (baseline) old_ = cells_of(*baseline, same_by);
    for (const Cells* cells : {&old_, &new_}) {
      for (const auto& [key, cell] : *cells) keys_.insert(key);
    }
    check_same_requests();
  }

  std::vector<GateFigure> run() {
    for (size_t rule = 0; rule < rules_.size(); ++rule) {
      if (!(classes_ & class_bit(rules_[rule].type))) continue;
      matched_ = false;
      only_null_.clear();
      for (const std::string& key : keys_) search_cell(rule, key);
      if (!matched_ && !rules_[rule].optional) nothing_matches(rule);
    }
    if (figures_.empty()) {
      throw Error::usage(fmt::format(
          "no rule matches a figure of {}, so there is nothing to hold; its first result is {}",
          candidate_.name, new_.begin()->second.first->id));
    }
    return std::move(figures_);
  }

 private:
  void check_same_requests() const {
    for (const auto& [key, cell] : new_) {
      const Cell* old = find(old_, key);
      if (!old || old->first->fingerprint.empty() || cell.first->fingerprint.empty()) continue;
      if (old->first->fingerprint == cell.first->fingerprint) continue;
      throw Error::failed(fmt::format(
          "{}: {} carried out other requests than in {} (fingerprints {} and {}), so nothing can "
          "be compared; use the same workload on both sides, or take the baseline anew with "
          "--update-baseline",
          candidate_.name, cell.first->id, baseline_->name, cell.first->fingerprint,
          old->first->fingerprint));
    }
  }

  void search_cell(size_t rule, const std::string& key) {
    const Cell *old = find(old_, key), *now = find(new_, key);
    const MeasuredResult& result = *(now ? now : old)->first;
    if (!rules_[rule].time.empty() && rules_[rule].time != result.time) return;
    std::set<std::string> metrics;
    for (const Cell* cell : {old, now}) {
      if (!cell) continue;
      for (const auto& [metric, values] : cell->known) metrics.insert(metric);
      metrics.insert(cell->null.begin(), cell->null.end());
    }
    for (const std::string& metric : metrics) {
      if (matches(rules_[rule].match, fmt::format("{}/{}", result.id, metric))) {
        take(rule, result, metric, find(old, metric), find(now, metric));
      }
    }
  }

  void take(size_t index, const MeasuredResult& result, const std::string& metric,
            const std::vector<double>* old, const std::vector<double>* now) {
    const GateRule& rule = rules_[index];
    const bool times_not_kept =
        rule.type == GateClass::kTime && baseline_ && baseline_->is_baseline && !old;
    if (times_not_kept) {
      matched_ = true;
      return;
    }
    const bool wants_old = needs_baseline(rule);
    if (!now && !old) {
      if (!wants_old && !rule.optional) lacks(candidate_, result.id, metric);
      only_null_ = fmt::format("{}/{}", result.id, metric);
      return;
    }
    if (!now) lacks(candidate_, result.id, metric);
    if (!old && wants_old) lacks(*baseline_, result.id, metric);
    matched_ = true;
    figures_.push_back({.rule = index,
                        .id = result.id,
                        .metric = metric,
                        .time = result.time,
                        .baseline = old ? *old : std::vector<double>(),
                        .candidate = *now});
  }

  [[noreturn]] void lacks(const MeasuredReport& report, const std::string& id,
                          const std::string& metric) const {
    throw Error::failed(fmt::format(
        "{}: {}/{} is missing or null{}", report.name, id, metric,
        &report == &candidate_
            ? "; a figure that is gone cannot pass"
            : ", and the candidate has it; take the baseline anew with --update-baseline"));
  }

  [[noreturn]] void nothing_matches(size_t rule) const {
    std::string text = fmt::format("rules[{}]: \"{}\" matches nothing", rule, rules_[rule].match);
    std::string_view end = ".";
    if (!only_null_.empty()) {
      text += fmt::format(" but {}, which is null on both sides", only_null_);
    } else if (!rules_[rule].time.empty()) {
      text += fmt::format(" in {} time", rules_[rule].time);
    }
    const std::string_view match = rules_[rule].match;
    const std::string_view metric = match.substr(match.find_last_of("*/") + 1);
    std::vector<std::string_view> names;
    for (const auto& [name, values] : new_.begin()->second.known) names.push_back(name);
    const auto near = nearest_names(metric, names);
    if (only_null_.empty() && !near.empty() && near.front() != metric) {
      text += fmt::format("; did you mean {}", fmt::join(near, " or "));
      end = "?";
    }
    throw Error::usage(
        fmt::format("{}{} The first result is {}", text, end, new_.begin()->second.first->id));
  }

  std::span<const GateRule> rules_;
  const MeasuredReport* baseline_;
  const MeasuredReport& candidate_;
  const GateClasses classes_;
  Cells old_, new_;
  std::set<std::string> keys_;
  std::vector<GateFigure> figures_;
  bool matched_ = false;   // the rule at hand
  std::string only_null_;  // what it matched that nobody knows
};

}  // namespace

bool needs_baseline(const GateRule& rule) {
  if (rule.type == GateClass::kBound) return false;
  return rule.type != GateClass::kStochastic || (!rule.min && !rule.max);
}

SameBy same_by(const MeasuredReport& baseline, const MeasuredReport& candidate) {
  std::set<std::string> old, now;
  for (const MeasuredResult& result : baseline.results) old.insert(result.id);
  for (const MeasuredResult& result : candidate.results) now.insert(result.id);
  return old == now ? SameBy::kId : SameBy::kMatchKey;
}

std::vector<GateFigure> find_figures(std::span<const GateRule> rules,
                                     const MeasuredReport* baseline,
                                     const MeasuredReport& candidate, SameBy same_by,
                                     GateClasses classes) {
  return Search(rules, baseline, candidate, same_by, classes).run();
}

}  // namespace cachegauge
