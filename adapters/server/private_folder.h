// A folder of our own, gone with us however we die (guardian.h), that nobody else may enter.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "adapters/server/guardian.h"

namespace cachegauge {

// From the system's generator. Throws Error::failed.
uint64_t random_number();

// $TMPDIR, absolute, or /tmp.
std::string temporary_base();

// A name in it that nobody else has.
std::string random_folder_name(const std::string& base);

// Belongs to the process that made it: a forked child must not use it.
class PrivateFolder {
 public:
  // In $TMPDIR. Throws Error::failed when it cannot be made.
  PrivateFolder();
  ~PrivateFolder();
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  Guardian guardian_;
  pid_t owner_;
};

}  // namespace cachegauge
