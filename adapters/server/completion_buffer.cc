#include "adapters/server/completion_buffer.h"

#include <algorithm>
#include <utility>

namespace cachegauge {

void CompletionBuffer::stage(std::string_view bytes) {
  filling_.bytes.insert(filling_.bytes.end(), bytes.begin(), bytes.end());
}

void CompletionBuffer::add(Completion completion) {
  const size_t end = filling_.bytes.size();
  filling_.entries.push_back({completion, staged_begin_, end});
  staged_begin_ = end;
}

size_t CompletionBuffer::poll(std::span<Completion> out) {
  if (next_ == handed_.entries.size()) {
    handed_.entries.clear();
    handed_.bytes.clear();
    next_ = 0;
    std::swap(filling_, handed_);
    staged_begin_ = 0;
  }
  const size_t count = std::min(out.size(), handed_.entries.size() - next_);
  for (size_t i = 0; i < count; ++i) {
    const Entry& entry = handed_.entries[next_++];
    out[i] = entry.completion;
    out[i].value = {handed_.bytes.data() + entry.value_begin, entry.value_end - entry.value_begin};
  }
  return count;
}

}  // namespace cachegauge
