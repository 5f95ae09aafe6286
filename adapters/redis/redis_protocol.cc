#include "adapters/redis/redis_protocol.h"

#include <fmt/format.h>
#include <hiredis/read.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <string>

#include "adapters/redis/resp_writer.h"

namespace cachegauge {
namespace {

// After each reply the reader moves what is left of its buffer to the front, once more than 1 KiB
// was consumed: fed in small slices, it has little to move.
constexpr size_t kSliceBytes = 4096;

constexpr int64_t kNsPerMs = 1'000'000;

constexpr std::string_view kCompareAndDelete =
    "if redis.call('GET',KEYS[1])==ARGV[1] then return redis.call('DEL',KEYS[1]) end return 0";

// The lease lies beside the key, and holds the token of who has it.
//
// Answers with a letter (hit, granted, miss), the token after a g, and the value. ARGV: for how
// long it is granted, the token, and how much of the value's TTL may be left of a stale one.
constexpr std::string_view kLease =
    "local v=redis.call('GET',KEYS[1]) local s=tonumber(ARGV[3]) "
    "if v and s>0 then local t=redis.call('PTTL',KEYS[1]) if t<0 or t>s then s=0 end end "
    "if v and s==0 then return 'h'..v end "
    "local g=redis.call('SET',KEYS[1]..':lock',ARGV[2],'NX','PX',ARGV[1]) "
    "return (g and 'g'..ARGV[2] or 'm')..(v or '')";
constexpr size_t kTokenDigits = 16;

// ARGV: the token, or * for whoever has the lease; the value, and its TTL (0: none).
constexpr std::string_view kSetUnderLease =
    "local l=KEYS[1]..':lock' "
    "if ARGV[1]~='*' and redis.call('GET',l)~=ARGV[1] then return 0 end redis.call('DEL',l) "
    "if ARGV[3]=='0' then redis.call('SET',KEYS[1],ARGV[2]) "
    "else redis.call('SET',KEYS[1],ARGV[2],'PX',ARGV[3]) end return 1";
// With a token the lease alone goes.
constexpr std::string_view kDeleteUnderLease =
    "local l=KEYS[1]..':lock' if ARGV[1]=='*' then redis.call('DEL',l) "
    "return redis.call('DEL',KEYS[1]) end "
    "if redis.call('GET',l)==ARGV[1] then return redis.call('DEL',l) end return 0";

// Of the reply that is being read.
struct TopLevel {
  CompletionBuffer* values = nullptr;
  int type = 0;
  long long integer = 0;
  bool is_lease = false;  // a string begins with a letter, and a token after a g
  char letter = 0;
  uint64_t lease = 0;
  std::string error;
};

// The reader takes a null object for "out of memory".
void* some_object() {
  static char object;
  return &object;
}

// Null below the top level: no command of ours is answered with an array, so what is in one does
// not matter.
TopLevel* top_level(const redisReadTask* task) {
  if (task->parent) return nullptr;
  auto* top = static_cast<TopLevel*>(task->privdata);
  top->type = task->type;
  return top;
}

// Of an answer to kLease: what is left is the value.
std::string_view take_lease(TopLevel& top, std::string_view text) {
  top.letter = text.empty() ? 0 : text[0];
  text.remove_prefix(text.empty() ? 0 : 1);
  if (top.letter != 'g' || text.size() < kTokenDigits) return text;
  std::from_chars(text.data(), text.data() + kTokenDigits, top.lease, 16);
  return text.substr(kTokenDigits);
}

void* create_string(const redisReadTask* task, char* text, size_t size) {
  TopLevel* top = top_level(task);
  if (top && task->type == REDIS_REPLY_STRING) {
    top->values->stage(top->is_lease ? take_lease(*top, {text, size})
                                     : std::string_view(text, size));
  }
  if (top && task->type == REDIS_REPLY_ERROR) top->error.assign(text, size);
  return some_object();
}

template <class Count>  // int in hiredis 0.14, size_t since 1.0
void* create_array(const redisReadTask* task, Count) {
  top_level(task);
  return some_object();
}

void* create_integer(const redisReadTask* task, long long value) {
  if (TopLevel* top = top_level(task)) top->integer = value;
  return some_object();
}

// The task keeps the type that was announced: a nil bulk string says REDIS_REPLY_STRING there.
void* create_nil(const redisReadTask* task) {
  if (TopLevel* top = top_level(task)) top->type = REDIS_REPLY_NIL;
  return some_object();
}

void free_object(void*) {}

// By name: the members' order differs between versions, and later ones have more.
redisReplyObjectFunctions* reply_functions() {
  static redisReplyObjectFunctions functions = [] {
    redisReplyObjectFunctions f{};
    f.createString = create_string;
    f.createArray = create_array;
    f.createInteger = create_integer;
    f.createNil = create_nil;
    f.freeObject = free_object;
    return f;
  }();
  return &functions;
}

class RedisProtocol final : public Protocol {
 public:
  explicit RedisProtocol(const RedisLogin& login) : login_(login) { reset(); }

