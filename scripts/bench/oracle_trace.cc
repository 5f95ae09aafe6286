// usage: oracle_trace WORKLOAD FILE
//
// Writes the gets of a workload as oracleGeneral records, which simulators read: seconds (as if
// 100,000 came each second), key, object size, and which request asks for the key next, counted
// from 1 (-1: none). A text key is written as its hash.
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/core/error.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

constexpr uint64_t kRequestsPerSecond = 100'000;

struct Get {
  uint64_t key;
  uint32_t size_bytes;
  int64_t next = -1;
};

std::vector<Get> read_gets(const Workload& workload) {
  std::vector<Get> gets;
  std::array<Request, 256> batch;
  const auto source = workload.open();
  while (const size_t count = source->read(batch)) {
    for (const Request& request : std::span(batch).first(count)) {
      if (request.op != Op::kGet) continue;
      gets.push_back({request.has_text_key() ? request.key_hash() : request.integer_key,
                      static_cast<uint32_t>(request.value_size_bytes)});
    }
  }
  return gets;
}

void find_next(std::vector<Get>& gets) {
  std::unordered_map<uint64_t, int64_t> upcoming;
  for (size_t i = gets.size(); i-- > 0;) {
    const auto [next, is_last] = upcoming.try_emplace(gets[i].key, -1);
    gets[i].next = next->second;
    next->second = static_cast<int64_t>(i) + 1;
  }
}

void write_records(const std::vector<Get>& gets, const std::string& path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "wb"), std::fclose);
  if (!file) throw Error::failed(fmt::format("{} cannot be written", path));
  for (size_t i = 0; i < gets.size(); ++i) {
    const auto time_s = static_cast<uint32_t>(i / kRequestsPerSecond);
    std::array<char, 24> record;
    std::memcpy(record.data(), &time_s, 4);
    std::memcpy(record.data() + 4, &gets[i].key, 8);
    std::memcpy(record.data() + 12, &gets[i].size_bytes, 4);
    std::memcpy(record.data() + 16, &gets[i].next, 8);
    std::fwrite(record.data(), record.size(), 1, file.get());
  }
  if (std::fflush(file.get()) != 0 || std::ferror(file.get())) {
    throw Error::failed(fmt::format("{} could not be written whole", path));
  }
}

}  // namespace
}  // namespace cachegauge

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: oracle_trace WORKLOAD FILE\n");
    return 2;
  }
  try {
    const auto workload = cachegauge::make_workload(cachegauge::parse_workload_spec(argv[1]));
    std::vector<cachegauge::Get> gets = cachegauge::read_gets(*workload);
    cachegauge::find_next(gets);
    cachegauge::write_records(gets, argv[2]);
  } catch (const cachegauge::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
