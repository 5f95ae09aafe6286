#include "adapters/redis/redis_channel.h"

#include <hiredis/hiredis.h>

#include <array>
#include <new>
#include <string>
#include <utility>

#include "adapters/redis/redis_protocol.h"
#include "adapters/redis/resp_writer.h"

namespace cachegauge {
namespace {

// A set is a message: its key is the channel, its value the text.
class PublishProtocol final : public Protocol {
 public:
  explicit PublishProtocol(const RedisLogin& login) : redis_(make_redis_protocol(login)) {}

  bool encode(const Command& command, OutputBuffer& out) override {
    append_command(out, {"PUBLISH", command.key, command.value});
    return true;
  }
  std::string limits() const override { return redis_->limits(); }
  int encode_greeting(OutputBuffer& out) override { return redis_->encode_greeting(out); }
  void feed(std::string_view bytes) override { redis_->feed(bytes); }
  ParseState next(CommandKind kind, CompletionBuffer& values, Reply& reply) override {
    return redis_->next(kind, values, reply);
  }
  void reset() override { redis_->reset(); }

 private:
  const std::unique_ptr<Protocol> redis_;
};

// Takes no commands: its greeting subscribes, and what comes after that goes to the listener.
class SubscribeProtocol final : public Protocol {
 public:
  SubscribeProtocol(const RedisLogin& login, std::string_view channel, MessageListener& listener)
      : redis_(make_redis_protocol(login)), channel_(channel), listener_(listener) {}

  bool encode(const Command&, OutputBuffer&) override { return false; }
  std::string limits() const override { return "no commands"; }
  int encode_greeting(OutputBuffer& out) override {
    const int replies = redis_->encode_greeting(out);
    append_command(out, {"SUBSCRIBE", channel_});
    return replies + 1;
  }
  void feed(std::string_view bytes) override { fed_ = bytes; }
  ParseState next(CommandKind kind, CompletionBuffer& values, Reply& reply) override;
  void reset() override;

 private:
  struct FreeReader {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
  };
  struct FreeReply {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
  };
  using OwnedReply = std::unique_ptr<redisReply, FreeReply>;

  bool answers_greeting(const redisReply& said, Reply& reply);

  const std::unique_ptr<Protocol> redis_;  // for what a connection begins with
  const std::string channel_;
  MessageListener& listener_;
  std::unique_ptr<redisReader, FreeReader> reader_;
  std::string_view fed_;
  std::string refusal_;
  bool subscribed_ = false;
};

void SubscribeProtocol::reset() {
  reader_.reset(redisReaderCreate());
  if (!reader_) throw std::bad_alloc();
  fed_ = {};
  if (std::exchange(subscribed_, false)) listener_.lost();
}

ParseState SubscribeProtocol::next(CommandKind, CompletionBuffer&, Reply& reply) {
  reply = {};
  if (redisReaderFeed(reader_.get(), fed_.data(), fed_.size()) != REDIS_OK) {
    reply.text = reader_->errstr;
    return ParseState::kBroken;
  }
  fed_ = {};
  while (true) {
    void* object = nullptr;
    if (redisReaderGetReply(reader_.get(), &object) != REDIS_OK) {
      reply.text = reader_->errstr;
      return ParseState::kBroken;
    }
    if (!object) return ParseState::kNeedMore;
    const OwnedReply said(static_cast<redisReply*>(object));
    if (answers_greeting(*said, reply)) return ParseState::kReply;
  }
}

// False of a message, which is handed on.
bool SubscribeProtocol::answers_greeting(const redisReply& said, Reply& reply) {
  const auto text = [](const redisReply& part) {
    return part.str ? std::string_view(part.str, part.len) : std::string_view();
  };
  if (said.type == REDIS_REPLY_ERROR) {
    refusal_ = text(said);
    reply.text = refusal_;
    return true;
  }
  if (said.type == REDIS_REPLY_ARRAY && said.elements == 3) {
    const std::string_view kind = text(*said.element[0]);
    if (kind == "message") {
      listener_.message(text(*said.element[2]));
      return false;
    }
    if (kind == "subscribe" && !std::exchange(subscribed_, true)) listener_.subscribed();
  }
  reply.outcome = Outcome::kStored;
  return true;
}

class RedisChannel final : public MessageChannel, private Wakeup {
 public:
  RedisChannel(const SessionContext& context, const ServerTarget& target, const RedisLogin& login,
               std::string_view name, MessageListener& listener)
      : name_(name),
        subscriber_(told(context), target,
                    std::make_unique<SubscribeProtocol>(login, name, listener)),
        publisher_(told(context), target, std::make_unique<PublishProtocol>(login)) {}

  void publish(std::string_view text) override {
    Command command;
    command.kind = CommandKind::kSet;
    command.key = name_;
    command.value = text;
    publisher_.submit({&command, 1});
  }

 private:
  SessionContext told(SessionContext context) {
    context.ready = this;
    return context;
  }
  // What became of the messages is of no concern: that the server is down is in its log.
  void wake() override {
    std::array<Completion, 64> completions;
    while (publisher_.poll(completions) == completions.size()) {
    }
  }

  const std::string name_;
  ServerSession subscriber_;
  ServerSession publisher_;
};

}  // namespace

std::unique_ptr<MessageChannel> open_redis_channel(const SessionContext& context,
                                                   const ServerTarget& target,
                                                   const RedisLogin& login, std::string_view name,
                                                   MessageListener& listener) {
  return std::make_unique<RedisChannel>(context, target, login, name, listener);
}

}  // namespace cachegauge
