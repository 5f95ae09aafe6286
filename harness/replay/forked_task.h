// Work in a child process that hands back a text.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace cachegauge {

class ForkedTask {
 public:
  // Forks; `work` runs in the child, which dies with this process and leaves Ctrl-C to it. Call it
  // while this process has one thread. Throws Error::failed.
  explicit ForkedTask(const std::function<std::string()>& work);
  ForkedTask(ForkedTask&& other) noexcept;
  ForkedTask& operator=(ForkedTask&&) = delete;
  ~ForkedTask();

  struct Outcome {
    std::string text;   // what `work` returned
    std::string death;  // how the child died before that; empty: it did not
  };
  // Waits for the end, calling `watch` about five times a second. An Error of the work is thrown
  // here as it was.
  Outcome finish(const std::function<void()>& watch);

 private:
  pid_t child_ = -1;
  int in_ = -1;
};

}  // namespace cachegauge
