// Holds what an interned trace is made of: in memory, and once that has reached a limit, in a file
// without a name in TMPDIR, from which the kernel brings pages back as they are read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cachegauge {

class ColumnStore {
 public:
  explicit ColumnStore(uint64_t most_bytes_in_memory) : most_in_memory_(most_bytes_in_memory) {}
  ColumnStore(const ColumnStore&) = delete;
  ColumnStore& operator=(const ColumnStore&) = delete;
  ~ColumnStore();

  // Room for so many bytes, aligned to 8, which stays where it is as long as the store lives.
  // Throws Error::failed if there is no memory or no room in TMPDIR.
  void* room_for(size_t size);

  uint64_t bytes_in_memory() const { return in_memory_; }
  uint64_t bytes_in_file() const { return in_file_; }

 private:
  struct Block {
    char* begin;
    size_t size;
    bool in_file;
  };

  Block make_block(size_t size);
  char* map_to_file(size_t size);
  int open_file();

  uint64_t most_in_memory_;
  uint64_t in_memory_ = 0;
  uint64_t in_file_ = 0;
  int file_ = -1;
  std::vector<Block> blocks_;
  size_t used_ = 0;  // of the last block
};

}  // namespace cachegauge
