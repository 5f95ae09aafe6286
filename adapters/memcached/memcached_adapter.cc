#include "adapters/memcached/memcached_adapter.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/memcached/libmemcached_client.h"
#include "adapters/memcached/memcached_control.h"
#include "adapters/memcached/memcached_options.h"
#include "adapters/memcached/meta_protocol.h"
#include "adapters/server/incident_log.h"
#include "adapters/server/private_server.h"
#include "adapters/server/server_faults.h"
#include "adapters/server/server_session.h"
#include "adapters/server/threaded_session.h"
#include "harness/core/error.h"
#include "harness/core/restartable.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

constexpr int64_t kSamplingTimeoutNs = 500'000'000;

class MemcachedAdapter final : public Adapter, public Restartable, public ServerFaults {
 public:
  MemcachedAdapter(const Spec& spec, const AdapterSettings& settings)
      : spec_(spec), settings_(settings), options_(parse_memcached_options(spec, settings)) {}

  const Spec& spec() const override { return spec_; }
  Capabilities capabilities() const override {
    const uint32_t lease = options_.uses_libmemcached ? 0 : command_bit(CommandKind::kLease);
    return {.commands = kBasicCommands | lease,
            .blocks_on_network = true,
            .ttl_granularity_ns = 1'000'000'000,
            .private_server = options_.is_private};
  }
  void start() override;
  std::unique_ptr<Session> open(const SessionContext& context) override;
  AdapterState state() override;
  std::optional<uint64_t> bytes_used_now() override;
  std::string version() const override { return version_; }
  std::vector<Spec::Param> settings() const override { return reported_settings_; }
  bool shares_keyspace() const override { return !options_.is_private; }
  std::vector<std::string> take_warnings() override;
  std::vector<int> server_cpus() const override {
    return server_ ? server_->cpus() : std::vector<int>();
  }
  void restart(int64_t down_ns, int64_t) override { server_->restart(down_ns); }
  void stop() override {
    close_route();
    sampling_.clear();
    server_.reset();
  }

 private:
  Traits fault_traits() const override {
    return {.name = spec_.redacted(),
            .is_private = options_.is_private,
            .one_address = !options_.uses_libmemcached};
  }
  std::string cannot_limit(double share) const override;
  PrivateServer& private_server() override { return *server_; }
  void flush_server() override { flush_memcached(servers_.front(), settings_.timeout_ns); }
  void limit_memory(double share) override {
    set_memcached_limit(servers_.front(), mib_of(share), settings_.timeout_ns);
  }
  uint64_t mib_of(double share) const {
    constexpr double kDefaultMib = 64;
    const double mib =
        options_.memory_mib ? static_cast<double>(*options_.memory_mib) : kDefaultMib;
    return static_cast<uint64_t>(share * mib);
  }

  ServerProgram program() const;
  Figures stats(const Address& server, const std::string& group = {}) const {
    return read_memcached_stats(server, group, settings_.timeout_ns);
  }
  void look_at(const Address& server);
  void require_ours_alone(const Address& server, uint64_t items) const;
  void report_settings();
  void note_memory_limit();

  const Spec spec_;
  const AdapterSettings settings_;
  const MemcachedOptions options_;
  const std::shared_ptr<IncidentLog> log_ = std::make_shared<IncidentLog>();
  std::optional<PrivateServer> server_;
  std::vector<Address> servers_;
  std::vector<MemcachedControl> sampling_;  // bytes_used_now()'s own, one for each server
  std::string version_;
  std::vector<Spec::Param> reported_settings_;
  // Over all servers: the limit is their sum, the item size the least, the items those at the
  // start.
  uint64_t limit_bytes_ = 0;
  uint64_t item_size_max_ = UINT64_MAX;
  uint64_t foreign_items_ = 0;
  uint64_t worker_threads_ = 0;
  std::optional<uint64_t> empty_rss_bytes_;
};

