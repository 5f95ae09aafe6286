// Each request of the measured interval as a line of csv, for those who want to see for themselves:
//
//   index,op,result,intended_ns,started_ns,completed_ns
//
// Times count from the beginning of the interval (of the schedule, in an open loop). `started_ns`
// is when its first command went to the kernel; empty if none did. Of in-process caches only the
// requests that are timed are written. Lines come in order of completion on each thread, and
// threads take turns by blocks of lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cachegauge {

// Makes the file, or empties it, and writes the header. Throws Error::failed.
void begin_request_log(const std::string& path);

// One thread's part of the file.
class RequestLog {
 public:
  // Throws Error::failed.
  explicit RequestLog(const std::string& path);
  ~RequestLog();
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  // The measured interval begins; until then nothing is written.
  void begin(int64_t start_ns) { start_ns_ = start_ns; }
  // It ended. Throws Error::failed if not all could be written.
  void finish();

  struct Entry {
    uint64_t index;
    std::string_view op, result;
    int64_t intended_ns, started_ns, completed_ns;  // started_ns 0: never
  };
  void add(const Entry& entry);

 private:
  void flush();

  int fd_;
  int error_ = 0;  // of the first write that failed
  int64_t start_ns_ = -1;
  std::string path_;
  std::string buffer_;
};

}  // namespace cachegauge
