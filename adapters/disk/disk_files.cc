#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <chrono>

#include "adapters/disk/disk_store.h"

namespace cachegauge {
namespace {

struct FilesystemName {
  uint64_t magic;
  std::string_view name;
};
// From linux/magic.h and the sources of the file systems that are not in it.
constexpr FilesystemName kFilesystems[] = {
    {0xef53, "ext4"},      {0x01021994, "tmpfs"},   {0x58465342, "xfs"},
    {0x9123683e, "btrfs"}, {0x794c7630, "overlay"}, {0x2fc12fc1, "zfs"},
    {0xf2f52010, "f2fs"},  {0x6969, "nfs"},         {0x65735546, "fuse"},
};

}  // namespace

bool exists_on_disk(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0;
}

uint64_t allocated_bytes(const std::string& file) {
  constexpr uint64_t kStatBlock = 512;
  struct stat info {};
  return stat(file.c_str(), &info) == 0 ? static_cast<uint64_t>(info.st_blocks) * kStatBlock : 0;
}

std::string filesystem_name(const std::string& path) {
  struct statfs info {};
  if (statfs(path.c_str(), &info) != 0) return "unknown";
  const auto magic = static_cast<uint32_t>(info.f_type);
  for (const FilesystemName& known : kFilesystems) {
    if (known.magic == magic) return std::string(known.name);
  }
  return fmt::format("{:#x}", magic);
}

int64_t unix_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace cachegauge
