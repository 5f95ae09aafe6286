#include "adapters/plugin/plugin_adapter.h"

#include <fmt/format.h>

#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/local/completion_queue.h"
#include "adapters/plugin/cachegauge_plugin.h"
#include "adapters/plugin/plugin_library.h"
#include "adapters/server/incident_log.h"
#include "adapters/server/threaded_session.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr ParamInfo kParams[] = {
    {"path", "file", "the shared library (cachegauge_plugin.h); further parameters are its own"}};

constexpr bool has(const cachegauge_plugin_table& table, uint32_t flag) {
  return (table.flags & flag) != 0;
}

Outcome outcome_of(uint32_t outcome) {
  constexpr std::array<Outcome, 8> kOutcomes = {
      Outcome::kHit,     Outcome::kMiss,     Outcome::kStored,   Outcome::kNotStored,
      Outcome::kDeleted, Outcome::kNotFound, Outcome::kRejected, Outcome::kError};
  static_assert(CACHEGAUGE_HIT == 0 && CACHEGAUGE_ERROR == kOutcomes.size() - 1);
  return outcome < kOutcomes.size() ? kOutcomes[outcome] : Outcome::kError;
}

std::optional<uint32_t> op_of(CommandKind kind) {
  switch (kind) {
    case CommandKind::kGet:
      return CACHEGAUGE_GET;
    case CommandKind::kSet:
      return CACHEGAUGE_SET;
    case CommandKind::kAdd:
      return CACHEGAUGE_ADD;
    case CommandKind::kDelete:
      return CACHEGAUGE_DELETE;
    case CommandKind::kCompareAndDelete:
    case CommandKind::kLease:
      break;
  }
  return std::nullopt;
}

// True if calls come from several threads, and the plug-in is not made for it.
bool needs_lock(const cachegauge_plugin_table& table, uint32_t threads) {
  return !has(table, CACHEGAUGE_THREADS) && (threads > 1 || has(table, CACHEGAUGE_BLOCKS));
}

// The cache itself. It outlives its sessions.
class PluginCache {
 public:
  PluginCache(const cachegauge_plugin_table& table, const cachegauge_settings& settings)
      : table_(table), locks_(needs_lock(table, settings.threads)) {
    char error[1024] = "";
    cache_ = table.create(&settings, error, sizeof(error));
    error[sizeof(error) - 1] = '\0';
    if (!cache_) {
      throw Error::failed(fmt::format("plugin: {} could not be made: {}", table.name,
                                      *error ? error : "it gives no reason"));
    }
  }
  PluginCache(const PluginCache&) = delete;
  ~PluginCache() { table_.destroy(cache_); }

  const cachegauge_plugin_table& table() const { return table_; }
  void* get() const { return cache_; }
  bool locks() const { return locks_; }
  // Held during each call, where it has to be.
  std::unique_lock<std::mutex> lock() {
    return locks_ ? std::unique_lock(mutex_) : std::unique_lock<std::mutex>();
  }
  cachegauge_stats stats() {
    cachegauge_stats stats = {-1, -1, -1, -1, -1};
    const auto guard = lock();
    if (table_.stats) table_.stats(cache_, &stats);
    return stats;
  }

 private:
  const cachegauge_plugin_table& table_;
  const bool locks_;
  std::mutex mutex_;
  void* cache_;
};

// A session's handle, and one command at a time on it.
class PluginCalls {
 public:
  explicit PluginCalls(std::shared_ptr<PluginCache> cache) : cache_(std::move(cache)) {
    const auto lock = cache_->lock();
    session_ = table().open(cache_->get());
    if (!session_) throw Error::failed(fmt::format("plugin: {} opens no session", table().name));
  }
  PluginCalls(const PluginCalls&) = delete;
  ~PluginCalls() {
    const auto lock = cache_->lock();
    table().close(session_);
  }

  // The value is valid until the next call. A completion that does not come, or is another's, is an
  // error.
  Outcome execute(const Command& command, std::string_view& value) {
    const std::optional<uint32_t> op = op_of(command.kind);
    if (!op) return Outcome::kRejected;
    const cachegauge_command asked = {.tag = command.tag,
                                      .key = command.key.data(),
                                      .value = command.value.data(),
                                      .key_size = command.key.size(),
                                      .value_size = command.value.size(),
                                      .key_hash = command.key_hash,
                                      .ttl_ns = command.ttl_ns,
                                      .now_ns = command.now_ns,
                                      .op = *op};
    cachegauge_completion done = {};
    const auto lock = cache_->lock();
    table().submit(session_, &asked, 1);
    if (table().poll(session_, &done, 1) != 1 || done.tag != command.tag) return Outcome::kError;
    const Outcome outcome = outcome_of(done.outcome);
    if (outcome != Outcome::kHit) return outcome;
    value = {done.value, done.value_size};
    if (!cache_->locks()) return outcome;
    copy_.assign(value);  // before others may go on
    value = copy_;
    return outcome;
  }

 private:
  const cachegauge_plugin_table& table() const { return cache_->table(); }

  std::shared_ptr<PluginCache> cache_;
  void* session_;
  std::string copy_;
};

