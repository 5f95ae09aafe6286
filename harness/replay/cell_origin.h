// The origin of a cell, if it has one.
#pragma once

#include <memory>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/core/run_result.h"

namespace cachegauge {

// What figures that only grow have grown by; empty if they were not said at both ends.
std::vector<OriginFigure> figures_since(const std::vector<OriginFigure>& before,
                                        std::vector<OriginFigure> after);

class CellOrigin {
 public:
  // None.
  CellOrigin() = default;
  // To be started and stopped here.
  explicit CellOrigin(std::unique_ptr<Origin> origin);
  // That was started, and will be stopped, by somebody else.
  explicit CellOrigin(Origin& started) : origin_(&started) {}

  explicit operator bool() const { return origin_ != nullptr; }
  Origin* get() const { return origin_; }
  bool holds_rows() const { return origin_ && origin_->traits().holds_rows; }

  void start();
  // All rows are stored by `store`. Throws its Error with the origin's reasons.
  template <class Store>
  void store_rows(Store store);
  std::vector<OriginFigure> figures() const;
  // What it says of itself, and counted since `before`.
  void describe(const std::vector<OriginFigure>& before, RunResult& result) const;
  // Once all sessions are gone.
  void stop(std::vector<std::string>& warnings);

 private:
  [[noreturn]] void rethrow_with_reasons(const Error& error) const;

  std::unique_ptr<Origin> own_;
  Origin* origin_ = nullptr;
};

template <class Store>
void CellOrigin::store_rows(Store store) {
  try {
    store();
    origin_->settle();
  } catch (const Error& error) {
    rethrow_with_reasons(error);
  }
}

}  // namespace cachegauge
