#include "adapters/redis/redis_control.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <initializer_list>
#include <memory>
#include <vector>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

using Context = std::unique_ptr<redisContext, FreeRedisContext>;

Context connect(const Address& address, int64_t timeout_ns) {
  SocketAddress chosen;
  UniqueFd socket = connect_to(address, timeout_ns, chosen);
  fcntl(socket.get(), F_SETFL, fcntl(socket.get(), F_GETFL) & ~O_NONBLOCK);
  Context context(redisConnectFd(socket.get()));
  if (!context) throw std::bad_alloc();
  socket.release();
  const timeval timeout{.tv_sec = static_cast<time_t>(timeout_ns / 1'000'000'000),
                        .tv_usec = std::max<suseconds_t>(1, timeout_ns / 1000 % 1'000'000)};
  redisSetTimeout(context.get(), timeout);
  return context;
}

// What to do about a refusal, by its first word.
std::string_view remedy(std::string_view refusal) {
  if (refusal.starts_with("NOAUTH") || refusal.starts_with("WRONGPASS") ||
      refusal.find("AUTH") != std::string_view::npos) {
    return "; give the user in the URL and the password in CACHEGAUGE_REDIS_PASSWORD or "
           "password-file=";
  }
  if (refusal.starts_with("NOPERM")) return "; the user needs +info +get +set +del +select";
  if (refusal.starts_with("LOADING")) return "; wait until it has loaded its data";
  return "";
}

std::string ask(const Address& address, redisContext& context,
                std::initializer_list<std::string_view> words) {
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (std::string_view word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  const std::unique_ptr<void, decltype(&freeReplyObject)> owner(
      redisCommandArgv(&context, static_cast<int>(texts.size()), texts.data(), sizes.data()),
      freeReplyObject);
  if (!owner) {
    const bool late = context.err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
    throw Error::failed(fmt::format("{} at {}: {}", late ? "no answer from" : "no Redis",
                                    address.text(), late ? "timed out" : context.errstr));
  }
  const auto& reply = *static_cast<const redisReply*>(owner.get());
  const std::string text = reply.str ? std::string(reply.str, reply.len) : std::string();
  if (reply.type == REDIS_REPLY_ERROR) {
    throw Error::failed(fmt::format("the Redis server at {} refuses {}: {}{}", address.text(),
                                    *words.begin(), text, remedy(text)));
  }
  return text;
}

Figures parse_info(std::string_view text) {
  Figures figures;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const size_t colon = line.find(':');
    if (line.starts_with('#') || colon == std::string_view::npos) continue;
    figures.insert_or_assign(std::string(line.substr(0, colon)),
                             std::string(line.substr(colon + 1)));
  }
  return figures;
}

// Of "keys=12,expires=0,avg_ttl=0".
uint64_t keys_of(std::string_view database) {
  constexpr std::string_view kField = "keys=";
  uint64_t keys = 0;
  if (database.starts_with(kField)) {
    database.remove_prefix(kField.size());
    std::from_chars(database.data(), database.data() + database.size(), keys);
  }
  return keys;
}

}  // namespace

void FreeRedisContext::operator()(redisContext* context) const { redisFree(context); }

RedisControl::RedisControl(const Address& address, const RedisLogin& login, int64_t timeout_ns)
    : address_(address), context_(connect(address, timeout_ns)) {
  if (!login.user.empty()) {
    ask(address_, *context_, {"AUTH", login.user, login.password});
  } else if (login.needs_auth()) {
    ask(address_, *context_, {"AUTH", login.password});
  }
  if (login.database != 0) ask(address_, *context_, {"SELECT", std::to_string(login.database)});
}

Figures RedisControl::info(std::string_view section) {
  if (section.empty()) return parse_info(ask(address_, *context_, {"INFO"}));
  return parse_info(ask(address_, *context_, {"INFO", section}));
}

void RedisControl::flush_all() { ask(address_, *context_, {"FLUSHALL"}); }

void RedisControl::set_memory_limit(uint64_t bytes) {
  ask(address_, *context_, {"CONFIG", "SET", "maxmemory", std::to_string(bytes)});
}

Figures read_redis_info(const Address& address, const RedisLogin& login, int64_t timeout_ns) {
  Figures info = RedisControl(address, login, timeout_ns).info();
  if (!info.contains("redis_version")) {
    throw Error::failed(
        fmt::format("the server at {} is no Redis: its INFO has no redis_version", address.text()));
  }
  return info;
}

uint64_t keys_in_all_databases(const Figures& info) {
  uint64_t keys = 0;
  for (auto entry = info.lower_bound("db"); entry != info.end() && entry->first.starts_with("db");
       ++entry) {
    keys += keys_of(entry->second);
  }
  return keys;
}

uint64_t keys_in_database(const Figures& info, uint64_t database) {
  return keys_of(text_figure(info, fmt::format("db{}", database)));
}

}  // namespace cachegauge
