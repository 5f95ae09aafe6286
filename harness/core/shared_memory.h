// An object that a process shares with the children it forks later.
#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <string>

#include "harness/core/error.h"

namespace cachegauge {

// T holds no pointers, and its atomics are lock-free. Its destructor is not called.
template <class T>
class SharedMemory {
 public:
  SharedMemory() {
    void* memory =
        mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw Error::failed(std::string("mmap: ") + std::strerror(errno));
    object_ = new (memory) T;
  }
  ~SharedMemory() { munmap(object_, sizeof(T)); }
  SharedMemory(const SharedMemory&) = delete;
  T& operator*() { return *object_; }
  T* operator->() { return object_; }

 private:
  T* object_;
};

}  // namespace cachegauge
