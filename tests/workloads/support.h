// Traces that tests write, and requests that outlive the source they came from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/workloads.h"

namespace cachegauge::testing {

// The end of what is said of a bad row.
inline const std::string kRemedy = "repair the row, or allow some bad ones: skip-bad-rows=N";

// A folder of its own, gone with the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(std::string_view name) const { return folder_ / name; }
  // Returns the path.
  std::string write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path folder_;
};

struct Row {
  std::string key;  // integers as decimal digits
  bool integer = false;
  Op op = Op::kGet;
  int64_t time_ns = Request::kNoTime;
  uint64_t value_size_bytes = 100;
  int64_t ttl_ns = 0;
  uint32_t key_size_bytes = 0;
  bool operator==(const Row&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Row& row);

std::vector<Row> read_all(const Workload& workload, size_t batch = 256);
std::vector<Row> read_all(std::string_view spec, size_t batch = 256);
std::vector<std::string> keys_of(const std::vector<Row>& rows);

std::unique_ptr<Workload> make(std::string_view spec);
// The message of the Error that making and reading the workload throws; "" if it throws none. A
// path below `folder` is shown without the folder.
std::string error_of(std::string_view spec, const TemporaryFolder* folder = nullptr);
ExitCode exit_code_of(std::string_view spec);

std::string gzip(std::string_view content);
std::string xz(std::string_view content);
std::string zstd(std::string_view content);

}  // namespace cachegauge::testing
