#include "harness/replay/cell_origin.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/core/error.h"

namespace cachegauge {

std::vector<OriginFigure> figures_since(const std::vector<OriginFigure>& before,
                                        std::vector<OriginFigure> after) {
  if (after.size() != before.size()) return {};
  for (size_t i = 0; i < after.size(); ++i) {
    after[i].value -= std::min(after[i].value, before[i].value);
  }
  return after;
}

CellOrigin::CellOrigin(std::unique_ptr<Origin> origin)
    : own_(std::move(origin)), origin_(own_.get()) {}

void CellOrigin::start() {
  if (own_) own_->start();
}

void CellOrigin::rethrow_with_reasons(const Error& error) const {
  const auto reasons = origin_->take_warnings();
  throw Error(error.code(), fmt::format("{}{}{}", error.what(), reasons.empty() ? "" : ": ",
                                        fmt::join(reasons, "; ")));
}

std::vector<OriginFigure> CellOrigin::figures() const {
  return origin_ ? origin_->figures() : std::vector<OriginFigure>();
}

void CellOrigin::describe(const std::vector<OriginFigure>& before, RunResult& result) const {
  if (!origin_) return;
  result.origin_version = origin_->version();
  result.origin_settings = origin_->settings();
  result.origin_statistics = figures_since(before, origin_->figures());
}

void CellOrigin::stop(std::vector<std::string>& warnings) {
  if (!origin_) return;
  if (own_) own_->stop();
  for (const std::string& warning : origin_->take_warnings()) {
    warnings.push_back(warning.starts_with("the origin") ? warning : "the origin: " + warning);
  }
}

}  // namespace cachegauge
