#include "adapters/memcached/meta_protocol.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>

#include "adapters/memcached/memcached_limits.h"

namespace cachegauge {
namespace {

constexpr size_t kLongestLine = 4096;
constexpr uint64_t kLargestItem = 1ull << 30;  // memcached's own ceiling for item_size_max
constexpr size_t kNumberBytes = 20;

class MetaProtocol final : public Protocol {
 public:
  explicit MetaProtocol(uint64_t item_size_max) : item_size_max_(item_size_max) {}

  bool encode(const Command& command, OutputBuffer& out) override;
  std::string limits() const override { return memcached_limits(item_size_max_); }
  void feed(std::string_view bytes) override;
  ParseState next(CommandKind kind, CompletionBuffer& values, Reply& reply) override;
  void reset() override;

 private:
  std::optional<std::string_view> next_line(size_t& end) const;
  ParseState read_value(CommandKind kind, std::string_view line, size_t line_end,
                        CompletionBuffer& values, Reply& reply);
  ParseState broken(std::string_view text, Reply& reply);

  const uint64_t item_size_max_;
  std::string input_;
  size_t read_ = 0;  // of input_
  std::string text_;
};

char* write(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

char* write(char* to, uint64_t number) { return std::to_chars(to, to + kNumberBytes, number).ptr; }

// By the flags of the line: W, it was won; Z, another has won it. The token is the item's CAS.
void read_lease(std::string_view line, Reply& reply) {
  const auto has = [&](std::string_view flag) { return line.find(flag) != std::string_view::npos; };
  reply.outcome = has(" W") ? Outcome::kLeaseGranted : has(" Z") ? Outcome::kMiss : Outcome::kHit;
  const size_t token = line.find(" c");
  if (reply.outcome != Outcome::kLeaseGranted || token == std::string_view::npos) return;
  std::from_chars(&line[token] + 2, line.data() + line.size(), reply.lease);
}

// An item whose TTL has less than this left is stale. Whole seconds: one more, as an item that has
// a second left may go at any moment.
uint64_t recache_seconds(int64_t stale_ns) {
  constexpr int64_t kNsPerSecond = 1'000'000'000;
  return static_cast<uint64_t>((stale_ns - 1) / kNsPerSecond + 2);
}

bool MetaProtocol::encode(const Command& command, OutputBuffer& out) {
  const std::string_view key = command.key;
  const std::string_view value = command.value;
  if (!is_memcached_key(key) || value.size() > item_size_max_) return false;
  char* to = out.reserve(key.size() + value.size() + 3 * kNumberBytes + 32);
  const bool under_lease = command.lease != 0 && command.lease != kAnyLease;
  switch (command.kind) {
    case CommandKind::kGet:
      to = write(write(write(to, "mg "), key), " v\r\n");
      break;
    case CommandKind::kDelete:
      to = write(write(to, "md "), key);
      // I: the item stays, as a stale one that the next may win.
      if (under_lease) to = write(write(write(to, " C"), command.lease), " I");
      to = write(to, "\r\n");
      break;
    case CommandKind::kSet:
    case CommandKind::kAdd:
      to = write(write(write(to, "ms "), key), " ");
      to = write(to, uint64_t{value.size()});
      if (command.ttl_ns > 0) to = write(write(to, " T"), memcached_exptime(command.ttl_ns));
      if (command.kind == CommandKind::kAdd) to = write(to, " ME");
      if (under_lease) to = write(write(to, " C"), command.lease);
      to = write(write(write(to, "\r\n"), value), "\r\n");
      break;
    case CommandKind::kLease:
      // N: a missing item is made, empty and for this long, and won by who asked.
      to = write(write(write(to, "mg "), key), " v c N");
      to = write(to, memcached_exptime(command.ttl_ns));
      if (command.stale_ns > 0) to = write(write(to, " R"), recache_seconds(command.stale_ns));
      to = write(to, "\r\n");
      break;
    case CommandKind::kCompareAndDelete:
      return false;
  }
  out.commit(to);
  return true;
}

void MetaProtocol::reset() {
  input_.clear();
  read_ = 0;
}

void MetaProtocol::feed(std::string_view bytes) {
  input_.erase(0, read_);
  read_ = 0;
  input_.append(bytes);
}

// Without its line end; `end` is the position after it.
std::optional<std::string_view> MetaProtocol::next_line(size_t& end) const {
  const size_t newline = input_.find('\n', read_);
  if (newline == std::string::npos) return std::nullopt;
  end = newline + 1;
  std::string_view line(input_.data() + read_, newline - read_);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

ParseState MetaProtocol::next(CommandKind kind, CompletionBuffer& values, Reply& reply) {
  reply = {};
  size_t end = 0;
  const auto line = next_line(end);
  if (!line) {
    if (input_.size() - read_ <= kLongestLine) return ParseState::kNeedMore;
    return broken(std::string_view(input_).substr(read_), reply);
  }
  const std::string_view code = line->substr(0, line->find(' '));
  const bool stores = kind == CommandKind::kSet || kind == CommandKind::kAdd;
  const bool gets = kind == CommandKind::kGet || kind == CommandKind::kLease;
  if (code == "VA" && gets) return read_value(kind, *line, end, values, reply);
  if (code == "HD" && stores) {
    reply.outcome = Outcome::kStored;
  } else if (code == "HD" && kind == CommandKind::kDelete) {
    reply.outcome = Outcome::kDeleted;
  } else if (code == "EN" && kind == CommandKind::kGet) {
    reply.outcome = Outcome::kMiss;
  } else if ((code == "NS" || code == "EX" || code == "NF") && stores) {
    reply.outcome = Outcome::kNotStored;
  } else if ((code == "NF" || code == "EX") && kind == CommandKind::kDelete) {
    reply.outcome = Outcome::kNotFound;
  } else if (code == "ERROR" || code == "CLIENT_ERROR" || code == "SERVER_ERROR") {
    const bool too_large = line->find("too large") != std::string_view::npos;
    reply.outcome = too_large ? Outcome::kRejected : Outcome::kError;
    text_.assign(*line);
    reply.text = text_;
  } else {
    return broken(*line, reply);
  }
  read_ = end;
  return ParseState::kReply;
}

// `VA <size> <flags>*`, a line end, the bytes, a line end.
ParseState MetaProtocol::read_value(CommandKind kind, std::string_view line, size_t line_end,
                                    CompletionBuffer& values, Reply& reply) {
  const std::string_view digits = line.substr(std::min<size_t>(3, line.size()));
  uint64_t size = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  if (parsed.ec != std::errc() || size > kLargestItem) return broken(line, reply);
  if (input_.size() - line_end < size + 2) return ParseState::kNeedMore;
  if (input_[line_end + size] != '\r' || input_[line_end + size + 1] != '\n') {
    return broken(line, reply);
  }
  values.stage({input_.data() + line_end, size});
  reply.outcome = Outcome::kHit;
  if (kind == CommandKind::kLease) read_lease(line, reply);
  read_ = line_end + size + 2;
  return ParseState::kReply;
}

// Quotes what came, as far as it can be printed.
ParseState MetaProtocol::broken(std::string_view text, Reply& reply) {
  constexpr size_t kQuoted = 60;
  text_ = "\"";
  for (const char c : text.substr(0, kQuoted)) text_ += c >= 0x20 && c < 0x7f ? c : '?';
  text_ += "\"";
  reply.text = text_;
  return ParseState::kBroken;
}

}  // namespace

std::unique_ptr<Protocol> make_meta_protocol(uint64_t item_size_max) {
  return std::make_unique<MetaProtocol>(item_size_max);
}

}  // namespace cachegauge
