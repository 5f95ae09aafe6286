#include "adapters/redis/redis_adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <optional>
#include <utility>

#include "adapters/redis/redis_channel.h"
#include "adapters/redis/redis_control.h"
#include "adapters/redis/redis_options.h"
#include "adapters/redis/redis_protocol.h"
#include "adapters/server/incident_log.h"
#include "adapters/server/private_server.h"
#include "adapters/server/server_faults.h"
#include "adapters/server/server_session.h"
#include "harness/core/error.h"
#include "harness/core/restartable.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

// To connect, and for the answer.
constexpr int64_t kSamplingTimeoutNs = 250'000'000;

class RedisAdapter final : public Adapter,
                           public Restartable,
                           public ServerFaults,
                           public MessageBroker {
 public:
  RedisAdapter(const Spec& spec, const AdapterSettings& settings)
      : spec_(spec), settings_(settings), options_(parse_redis_options(spec, settings)) {}

  const Spec& spec() const override { return spec_; }
  Capabilities capabilities() const override;
  void start() override;
  std::unique_ptr<Session> open(const SessionContext& context) override;
  std::unique_ptr<MessageChannel> open_channel(const SessionContext& context, std::string_view name,
                                               MessageListener& listener) override {
    return open_redis_channel(context, target(), login_, name, listener);
  }
  AdapterState state() override;
  std::optional<uint64_t> bytes_used_now() override;
  std::string version() const override;
  std::vector<Spec::Param> settings() const override;
  bool shares_keyspace() const override { return !options_.is_private; }
  std::vector<std::string> take_warnings() override;
  std::vector<int> server_cpus() const override {
    return server_ ? server_->cpus() : std::vector<int>();
  }
  void restart(int64_t down_ns, int64_t) override { server_->restart(down_ns); }
  void stop() override {
    close_route();
    sampling_.reset();
    server_.reset();
  }

 private:
  Traits fault_traits() const override {
    return {.name = spec_.redacted(), .is_private = options_.is_private};
  }
  std::string cannot_limit(double) const override {
    return options_.maxmemory ? "" : "has no limit of memory: give maxmemory= or --memory";
  }
  PrivateServer& private_server() override { return *server_; }
  void flush_server() override { control().flush_all(); }
  void limit_memory(double share) override {
    control().set_memory_limit(
        static_cast<uint64_t>(share * static_cast<double>(options_.maxmemory.value_or(0))));
  }
  RedisControl control() const { return {address_, login_, settings_.timeout_ns}; }

  ServerProgram program() const;
  ServerTarget target() {
    return {.address = route(address_), .timeout_ns = settings_.timeout_ns, .log = log_};
  }
  void require_ours_alone() const;
  void note_memory_limit();
  std::optional<uint64_t> rss_bytes(const Figures& info) const;
  std::optional<uint64_t> bytes_used(const Figures& info) const;

  // Figures of the server before our data came.
  struct Baseline {
    bool known = false;  // the server was empty
    uint64_t used_memory = 0;
    uint64_t rss_bytes = 0;
  };

  const Spec spec_;
  const AdapterSettings settings_;
  const RedisOptions options_;
  const std::shared_ptr<IncidentLog> log_ = std::make_shared<IncidentLog>();
  std::optional<PrivateServer> server_;
  Address address_;
  RedisLogin login_;
  Figures first_info_;
  std::unique_ptr<RedisControl> sampling_;  // bytes_used_now()'s own
  Baseline baseline_;
};

// used_memory counts the buffers of connections too, which come and go with the clients.
uint64_t memory_of_data(const Figures& info) {
  const uint64_t used = whole_figure(info, "used_memory").value_or(0);
  const uint64_t clients = whole_figure(info, "mem_clients_normal").value_or(0);
  return used > clients ? used - clients : 0;
}

std::optional<int64_t> cpu_of_info(const Figures& info) {
  const auto user = seconds_figure(info, "used_cpu_user");
  const auto system = seconds_figure(info, "used_cpu_sys");
  if (!user || !system) return std::nullopt;
  return *user + *system;
}

