// The line of progress on stderr, drawn on a terminal only.
#pragma once

#include <string>

#include "harness/replay/cell_control.h"

namespace cachegauge {

class Progress {
 public:
  Progress();
  ~Progress();  // takes the line away

  void begin_cell(size_t number, size_t count, const std::string& label);
  void update(const CellControl& control);
  // Removes the line, so that something else can be printed.
  void clear();

 private:
  bool on_terminal_;
  bool drawn_ = false;
  std::string title_;
  int64_t started_ns_ = 0;
};

}  // namespace cachegauge
