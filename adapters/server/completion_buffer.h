// Completions of a session between the reply's arrival and poll(), with the values they carry.
//
// Two batches take turns: one is filled as replies arrive, the other is being handed out, so values
// stay where they are until the next poll() whatever arrives in between. Nothing is allocated once
// both have grown to the largest batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "harness/core/session.h"

namespace cachegauge {

class CompletionBuffer {
 public:
  // Appends to the value of the next completion to be added, or dropped, before the next poll().
  void stage(std::string_view bytes);
  void drop_staged() { filling_.bytes.resize(staged_begin_); }

  // Adds `completion` with the staged bytes as its value.
  void add(Completion completion);

  // As Session::poll(). Completions of one batch only: more() tells that others wait.
  size_t poll(std::span<Completion> out);
  bool more() const { return next_ < handed_.entries.size() || !filling_.entries.empty(); }

 private:
  struct Entry {
    Completion completion;
    size_t value_begin;
    size_t value_end;
  };
  struct Batch {
    std::vector<Entry> entries;
    std::vector<char> bytes;
  };

  Batch filling_;
  Batch handed_;
  size_t next_ = 0;  // of handed_.entries
  size_t staged_begin_ = 0;
};

}  // namespace cachegauge
