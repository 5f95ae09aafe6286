#include "workloads/formats/monitor.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "workloads/formats/line_source.h"
#include "workloads/formats/monitor_args.h"
#include "workloads/formats/parse.h"
#include "workloads/formats/redis_commands.h"

namespace cachegauge {
namespace {

constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint64_t kMillisecondNs = 1'000'000;

bool is_word(const MonitorArg& arg, std::string_view word) {
  return arg.raw().size() == word.size() && strncasecmp(arg.begin, word.data(), word.size()) == 0;
}

class MonitorParser {
 public:
  RowKind parse(char*& p, Request& request, RowFault& fault) {
    char* const line = p;
    char* const newline = static_cast<char*>(rawmemchr(line, '\n'));
    char* const end = newline > line && newline[-1] == '\r' ? newline - 1 : newline;
    p = newline + 1;
    if (line == end || std::string_view(line, end) == "OK") return RowKind::kNothing;
    command_ = nullptr;
    if (const char* const at = read_row(line, end, request)) return bad(line, at, end, fault);
    if (!command_) return RowKind::kNothing;
    request.time_ns = clock_.since_first(row_time_ns_);
    position_ = 1;
    set_key_and_size(request);
    return has_more_keys() ? RowKind::kRun : RowKind::kRequest;
  }

  bool next(Request& request) {
    if (!has_more_keys()) return false;
    position_ += key_step();
    set_key_and_size(request);
    return true;
  }

  const ArrivalClock& clock() const { return clock_; }

 private:
  // Null if all is well, otherwise where it is not, with expected_ set.
  const char* read_row(char* line, char* end, Request& request) {
    const char* p = line;
    if (!parse_time(p, kSecondNs, row_time_ns_)) return fail(line, "a time in seconds");
    if (end - p < 2 || p[0] != ' ' || p[1] != '[') return fail(p, "\" [database client] \"");
    constexpr std::string_view kBehindClient = "] \"";
    char* const bracket =
        static_cast<char*>(memmem(p, end - p, kBehindClient.data(), kBehindClient.size()));
    if (!bracket) return fail(p, "\" [database client] \" and a command in quotes");
    if (const char* const at = read_monitor_args(bracket + 2, end, args_)) {
      return fail(at, "an argument in quotes, with \\xHH for bytes that do not print");
    }
    command_ = find_redis_command(args_[0].raw());
    if (!command_) return nullptr;
    request.op = command_->op;
    if (const char* const at = check_arguments(end)) return at;
    return read_ttl(end, request);
  }

  const char* check_arguments(const char* end) {
    const size_t values = command_->value == RedisValue::kThird    ? 2
                          : command_->value == RedisValue::kSecond ? 1
                                                                   : 0;
    const bool odd = command_->keys == RedisKeys::kPairs && args_.size() % 2 == 0;
    if (args_.size() < 2 + values || odd) return fail(end, "more arguments of this command");
    for (size_t i = 1; i < args_.size(); i += key_step()) {
      if (args_[i].size_bytes == 0) return fail(args_[i].begin, "a key");
    }
    return nullptr;
  }

  const char* read_ttl(const char* end, Request& request) {
    switch (command_->ttl) {
      case RedisTtl::kNone:
        return nullptr;
      case RedisTtl::kSecondInS:
        return set_ttl(args_[2], kSecondNs, 0, request);
      case RedisTtl::kSecondInMs:
        return set_ttl(args_[2], kMillisecondNs, 0, request);
      case RedisTtl::kOptions:
        break;
    }
    return read_options(end, request);
  }

  const char* read_options(const char* end, Request& request) {
    struct Option {
      std::string_view name;
      uint64_t unit_ns;
      bool absolute;
    };
    constexpr Option kOptions[] = {{"ex", kSecondNs, false},
                                   {"px", kMillisecondNs, false},
                                   {"exat", kSecondNs, true},
                                   {"pxat", kMillisecondNs, true}};
    for (size_t i = command_->value == RedisValue::kNone ? 2 : 3; i < args_.size(); ++i) {
      if (is_word(args_[i], "nx")) request.op = Op::kAdd;
      for (const Option& option : kOptions) {
        if (!is_word(args_[i], option.name)) continue;
        if (++i == args_.size()) return fail(end, "a TTL");
        const char* const at =
            set_ttl(args_[i], option.unit_ns, option.absolute ? row_time_ns_ : 0, request);
        if (at) return at;
        break;
      }
    }
    return nullptr;
  }

  // What expired before it was set lives for the shortest time there is.
  const char* set_ttl(const MonitorArg& arg, uint64_t unit_ns, int64_t since_ns, Request& request) {
    const char* p = arg.begin;
    int64_t time_ns;
    if (!parse_time(p, unit_ns, time_ns) || p != arg.end) {
      return fail(arg.begin, "a TTL, a number that is not negative");
    }
    request.ttl_ns = std::max<int64_t>(time_ns - since_ns, 1);
    return nullptr;
  }

  size_t key_step() const {
    switch (command_->keys) {
      case RedisKeys::kFirst:
        return args_.size();
      case RedisKeys::kAll:
        return 1;
      case RedisKeys::kPairs:
        return 2;
    }
    return 1;
  }

  bool has_more_keys() const { return position_ + key_step() < args_.size(); }

  void set_key_and_size(Request& request) {
    switch (command_->value) {
      case RedisValue::kNone:
        break;
      case RedisValue::kSecond:
        request.value_size_bytes = args_[position_ + 1].size_bytes;
        break;
      case RedisValue::kThird:
        request.value_size_bytes = args_[position_ + 2].size_bytes;
        break;
      case RedisValue::kRest:
        request.value_size_bytes = 0;
        for (size_t i = 2; i < args_.size(); ++i) request.value_size_bytes += args_[i].size_bytes;
        break;
    }
    const std::string_view key = unescape(args_[position_]);
    request.text_key = {};
    set_key(request, key.data(), key.data() + key.size());
  }

  const char* fail(const char* at, std::string_view expected) {
    expected_ = expected;
    return at;
  }

  RowKind bad(const char* line, const char* at, const char* end, RowFault& fault) const {
    fault.column = static_cast<size_t>(at - line);
    fault.problem = fmt::format("expected {}, got {}", expected_,
                                at == end ? "the end of the line" : quote_excerpt({at, end}));
    return RowKind::kBad;
  }

  ArrivalClock clock_;
  int64_t row_time_ns_ = 0;
  std::vector<MonitorArg> args_;  // of the line; the first is the command
  const RedisCommand* command_ = nullptr;
  size_t position_ = 0;  // of the last key that was given
  std::string_view expected_;
};

}  // namespace

Match match_monitor(const TraceSample& sample) {
  if (!sample.is_text()) return Match::kNo;
  size_t good = 0, rows = 0;
  for (const std::string_view line : sample.lines()) {
    if (line.empty() || line == "OK") continue;
    ++rows;
    std::string copy = std::string(line) + "\n" + std::string(LineBuffer::kSlackBytes, '\0');
    char* p = copy.data();
    Request request;
    RowFault fault;
    good += MonitorParser().parse(p, request, fault) != RowKind::kBad;
  }
  if (good == 0) return Match::kNo;
  return good * 2 > rows ? Match::kCertain : Match::kPossible;
}

TraceOpener make_monitor(const TraceOptions& options, const TraceSample&, Spec&, WorkloadTraits&) {
  return
      [options] { return std::make_unique<LineSource<MonitorParser>>(options, MonitorParser()); };
}

}  // namespace cachegauge