// Not known where a figure is below what it was without our data: something else has shrunk.
std::optional<uint64_t> less(uint64_t now, uint64_t before) {
  if (now < before) return std::nullopt;
  return now - before;
}

Capabilities RedisAdapter::capabilities() const {
  const auto limit = whole_figure(first_info_, "maxmemory");
  return {.commands = kBasicCommands | command_bit(CommandKind::kCompareAndDelete) |
                      command_bit(CommandKind::kLease),
          .blocks_on_network = true,
          .ttl_granularity_ns = 1'000'000,
          // Before the start, a running server may or may not have a limit.
          .bounded = options_.is_private ? options_.maxmemory.has_value() : limit.value_or(1) > 0,
          .private_server = options_.is_private};
}

// Any user of the machine can connect to a port, hence the password; it is in a file, since anyone
// can read a command line.
ServerProgram RedisAdapter::program() const {
  return {.binary = options_.binary,
          .package = "redis-server",
          .arguments =
              [this](const Address& address) {
                std::vector<std::string> arguments;
                auto add = [&arguments](std::initializer_list<std::string> words) {
                  arguments.insert(arguments.end(), words);
                };
                if (address.is_unix()) {
                  add({"--port", "0", "--unixsocket", address.socket_path});
                  add({"--unixsocketperm", "700"});
                } else {
                  add({kServerConfig, "--bind", address.host, "--port"});
                  add({std::to_string(address.port)});
                }
                add({"--save", "", "--appendonly", "no", "--daemonize", "no"});
                if (options_.maxmemory) add({"--maxmemory", std::to_string(*options_.maxmemory)});
                if (!options_.policy.empty()) add({"--maxmemory-policy", options_.policy});
                if (options_.samples) {
                  add({"--maxmemory-samples", std::to_string(*options_.samples)});
                }
                return arguments;
              },
          .uses_tcp = options_.uses_tcp,
          .config = options_.uses_tcp ? fmt::format("requirepass {}\n", login_.password) : "",
          .cpus = settings_.server_cpus};
}

void RedisAdapter::start() {
  log_->begin(spec_.redacted());
  address_ = options_.address;
  login_ = options_.login;
  if (options_.is_private) {
    if (options_.uses_tcp) login_.password = random_password();
    server_.emplace(program());
    address_ = server_->address();
  }
  first_info_ = read_redis_info(address_, login_, settings_.timeout_ns);
  if (!options_.is_private) require_ours_alone();
  baseline_ = {.known = keys_in_all_databases(first_info_) == 0,
               .used_memory = memory_of_data(first_info_),
               .rss_bytes = rss_bytes(first_info_).value_or(0)};
  note_memory_limit();
}

void RedisAdapter::require_ours_alone() const {
  const uint64_t keys = keys_in_all_databases(first_info_);
  if (keys == 0 || settings_.allow_shared_server) return;
  throw Error::usage(fmt::format(
      "the Redis server at {} holds {} keys of others: use an empty one, or \"redis\" for a "
      "private "
      "one; with --allow-shared-server it is used as it is, its keys are left alone, and it may "
      "evict them to make room for ours",
      address_.text(), format_count(keys)));
}

void RedisAdapter::note_memory_limit() {
  const uint64_t limit = whole_figure(first_info_, "maxmemory").value_or(0);
  if (!options_.is_private && settings_.memory_bytes && *settings_.memory_bytes != limit) {
    log_->note("limit", fmt::format("{}: --memory {} does not reach a running server, whose "
                                    "maxmemory is {}",
                                    spec_.redacted(), format_size(*settings_.memory_bytes),
                                    limit ? format_size(limit) : "unlimited"));
  }
  const uint64_t used = whole_figure(first_info_, "used_memory").value_or(0);
  if (options_.is_private && limit > 0 && limit <= used) {
    log_->note("limit", fmt::format("{}: maxmemory {} is no more than the empty server uses ({}): "
                                    "it can hold nothing",
                                    spec_.redacted(), format_size(limit), format_size(used)));
  }
}

