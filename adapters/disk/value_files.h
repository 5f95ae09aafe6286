// Large values as files of a folder, one each, named by a random id in 16 hex digits.
//
// A file is written before the row that names it is committed, and unlinked after the row is gone:
// whatever is left behind by a process that dies in between is a file that no row names, which
// sweep() finds. Nothing is synced: after a loss of power a file may be short or hold other bytes,
// which the size and the hash in its row tell.
//
// Thread-safe. Errors are errno values; nothing throws.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cachegauge {

class ValueFiles {
 public:
  struct Reference {
    int64_t id = 0;
    uint64_t size = 0;
    int64_t check = 0;  // hash of the bytes
  };

  // The folder is made with the first file.
  explicit ValueFiles(std::string folder);

  // 0, or why not; then there is no such file.
  int write(std::string_view value, Reference& reference) const;
  // Appends the bytes; false if they are not what was written.
  bool read(const Reference& reference, std::string& value) const;
  void remove(int64_t id) const;

  std::vector<int64_t> list() const;  // ascending
  uint64_t disk_bytes() const;
  // The folder too, unless there is something of others in it.
  void remove_all() const;

 private:
  std::string path(int64_t id) const;

  const std::string folder_;
};

}  // namespace cachegauge