class PluginSession final : public Session {
 public:
  explicit PluginSession(std::shared_ptr<PluginCache> cache) : calls_(std::move(cache)) {}

  void submit(std::span<const Command> commands) override {
    for (const Command& command : commands) {
      std::string_view value;
      const Outcome outcome = calls_.execute(command, value);
      if (outcome == Outcome::kHit) {
        queue_.push_hit(command.tag, value);
      } else {
        queue_.push(command.tag, outcome);
      }
    }
  }
  size_t poll(std::span<Completion> out) override { return queue_.poll(out); }
  bool execute(const Command& command, Completion& completion) override {
    completion.outcome = calls_.execute(command, completion.value);
    return true;
  }

 private:
  PluginCalls calls_;
  CompletionQueue queue_;
};

class BlockingPluginClient final : public BlockingClient {
 public:
  explicit BlockingPluginClient(std::shared_ptr<PluginCache> cache) : calls_(std::move(cache)) {}

  Result execute(const Command& command, std::string& value) override {
    std::string_view found;
    const Outcome outcome = calls_.execute(command, found);
    value.append(found);
    return {.outcome = outcome, .connection_lost = false, .text = {}};
  }

 private:
  PluginCalls calls_;
};

std::optional<uint64_t> known(int64_t figure) {
  return figure < 0 ? std::nullopt : std::optional(static_cast<uint64_t>(figure));
}

class PluginAdapter final : public Adapter {
 public:
  PluginAdapter(const Spec& spec, const AdapterSettings& settings)
      : spec_(spec), settings_(settings), table_(load_plugin(spec.text("path", ""))) {}

  const Spec& spec() const override { return spec_; }
  Capabilities capabilities() const override {
    uint32_t commands = command_bit(CommandKind::kGet) | command_bit(CommandKind::kSet);
    if (has(table_, CACHEGAUGE_HAS_ADD)) commands |= command_bit(CommandKind::kAdd);
    if (has(table_, CACHEGAUGE_HAS_DELETE)) commands |= command_bit(CommandKind::kDelete);
    return {.commands = commands,
            .in_process = !has(table_, CACHEGAUGE_BLOCKS),
            .is_library = true,
            .ttl = has(table_, CACHEGAUGE_HAS_TTL),
            .bounded = has(table_, CACHEGAUGE_BOUNDED)};
  }

  void start() override {
    std::vector<const char*> names, values;
    for (const Spec::Param& param : spec_.params()) {
      if (param.name == "path") continue;
      names.push_back(param.name.c_str());
      values.push_back(param.value.c_str());
    }
    cache_ = std::make_shared<PluginCache>(
        table_, cachegauge_settings{.names = names.data(),
                                    .values = values.data(),
                                    .count = names.size(),
                                    .memory_bytes = settings_.memory_bytes.value_or(0),
                                    .timeout_ns = settings_.timeout_ns,
                                    .seed = settings_.seed,
                                    .threads = settings_.threads});
  }

  std::unique_ptr<Session> open(const SessionContext& context) override {
    if (!has(table_, CACHEGAUGE_BLOCKS)) return std::make_unique<PluginSession>(cache_);
    return std::make_unique<ThreadedSession>(context, settings_.timeout_ns, incidents_,
                                             std::make_unique<BlockingPluginClient>(cache_));
  }

  AdapterState state() override {
    const cachegauge_stats stats = cache_->stats();
    AdapterState state;
    state.items = known(stats.items);
    state.payload_bytes = known(stats.payload_bytes);
    state.bytes_used = known(stats.bytes_used);
    state.evictions = known(stats.evictions);
    state.expirations = known(stats.expirations);
    state.memory_source = "what the plug-in says";
    return state;
  }
  std::optional<uint64_t> bytes_used_now() override { return known(cache_->stats().bytes_used); }

  std::string version() const override { return table_.name ? table_.name : ""; }
  std::vector<Spec::Param> settings() const override {
    return {{"interface", std::to_string(table_.version)},
            {"locked", needs_lock(table_, settings_.threads) ? "yes" : "no"}};
  }
  std::vector<std::string> take_warnings() override { return incidents_->take(); }
  void stop() override { cache_.reset(); }

 private:
  Spec spec_;
  AdapterSettings settings_;
  const cachegauge_plugin_table& table_;
  std::shared_ptr<IncidentLog> incidents_ = std::make_shared<IncidentLog>();
  std::shared_ptr<PluginCache> cache_;  // made anew by each start()
};

std::unique_ptr<Adapter> make_plugin_adapter(const Spec& spec, const AdapterSettings& settings) {
  if (!spec.has("path")) {
    throw Error::usage("plugin: path= is missing; say plugin:path=libmine.so");
  }
  return std::make_unique<PluginAdapter>(spec, settings);
}

}  // namespace

AdapterKind plugin_adapter_kind() {
  return {.name = "plugin",
          .summary = "a cache of your own in a shared library (cachegauge_plugin.h)",
          .params = kParams,
          .make = make_plugin_adapter,
          .takes_any_param = true};
}

}  // namespace cachegauge