ServerProgram MemcachedAdapter::program() const {
  return {.binary = options_.binary,
          .package = "memcached",
          .arguments =
              [this](const Address& address) {
                std::vector<std::string> arguments;
                auto add = [&arguments](std::string flag, std::string value) {
                  arguments.push_back(std::move(flag));
                  arguments.push_back(std::move(value));
                };
                if (address.is_unix()) {
                  add("-s", address.socket_path);
                  add("-a", "0700");
                } else {
                  add("-l", address.host);
                  add("-p", std::to_string(address.port));
                  add("-U", "0");
                }
                // It wants to be told; and a change of user would clear the death signal.
                if (geteuid() == 0) add("-u", "root");
                if (options_.memory_mib) add("-m", std::to_string(*options_.memory_mib));
                if (options_.threads) add("-t", std::to_string(*options_.threads));
                if (options_.item_size_max) add("-I", std::to_string(*options_.item_size_max));
                return arguments;
              },
          .uses_tcp = options_.uses_tcp,
          .cpus = settings_.server_cpus};
}

std::string MemcachedAdapter::cannot_limit(double share) const {
  if (mib_of(share) >= kLeastLimitMib) return {};
  return fmt::format(
      "takes no limit below {} MiB while it runs, and that would be {}: give it more "
      "memory, or a larger to=",
      kLeastLimitMib, mib_of(share));
}

void MemcachedAdapter::start() {
  log_->begin(spec_.redacted());
  servers_ = options_.servers;
  if (options_.is_private) {
    server_.emplace(program());
    servers_ = {server_->address()};
    empty_rss_bytes_ = process_rss_bytes(server_->pid());
  }
  limit_bytes_ = foreign_items_ = 0;
  item_size_max_ = UINT64_MAX;
  for (const Address& server : servers_) look_at(server);
  report_settings();
  note_memory_limit();
}

void MemcachedAdapter::look_at(const Address& server) {
  const Figures figures = stats(server);
  const Figures server_settings = stats(server, "settings");
  const uint64_t items = whole_figure(figures, "curr_items").value_or(0);
  if (!options_.is_private) require_ours_alone(server, items);
  if (!options_.uses_libmemcached) require_meta_protocol(server, settings_.timeout_ns);
  version_ = text_figure(figures, "version");
  foreign_items_ += items;
  limit_bytes_ += whole_figure(figures, "limit_maxbytes").value_or(0);
  worker_threads_ = whole_figure(server_settings, "num_threads").value_or(0);
  item_size_max_ =
      std::min(item_size_max_, whole_figure(server_settings, "item_size_max").value_or(kMiB));
}

void MemcachedAdapter::require_ours_alone(const Address& server, uint64_t items) const {
  if (items == 0 || settings_.allow_shared_server) return;
  throw Error::usage(fmt::format(
      "the memcached at {} holds {} items of others: use an empty one, or \"memcached\" for a "
      "private one; with --allow-shared-server it is used as it is, its items are left alone, and "
      "it may evict them to make room for ours",
      server.text(), format_count(items)));
}

void MemcachedAdapter::report_settings() {
  const bool is_pool = servers_.size() > 1;
  const Address& first = servers_.front();
  reported_settings_ = {{"server", options_.is_private ? "private"
                                   : is_pool           ? "pool"
                                                       : "running"},
                        {"connection", first.is_unix() ? "unix socket" : "tcp"},
                        {"client", options_.uses_libmemcached ? "libmemcached" : "meta"},
                        {"memory", format_size(limit_bytes_)},
                        {"threads", std::to_string(worker_threads_)},
                        {"item-size-max", format_size(item_size_max_)}};
  if (server_) reported_settings_.push_back({"binary", server_->program_path()});
  if (is_pool) reported_settings_.push_back({"distribution", "consistent ketama"});
  if (!options_.is_private) {
    std::string addresses;
    for (const Address& server : servers_) {
      addresses += (addresses.empty() ? "" : "+") + server.text();
    }
    reported_settings_.push_back({"address", addresses});
  }
}

void MemcachedAdapter::note_memory_limit() {
  if (options_.memory_was_rounded) {
    log_->note("limit", fmt::format("{}: memcached takes whole MiB: its memory is {}",
                                    spec_.redacted(), format_size(limit_bytes_)));
  }
  if (options_.is_private && options_.memory_mib == 1 && !spec_.has("item-size-max")) {
    log_->note("item-size", fmt::format("{}: with 1 MiB of memory its items are at most {}",
                                        spec_.redacted(), format_size(item_size_max_)));
  }
  if (!options_.is_private && settings_.memory_bytes && *settings_.memory_bytes != limit_bytes_) {
    log_->note("limit", fmt::format("{}: --memory {} does not reach a running server, whose limit "
                                    "is {}",
                                    spec_.redacted(), format_size(*settings_.memory_bytes),
                                    format_size(limit_bytes_)));
  }
}

