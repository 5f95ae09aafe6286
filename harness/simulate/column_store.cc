#include "harness/simulate/column_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <new>
#include <string>

#include "harness/core/error.h"
#include "harness/core/huge_pages.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

constexpr size_t kBlockBytes = size_t{16} << 20;

// A trace is written once, and to a page for the first time: huge ones are a tenth of the faults.
using Memory = HugePageAllocator<char>;

}  // namespace

ColumnStore::~ColumnStore() {
  for (const Block& block : blocks_) {
    if (block.in_file) {
      munmap(block.begin, block.size);
    } else {
      Memory().deallocate(block.begin, block.size);
    }
  }
  if (file_ >= 0) close(file_);
}

void* ColumnStore::room_for(size_t size) {
  if (blocks_.empty() || used_ + size > blocks_.back().size) {
    blocks_.push_back(make_block(std::max(kBlockBytes, size)));
    used_ = 0;
  }
  char* at = blocks_.back().begin + used_;
  used_ += (size + 7) & ~size_t{7};
  return at;
}

ColumnStore::Block ColumnStore::make_block(size_t size) {
  const bool in_file = in_memory_ + size > most_in_memory_;
  char* begin = nullptr;
  try {
    begin = in_file ? map_to_file(size) : Memory().allocate(size);
  } catch (const std::bad_alloc&) {
    throw Error::failed(fmt::format("no memory for the requests ({}): give --limit",
                                    format_size(in_memory_ + size)));
  }
  (in_file ? in_file_ : in_memory_) += size;
  return {begin, size, in_file};
}

char* ColumnStore::map_to_file(size_t size) {
  if (file_ < 0) file_ = open_file();
  // Reserved first: a disk that is full is an error here, and a signal on a write to the mapping.
  if (const int error =
          posix_fallocate(file_, static_cast<off_t>(in_file_), static_cast<off_t>(size))) {
    throw Error::failed(fmt::format(
        "the requests do not fit in --max-memory, and {} has no room for them ({}): set TMPDIR "
        "to a larger disk, or give --limit",
        std::filesystem::temp_directory_path().string(), std::strerror(error)));
  }
  void* const memory =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file_, static_cast<off_t>(in_file_));
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(memory);
}

int ColumnStore::open_file() {
  std::string path = (std::filesystem::temp_directory_path() / "cachegauge-ids-XXXXXX").string();
  const int file = mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) {
    throw Error::failed(fmt::format(
        "the requests do not fit in --max-memory, and {} cannot be made ({}): set TMPDIR", path,
        std::strerror(errno)));
  }
  unlink(path.c_str());
  return file;
}

}  // namespace cachegauge
