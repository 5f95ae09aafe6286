// Files that are written whole or not at all: reports and manifests.
//
// A regular file is written without a name (O_TMPFILE), synced, and then named, so a process that
// is killed leaves nothing behind. Replacing a file takes two steps of the kernel, a second name
// and a rename: a process killed between them leaves `.NAME.cachegauge-new`, a whole file, which
// the next write of NAME removes. The same name is used where the file system has no O_TMPFILE.
//
// A path that is no regular file (a pipe, a device, /dev/stdout), and "-" for stdout, is a stream:
// it is written directly, and what went out cannot be taken back.
#pragma once

#include <string>
#include <string_view>

namespace cachegauge {

// Whether `path` takes bytes one after the other, so that it should be written once, at the end.
bool is_stream(const std::string& path);

// To be called before measuring. Throws Error::usage, with the remedy, if `path` is a folder, lies
// in a folder that is missing or cannot be written, or exists already and `force` is not given.
void check_writable(const std::string& path, bool force);

// Replaces what was there, and keeps its permissions. A symbolic link is followed. On return the
// bytes are on the disk. Throws Error::failed with the reason (disk full, …); the file at `path` is
// then as it was.
void write_atomically(const std::string& path, std::string_view bytes);

}  // namespace cachegauge
