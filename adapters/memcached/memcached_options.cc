#include "adapters/memcached/memcached_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/error.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

constexpr uint16_t kDefaultPort = 11211;

constexpr std::array kParams = {
    ParamInfo{"memory", "size = --memory", "memory limit of the private server, in whole MiB"},
    ParamInfo{"threads", "count = 4", "worker threads of the private server"},
    ParamInfo{"item-size-max", "size = 1MiB", "largest item of the private server"},
    ParamInfo{"binary", "text = memcached", "program of the private server"},
    ParamInfo{"transport", "unix | tcp",
              "how the private server is reached: tcp is 127.0.0.1, without a password"},
    ParamInfo{"socket", "path", "a running server on this unix socket"},
    ParamInfo{"servers", "host:port+…", "running servers (or /sockets); several are a ketama pool"},
    ParamInfo{"client", "meta | libmemcached", "our own client, or libmemcached on threads"},
    ParamInfo{"url", "text", "memcached://host[:port]"},
};

constexpr std::array<std::string_view, 5> kOfPrivate = {"memory", "threads", "item-size-max",
                                                        "binary", "transport"};
constexpr std::array<std::string_view, 3> kAddresses = {"socket", "servers", "url"};

Address parse_url(std::string_view url) {
  constexpr std::string_view kScheme = "memcached://";
  if (!url.starts_with(kScheme)) {
    throw Error::usage("memcached:url: expected memcached://host[:port]");
  }
  url.remove_prefix(kScheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  if (url.find_first_of("@/?#") != std::string_view::npos) {
    throw Error::usage(
        "memcached URL: expected memcached://host[:port]; there are no users, paths or options");
  }
  return parse_host_port(url, kDefaultPort);
}

std::vector<Address> parse_servers(std::string_view text) {
  std::vector<Address> servers;
  while (true) {
    const size_t plus = std::min(text.find('+'), text.size());
    const std::string_view server = text.substr(0, plus);
    if (server.starts_with('/')) {
      servers.push_back({.socket_path = std::string(server), .host = {}, .port = 0});
    } else {
      servers.push_back(parse_host_port(server, kDefaultPort));
    }
    if (plus == text.size()) return servers;
    text.remove_prefix(plus + 1);
  }
}

std::vector<Address> parse_addresses(const Spec& spec) {
  const auto given = std::count_if(kAddresses.begin(), kAddresses.end(),
                                   [&](std::string_view name) { return spec.has(name); });
  if (given > 1) throw Error::usage("memcached: give one of socket=, servers= and url=");
  for (std::string_view name : kOfPrivate) {
    if (spec.has(name)) {
      throw Error::usage(fmt::format(
          "memcached:{}= is a setting of a private server; a running one keeps its own", name));
    }
  }
  if (const std::string* url = spec.find("url")) return {parse_url(*url)};
  if (const std::string* servers = spec.find("servers")) return parse_servers(*servers);
  const std::string& path = *spec.find("socket");
  if (path.empty()) throw Error::usage("memcached:socket: it is empty");
  return {Address{.socket_path = path, .host = {}, .port = 0}};
}

void parse_memory(const Spec& spec, const AdapterSettings& settings, MemcachedOptions& options) {
  std::optional<uint64_t> bytes = settings.memory_bytes;
  if (spec.has("memory")) bytes = spec.size_bytes("memory", 0);
  if (!bytes) return;
  // Down, so that the budget holds; but one is the least.
  options.memory_mib = std::max<uint64_t>(1, *bytes / kMiB);
  options.memory_was_rounded = *options.memory_mib * kMiB != *bytes;
}

void parse_private(const Spec& spec, const AdapterSettings& settings, MemcachedOptions& options) {
  options.binary = spec.text("binary", "memcached");
  options.uses_tcp = spec.choice("transport", {"unix", "tcp"}) == "tcp";
  parse_memory(spec, settings, options);
  if (spec.has("threads")) {
    options.threads = spec.count("threads", 0);
    if (*options.threads == 0) throw Error::usage("memcached:threads: expected a count from 1");
  }
  if (spec.has("item-size-max")) {
    options.item_size_max = spec.size_bytes("item-size-max", 0);
  } else if (options.memory_mib == 1) {
    options.item_size_max = kMiB / 2;  // memcached refuses items above half of its memory
  }
}

}  // namespace

std::span<const ParamInfo> memcached_params() { return kParams; }

MemcachedOptions parse_memcached_options(const Spec& spec, const AdapterSettings& settings) {
  spec.require_known(kParams);
  MemcachedOptions options;
  options.is_private = std::none_of(kAddresses.begin(), kAddresses.end(),
                                    [&](std::string_view name) { return spec.has(name); });
  if (options.is_private) {
    parse_private(spec, settings, options);
  } else {
    options.servers = parse_addresses(spec);
  }
  const bool is_pool = options.servers.size() > 1;
  options.uses_libmemcached = spec.choice("client", {"meta", "libmemcached"}) == "libmemcached";
  if (is_pool && spec.has("client") && !options.uses_libmemcached) {
    throw Error::usage("memcached: a pool of servers needs client=libmemcached");
  }
  options.uses_libmemcached |= is_pool;
  return options;
}

}  // namespace cachegauge