std::unique_ptr<Session> MemcachedAdapter::open(const SessionContext& context) {
  if (options_.uses_libmemcached) {
    return std::make_unique<ThreadedSession>(
        context, settings_.timeout_ns, log_,
        make_libmemcached_client(servers_, settings_.timeout_ns, item_size_max_));
  }
  return std::make_unique<ServerSession>(
      context,
      ServerTarget{
          .address = route(servers_.front()), .timeout_ns = settings_.timeout_ns, .log = log_},
      make_meta_protocol(item_size_max_));
}

// An expired item leaves in one of three ways: a get finds it, the crawler does, or the tail of the
// LRU does when a new item needs room.
std::optional<uint64_t> expirations(const Figures& figures) {
  const auto found = whole_figure(figures, "get_expired");
  if (!found) return std::nullopt;
  return *found + whole_figure(figures, "crawler_reclaimed").value_or(0) +
         whole_figure(figures, "reclaimed").value_or(0);
}

std::optional<int64_t> cpu_of_stats(const Figures& figures) {
  const auto user = seconds_figure(figures, "rusage_user");
  const auto system = seconds_figure(figures, "rusage_system");
  if (!user || !system) return std::nullopt;
  return *user + *system;
}

// Of several servers: what one does not say is not known of all.
template <class Number>
void add(std::optional<Number>& sum, std::optional<Number> number) {
  if (sum && number) {
    *sum += *number;
  } else {
    sum.reset();
  }
}

AdapterState MemcachedAdapter::state() {
  AdapterState state{.evictions = 0,
                     .expirations = 0,
                     .server_cpu_ns = 0,
                     .bytes_used = 0,
                     .payload_bytes = {},
                     .items = 0,
                     .rss_bytes = {},
                     .memory_source = {}};
  try {
    for (const Address& server : servers_) {
      const Figures figures = stats(server);
      add(state.evictions, whole_figure(figures, "evictions"));
      add(state.expirations, expirations(figures));
      add(state.server_cpu_ns, cpu_of_stats(figures));
      add(state.bytes_used, whole_figure(figures, "bytes"));
      add(state.items, whole_figure(figures, "curr_items"));
    }
  } catch (const Error& error) {
    log_->note("state",
               fmt::format("{}: its figures are not known: {}", spec_.redacted(), error.what()));
    state = {};
    state.memory_source = "not known: the server did not answer stats";
    return state;
  }
  state.memory_source = fmt::format(
      "stats bytes: items with their headers, without the slack of the slabs they lie in and the "
      "hash table{}",
      foreign_items_ > 0 ? ", other items included" : "");
  if (server_) {
    state.server_cpu_ns = process_cpu_ns(server_->pid());
    const auto rss = process_rss_bytes(server_->pid());
    if (rss && empty_rss_bytes_) state.rss_bytes = *rss - std::min(*rss, *empty_rss_bytes_);
    state.memory_source += "; RSS from /proc, less that of the empty server";
  }
  return state;
}

std::optional<uint64_t> MemcachedAdapter::bytes_used_now() {
  const auto servers = static_cast<int64_t>(servers_.size());
  const int64_t timeout_ns = std::min(settings_.timeout_ns, kSamplingTimeoutNs / servers);
  try {
    if (sampling_.empty()) {
      for (const Address& server : servers_) sampling_.emplace_back(server, timeout_ns);
    }
    std::optional<uint64_t> sum = 0;
    for (MemcachedControl& control : sampling_) {
      add(sum, whole_figure(control.stats(), "bytes"));
    }
    return sum;
  } catch (const Error&) {  // the sessions' own incidents tell the reader that a server is down
    sampling_.clear();
    return std::nullopt;
  }
}

std::vector<std::string> MemcachedAdapter::take_warnings() {
  if (server_ && server_->death()) {
    log_->note("death", fmt::format("{}: the private server {} by itself", spec_.redacted(),
                                    *server_->death()));
  }
  return log_->take();
}

}  // namespace

std::unique_ptr<Adapter> make_memcached_adapter(const Spec& spec, const AdapterSettings& settings) {
  return std::make_unique<MemcachedAdapter>(spec, settings);
}

}  // namespace cachegauge