std::unique_ptr<Session> RedisAdapter::open(const SessionContext& context) {
  return std::make_unique<ServerSession>(context, target(), make_redis_protocol(login_));
}

std::optional<uint64_t> RedisAdapter::rss_bytes(const Figures& info) const {
  return server_ ? process_rss_bytes(server_->pid()) : whole_figure(info, "used_memory_rss");
}

std::optional<uint64_t> RedisAdapter::bytes_used(const Figures& info) const {
  return less(memory_of_data(info), baseline_.known ? baseline_.used_memory : 0);
}

std::optional<uint64_t> RedisAdapter::bytes_used_now() {
  try {
    if (!sampling_) {
      sampling_ = std::make_unique<RedisControl>(
          address_, options_.login, std::min(settings_.timeout_ns, kSamplingTimeoutNs));
    }
    const Figures info = sampling_->info("memory");
    if (whole_figure(info, "used_memory")) return bytes_used(info);
  } catch (const Error&) {  // the sessions' own incidents tell the reader that a server is down
  }
  sampling_.reset();
  return std::nullopt;
}

AdapterState RedisAdapter::state() {
  AdapterState state;
  Figures info;
  try {
    info = read_redis_info(address_, login_, settings_.timeout_ns);
  } catch (const Error& error) {
    log_->note("state",
               fmt::format("{}: its figures are not known: {}", spec_.redacted(), error.what()));
    state.memory_source = "not known: the server did not answer INFO";
    return state;
  }
  state.evictions = whole_figure(info, "evicted_keys");
  state.expirations = whole_figure(info, "expired_keys");
  state.server_cpu_ns = server_ ? process_cpu_ns(server_->pid()) : cpu_of_info(info);
  state.items = keys_in_database(info, login_.database);
  state.bytes_used = bytes_used(info);
  if (const auto rss = rss_bytes(info)) {
    state.rss_bytes = less(*rss, baseline_.known ? baseline_.rss_bytes : 0);
  }
  state.memory_source =
      fmt::format("INFO used_memory without mem_clients_normal{}; RSS from {}{}",
                  baseline_.known ? ", less that of the empty server" : ", other data included",
                  server_ ? "/proc" : "INFO used_memory_rss",
                  baseline_.known ? ", less that of the empty server" : ", other data included");
  return state;
}

std::string RedisAdapter::version() const {
  const std::string version = text_figure(first_info_, "redis_version");
  const std::string name = text_figure(first_info_, "server_name");
  const std::string own = text_figure(first_info_, name + "_version");
  return name.empty() || own.empty() || name == "redis"
             ? version
             : fmt::format("{} {} (as Redis {})", name, own, version);
}

std::vector<Spec::Param> RedisAdapter::settings() const {
  const uint64_t limit = whole_figure(first_info_, "maxmemory").value_or(0);
  std::vector<Spec::Param> settings = {
      {"server", options_.is_private ? "private" : "running"},
      {"connection", address_.is_unix() ? "unix socket" : "tcp"},
      {"maxmemory", limit ? format_size(limit) : "unlimited"},
      {"maxmemory-policy", text_figure(first_info_, "maxmemory_policy")}};
  if (options_.samples) {
    settings.push_back({"maxmemory-samples", std::to_string(*options_.samples)});
  }
  if (server_) {
    settings.push_back({"binary", server_->program_path()});
    settings.push_back({"persistence", "none"});
  } else {
    settings.push_back({"address", address_.text()});
    settings.push_back({"db", std::to_string(login_.database)});
  }
  return settings;
}

std::vector<std::string> RedisAdapter::take_warnings() {
  if (server_ && server_->death()) {
    log_->note("death", fmt::format("{}: the private server {} by itself", spec_.redacted(),
                                    *server_->death()));
  }
  return log_->take();
}

}  // namespace

std::unique_ptr<Adapter> make_redis_adapter(const Spec& spec, const AdapterSettings& settings) {
  return std::make_unique<RedisAdapter>(spec, settings);
}

}  // namespace cachegauge
