#include "harness/core/coroutine.h"

#include <array>
#include <new>

namespace cachegauge {
namespace {

constexpr size_t kGranule = 64;
constexpr size_t kClasses = 16;  // up to 1 KiB

struct FreeFrame {
  FreeFrame* next;
};

struct FramePool {
  std::array<FreeFrame*, kClasses + 1> free{};
  ~FramePool() {
    for (FreeFrame* frame : free) {
      while (frame) {
        FreeFrame* next = frame->next;
        ::operator delete(frame);
        frame = next;
      }
    }
  }
};

thread_local FramePool pool;

size_t size_class(size_t bytes) { return (bytes + kGranule - 1) / kGranule; }

}  // namespace

void* allocate_frame(size_t bytes) {
  const size_t index = size_class(bytes);
  if (index > kClasses) return ::operator new(bytes);
  if (FreeFrame* frame = pool.free[index]) {
    pool.free[index] = frame->next;
    return frame;
  }
  return ::operator new(index* kGranule);
}

void release_frame(void* frame, size_t bytes) noexcept {
  const size_t index = size_class(bytes);
  if (index > kClasses) {
    ::operator delete(frame);
    return;
  }
  auto* node = static_cast<FreeFrame*>(frame);
  node->next = pool.free[index];
  pool.free[index] = node;
}

}  // namespace cachegauge
