#include "tests/fuzz/check_reader.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "workloads/workloads.h"

namespace cachegauge::testing {
namespace {

constexpr size_t kMostRequests = 1000;
constexpr uint64_t kLargestValueBytes = uint64_t{1} << 40;
constexpr uint64_t kLongestKeyBytes = 1 << 20;  // of a line

void require(bool holds, std::string_view what) {
  if (holds) return;
  fmt::print(stderr, "check_reader: {}\n", what);
  std::abort();
}

// A file in memory that readers open by its path.
class MemoryFile {
 public:
  MemoryFile() : fd_(memfd_create("trace", MFD_CLOEXEC)) { require(fd_ >= 0, "memfd_create"); }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  void write(std::span<const char> bytes) const {
    require(ftruncate(fd_, 0) == 0, "ftruncate");
    require(pwrite(fd_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
            "pwrite");
  }
  std::string path() const { return fmt::format("/proc/self/fd/{}", fd_); }

 private:
  int fd_;
};

struct Reading {
  size_t requests = 0;
  uint64_t digest = 0;  // of all their fields
  uint64_t skipped_rows = 0;
  std::string error;
  bool operator==(const Reading&) const = default;
};

uint64_t digest_of(const Request& request, uint64_t before) {
  uint64_t digest = before;
  for (const uint64_t field :
       {request.key_hash(), uint64_t{request.has_text_key()},
        static_cast<uint64_t>(request.time_ns), request.value_size_bytes,
        static_cast<uint64_t>(request.ttl_ns), uint64_t{request.key_size_bytes},
        static_cast<uint64_t>(request.op)}) {
    digest = mix64(digest ^ field);
  }
  return digest;
}

class Checker {
 public:
  void check(const Request& request) {
    require(static_cast<int>(request.op) < kOpCount, "an operation that is none");
    require(request.value_size_bytes <= kLargestValueBytes, "a value of more than 1 TiB");
    require(request.ttl_ns >= 0, "a negative TTL");
    require(request.key_size_bytes <= kLongestKeyBytes, "a key size of more than 1 MiB");
    require(request.time_ns >= latest_ns_, "a time that runs backwards");
    latest_ns_ = request.time_ns;
    if (!request.has_text_key()) return;
    require(!request.text_key.empty(), "an empty key");
    require(request.text_key.size() <= kLongestKeyBytes, "a key that is longer than a line");
  }

 private:
  int64_t latest_ns_ = Request::kNoTime;
};

Reading read(const Workload& workload, size_t batch) {
  Reading reading;
  Checker checker;
  std::vector<Request> requests(batch);
  const auto source = workload.open();
  try {
    while (reading.requests < kMostRequests) {
      const size_t room = kMostRequests - reading.requests;
      const size_t count = source->read(std::span(requests).first(std::min(batch, room)));
      if (count == 0) break;
      require(count <= batch, "more requests than there was room for");
      for (size_t i = 0; i < count; ++i) {
        checker.check(requests[i]);
        reading.digest = digest_of(requests[i], reading.digest);
      }
      reading.requests += count;
    }
  } catch (const Error& error) {
    reading.error = error.what();
    require(!reading.error.empty(), "an error without a message");
    // How far a reader gets in the call that fails depends on the batch.
    reading.requests = reading.digest = 0;
  }
  if (reading.error.empty() && reading.requests < kMostRequests) {
    reading.skipped_rows = source->skipped_rows();
  }
  return reading;
}

void check_spec(const Spec& spec) {
  std::unique_ptr<Workload> workload;
  try {
    workload = make_workload(spec);
  } catch (const Error& error) {
    require(!std::string_view(error.what()).empty(), "an error without a message");
    return;
  }
  require(read(*workload, 256) == read(*workload, 3), "another batch size gives another reading");
}

}  // namespace

void check_reader(std::string_view format, std::span<const char> bytes) {
  static const MemoryFile file;
  file.write(bytes);
  Spec spec("trace", {{"path", file.path()}});
  if (!format.empty()) spec.set("format", std::string(format));
  if (format == "csv") spec.set("key", "1");
  // By the content, so that an input always does the same.
  if (std::accumulate(bytes.begin(), bytes.end(), 0) % 2 != 0) spec.set("skip-bad-rows", "5");
  check_spec(spec);
}

}  // namespace cachegauge::testing