  bool encode(const Command& command, OutputBuffer& out) override;
  std::string limits() const override { return "keys and values of at most 512 MiB"; }
  int encode_greeting(OutputBuffer& out) override;
  void feed(std::string_view bytes) override { fed_ = bytes; }
  ParseState next(CommandKind kind, CompletionBuffer& values, Reply& reply) override;
  void reset() override;

 private:
  bool read_reply(bool& broken);
  ParseState interpret(CommandKind kind, Reply& reply);
  ParseState broken(std::string text, Reply& reply);

  const RedisLogin login_;
  std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader_{nullptr, redisReaderFree};
  TopLevel top_;
  std::string_view fed_;  // not yet handed to the reader
  std::string broken_text_;
};

// Rounded up: a TTL of less than a millisecond must not become none at all.
uint64_t to_ms(int64_t ns) { return static_cast<uint64_t>((ns + kNsPerMs - 1) / kNsPerMs); }

std::string lease_text(uint64_t lease) {
  return lease == kAnyLease ? "*" : fmt::format("{:016x}", lease);
}

bool RedisProtocol::encode(const Command& command, OutputBuffer& out) {
  const std::string_view key = command.key;
  const std::string_view value = command.value;
  if (key.size() > kRedisLongestString || value.size() > kRedisLongestString) return false;
  char* to = out.reserve(key.size() + value.size() + 4 * kBulkOverheadBytes + 64);
  switch (command.kind) {
    case CommandKind::kGet:
      to = write_bulk(write_text(to, "*2\r\n$3\r\nGET\r\n"), key);
      break;
    case CommandKind::kDelete:
      if (command.lease != 0) {
        append_command(out, {"EVAL", kDeleteUnderLease, "1", key, lease_text(command.lease)});
        return true;
      }
      to = write_bulk(write_text(to, "*2\r\n$3\r\nDEL\r\n"), key);
      break;
    case CommandKind::kSet:
    case CommandKind::kAdd: {
      if (command.lease != 0) {
        append_command(out, {"EVAL", kSetUnderLease, "1", key, lease_text(command.lease), value,
                             fmt::to_string(to_ms(command.ttl_ns))});
        return true;
      }
      const bool add = command.kind == CommandKind::kAdd;
      const bool expires = command.ttl_ns > 0;
      const int words = 3 + (add ? 1 : 0) + (expires ? 2 : 0);
      *to++ = '*';
      *to++ = static_cast<char>('0' + words);
      to = write_bulk(write_text(to, "\r\n$3\r\nSET\r\n"), key);
      to = write_bulk(to, value);
      if (add) to = write_text(to, "$2\r\nNX\r\n");
      if (expires) {
        char digits[20];
        const char* end = write_number(digits, to_ms(command.ttl_ns));
        to = write_text(to, "$2\r\nPX\r\n");
        to = write_bulk(to, {digits, static_cast<size_t>(end - digits)});
      }
      break;
    }
    case CommandKind::kCompareAndDelete:
      append_command(out, {"EVAL", kCompareAndDelete, "1", key, value});
      return true;
    case CommandKind::kLease:
      append_command(out, {"EVAL", kLease, "1", key, fmt::to_string(to_ms(command.ttl_ns)),
                           lease_text(command.lease), fmt::to_string(to_ms(command.stale_ns))});
      return true;
  }
  out.commit(to);
  return true;
}

int RedisProtocol::encode_greeting(OutputBuffer& out) {
  int replies = 0;
  if (!login_.user.empty()) {
    append_command(out, {"AUTH", login_.user, login_.password});
    ++replies;
  } else if (!login_.password.empty()) {
    append_command(out, {"AUTH", login_.password});
    ++replies;
  }
  if (login_.database != 0) {
    append_command(out, {"SELECT", std::to_string(login_.database)});
    ++replies;
  }
  return replies;
}

void RedisProtocol::reset() {
  reader_.reset(redisReaderCreateWithFunctions(reply_functions()));
  if (!reader_) throw std::bad_alloc();
  reader_->privdata = &top_;
  reader_->maxbuf = 0;  // keeps its buffer: otherwise each large reply costs an allocation
  fed_ = {};
}

// True if a reply is complete, which top_ then describes.
bool RedisProtocol::read_reply(bool& broken) {
  while (true) {
    void* object = nullptr;
    if (redisReaderGetReply(reader_.get(), &object) != REDIS_OK) {
      broken = true;
      return false;
    }
    if (object) return true;
    if (fed_.empty()) return false;
    const size_t size = std::min(fed_.size(), kSliceBytes);
    if (redisReaderFeed(reader_.get(), fed_.data(), size) != REDIS_OK) {
      broken = true;
      return false;
    }
    fed_.remove_prefix(size);
  }
}

ParseState RedisProtocol::next(CommandKind kind, CompletionBuffer& values, Reply& reply) {
  top_.values = &values;
  top_.is_lease = kind == CommandKind::kLease;
  bool bad = false;
  if (read_reply(bad)) return interpret(kind, reply);
  return bad ? broken(reader_->errstr, reply) : ParseState::kNeedMore;
}

ParseState RedisProtocol::interpret(CommandKind kind, Reply& reply) {
  reply = {};
  const bool stores = kind == CommandKind::kSet || kind == CommandKind::kAdd;
  switch (top_.type) {
    case REDIS_REPLY_ERROR:
      reply.text = top_.error;
      return ParseState::kReply;
    case REDIS_REPLY_STRING:
      if (kind != CommandKind::kGet && kind != CommandKind::kLease) break;
      reply.outcome = Outcome::kHit;
      if (top_.is_lease && top_.letter == 'g') {
        reply.outcome = Outcome::kLeaseGranted;
        reply.lease = top_.lease;
      }
      if (top_.is_lease && top_.letter == 'm') reply.outcome = Outcome::kMiss;
      return ParseState::kReply;
    case REDIS_REPLY_NIL:
      if (kind != CommandKind::kGet && !stores) break;
      reply.outcome = stores ? Outcome::kNotStored : Outcome::kMiss;
      return ParseState::kReply;
    case REDIS_REPLY_STATUS:
      if (!stores) break;
      reply.outcome = Outcome::kStored;
      return ParseState::kReply;
    case REDIS_REPLY_INTEGER:
      if (stores) {  // under a lease
        reply.outcome = top_.integer > 0 ? Outcome::kStored : Outcome::kNotStored;
        return ParseState::kReply;
      }
      if (kind != CommandKind::kDelete && kind != CommandKind::kCompareAndDelete) break;
      reply.outcome = top_.integer > 0 ? Outcome::kDeleted : Outcome::kNotFound;
      return ParseState::kReply;
    default:
      break;
  }
  return broken("a reply of a type that does not fit the command", reply);
}

ParseState RedisProtocol::broken(std::string text, Reply& reply) {
  broken_text_ = std::move(text);
  reply.text = broken_text_;
  return ParseState::kBroken;
}

}  // namespace

std::unique_ptr<Protocol> make_redis_protocol(const RedisLogin& login) {
  return std::make_unique<RedisProtocol>(login);
}

}  // namespace cachegauge
