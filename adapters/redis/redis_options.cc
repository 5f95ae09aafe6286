#include "adapters/redis/redis_options.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr uint16_t kDefaultPort = 6379;
constexpr const char* kPasswordVariable = "CACHEGAUGE_REDIS_PASSWORD";

constexpr std::array kParams = {
    ParamInfo{"maxmemory", "size = --memory", "memory limit of the private server"},
    ParamInfo{"policy", "text = allkeys-lru", "maxmemory-policy of the private server"},
    ParamInfo{"samples", "count = the server's", "maxmemory-samples of the private server"},
    ParamInfo{"binary", "text = redis-server", "program of the private server"},
    ParamInfo{"transport", "unix | tcp", "how the private server is reached: tcp is 127.0.0.1"},
    ParamInfo{"socket", "path", "a running server on this unix socket"},
    ParamInfo{"host", "text = 127.0.0.1", "a running server on this host"},
    ParamInfo{"port", "count = 6379", "a running server on this port"},
    ParamInfo{"db", "count = 0", "number of the database on a running server"},
    ParamInfo{"user", "text", "ACL user on a running server"},
    ParamInfo{"password-file", "path", "file with the password, if not in the environment"},
    ParamInfo{"url", "text", "redis://[user[:password]@]host[:port][/db]"},
};

constexpr std::array<std::string_view, 5> kOfPrivate = {"maxmemory", "policy", "samples", "binary",
                                                        "transport"};
constexpr std::array<std::string_view, 3> kOfRunning = {"db", "user", "password-file"};
constexpr std::array<std::string_view, 6> kOfAddress = {"socket", "host", "port",
                                                        "db",     "user", "password-file"};

bool has_any(const Spec& spec, std::span<const std::string_view> names) {
  for (std::string_view name : names) {
    if (spec.has(name)) return true;
  }
  return false;
}

void require_none(const Spec& spec, std::span<const std::string_view> names, std::string_view why) {
  for (std::string_view name : names) {
    if (spec.has(name)) throw Error::usage(fmt::format("redis:{}= {}", name, why));
  }
}

std::string read_password_file(const std::string& path) {
  std::ifstream file(path);
  std::string password;
  if (!file || !std::getline(file, password)) {
    throw Error::usage(fmt::format("redis:password-file: cannot read a line from \"{}\"", path));
  }
  if (password.ends_with('\r')) password.pop_back();
  return password;
}

// "%40" -> "@". No error quotes the text: it may be a password.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    uint8_t byte = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (error != std::errc() || digits.size() != 2 || end != digits.data() + 2) {
      throw Error::usage("redis URL: in user and password a \"%\" is written %25");
    }
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

uint64_t parse_database(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw Error::usage(fmt::format("redis: expected a database number, got \"{}\"", text));
  }
  return number;
}

void parse_url(std::string_view url, RedisOptions& options) {
  constexpr std::string_view kScheme = "redis://";
  if (!url.starts_with(kScheme)) {
    throw Error::usage("redis:url: expected redis://[user[:password]@]host[:port][/db]");
  }
  url.remove_prefix(kScheme.size());
  const size_t end = std::min(url.find_first_of("/?#"), url.size());
  std::string_view authority = url.substr(0, end);
  const std::string_view rest = url.substr(end);
  if (rest.find('@') != std::string_view::npos) {
    throw Error::usage(
        "redis URL: in user and password \"/\", \"?\", \"#\" and \"@\" are written "
        "%2F, %3F, %23 and %40");
  }
  const size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view login = authority.substr(0, at);
    const size_t colon = std::min(login.find(':'), login.size());
    options.login.user = percent_decoded(login.substr(0, colon));
    if (colon < login.size()) options.login.password = percent_decoded(login.substr(colon + 1));
    authority.remove_prefix(at + 1);
  }
  options.address = parse_host_port(authority, kDefaultPort);
  if (rest.size() > 1) {
    if (rest[0] != '/') throw Error::usage("redis URL: nothing but /db may follow host:port");
    options.login.database = parse_database(rest.substr(1));
  }
}

void parse_running(const Spec& spec, RedisOptions& options) {
  options.is_private = false;
  require_none(spec, kOfPrivate,
               "is a setting of a private server; a running one keeps its own: change it there");
  if (spec.has("url")) {
    require_none(spec, kOfAddress, "and url= say the same: give one of them");
    parse_url(*spec.find("url"), options);
  } else {
    if (spec.has("socket")) {
      if (spec.has("host") || spec.has("port")) {
        throw Error::usage("redis: give socket= or host= and port=, not both");
      }
      options.address.socket_path = *spec.find("socket");
      if (options.address.socket_path.empty()) throw Error::usage("redis:socket: it is empty");
    } else {
      options.address.host = spec.text("host", "127.0.0.1");
      if (options.address.host.empty()) throw Error::usage("redis:host: it is empty");
      options.address.port =
          spec.has("port") ? parse_port(*spec.find("port"), "redis:port") : kDefaultPort;
    }
    options.login.user = spec.text("user", "");
    options.login.database = spec.count("db", 0);
  }
  if (options.login.password.empty() && spec.has("password-file")) {
    options.login.password = read_password_file(*spec.find("password-file"));
  }
  const char* password = std::getenv(kPasswordVariable);
  if (options.login.password.empty() && password) options.login.password = password;
}

void parse_private(const Spec& spec, const AdapterSettings& settings, RedisOptions& options) {
  require_none(spec, kOfRunning, "is for a running server: give socket=, host= or a URL too");
  options.binary = spec.text("binary", "redis-server");
  options.uses_tcp = spec.choice("transport", {"unix", "tcp"}) == "tcp";
  if (spec.has("maxmemory")) options.maxmemory = spec.size_bytes("maxmemory", 0);
  if (!options.maxmemory) options.maxmemory = settings.memory_bytes;
  if (options.maxmemory == 0) options.maxmemory.reset();  // Redis' word for no limit
  if (spec.has("policy") && !options.maxmemory) {
    throw Error::usage("redis:policy= needs a limit to act on: give maxmemory= or --memory");
  }
  if (options.maxmemory) {
    options.policy =
        spec.choice("policy", {"allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru",
                               "volatile-lfu", "volatile-random", "volatile-ttl", "noeviction"});
  }
  if (spec.has("samples")) {
    options.samples = spec.count("samples", 0);
    if (*options.samples == 0) throw Error::usage("redis:samples: expected a count from 1");
  }
}

}  // namespace

std::span<const ParamInfo> redis_params() { return kParams; }

RedisOptions parse_redis_options(const Spec& spec, const AdapterSettings& settings) {
  spec.require_known(kParams);
  RedisOptions options;
  constexpr std::array<std::string_view, 4> kAddresses = {"socket", "host", "port", "url"};
  if (has_any(spec, kAddresses)) {
    parse_running(spec, options);
  } else {
    parse_private(spec, settings, options);
  }
  return options;
}

}  // namespace cachegauge
