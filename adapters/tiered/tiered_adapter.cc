#include "adapters/tiered/tiered_adapter.h"

#include <fmt/format.h>

#include <deque>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "adapters/adapters.h"
#include "adapters/server/message_channel.h"
#include "adapters/tiered/tiered_options.h"
#include "adapters/tiered/tiered_session.h"
#include "harness/core/error.h"
#include "harness/core/fault.h"
#include "harness/core/kept_copies.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

std::unique_ptr<Adapter> make_tier(std::string_view name, const Spec& spec,
                                   const AdapterSettings& settings) {
  try {
    return make_adapter(spec, settings);
  } catch (const Error& error) {
    throw Error(
        error.code(),
        fmt::format("tiered:{0}: {1} (a parameter of this tier is written {0}.name=…{2})", name,
                    error.what(), name == "l1" ? ", and --memory is the second tier's" : ""));
  }
}

std::optional<uint64_t> sum(std::optional<uint64_t> a, std::optional<uint64_t> b) {
  if (!a || !b) return std::nullopt;
  return *a + *b;
}

class TieredAdapter : public Adapter, public KeepsCopies {
 public:
  // `second` is the tier that the options name.
  TieredAdapter(const Spec& spec, const AdapterSettings& settings, const TieredOptions& options,
                std::unique_ptr<Adapter> second);

  const Spec& spec() const override { return spec_; }
  Capabilities capabilities() const override;
  void start() override;
  std::unique_ptr<Session> open(const SessionContext& context) override;
  AdapterState state() override;
  std::vector<AdapterFigure> figures() override;
  std::optional<uint64_t> bytes_used_now() override;
  std::string version() const override { return second_->version(); }
  std::vector<Spec::Param> settings() const override;
  std::vector<int> server_cpus() const override { return second_->server_cpus(); }
  bool shares_keyspace() const override { return second_->shares_keyspace(); }
  void forget_copies() override;
  std::vector<std::string> take_warnings() override { return second_->take_warnings(); }
  void stop() override;

  Adapter& second() const { return *second_; }

 private:
  std::unique_ptr<Adapter> make_first(uint64_t number) const;
  std::shared_ptr<FirstTier> first_tier();
  std::optional<uint64_t> first_bytes_used();

  const Spec spec_;
  const AdapterSettings settings_;
  const TieredOptions options_;
  const std::unique_ptr<Adapter> second_;
  bool first_bounded_ = true;
  std::string channel_;  // of this cache alone

  std::mutex mutex_;  // of what follows
  std::vector<std::shared_ptr<FirstTier>> firsts_;
  std::deque<TierCounts> counts_;  // of each session; read while none works
};

TieredAdapter::TieredAdapter(const Spec& spec, const AdapterSettings& settings,
                             const TieredOptions& options, std::unique_ptr<Adapter> second)
    : spec_(spec), settings_(settings), options_(options), second_(std::move(second)) {
  const Capabilities first = make_first(0)->capabilities();
  first_bounded_ = first.bounded;
  if (!first.in_process) {
    throw Error::usage(fmt::format(
        "tiered:l1={}: the first tier is a cache in this process, such as lru (`cachegauge list "
        "policies`)",
        options_.l1.kind()));
  }
  const bool by_message = options_.invalidation == Invalidation::kMessage;
  if (by_message && !dynamic_cast<MessageBroker*>(second_.get())) {
    throw Error::usage(fmt::format(
        "tiered:invalidate=pubsub goes over the publish/subscribe of Redis, and the second tier is "
        "{}: give l2=redis, or l1.ttl=1s in its place",
        options_.l2.kind()));
  }
}

// While the second tier answers on the network, another thread asks for the memory of this one.
std::unique_ptr<Adapter> TieredAdapter::make_first(uint64_t number) const {
  AdapterSettings settings = settings_;
  settings.memory_bytes.reset();
  settings.seed += number;
  const bool locks = !second_->capabilities().in_process || settings_.threads > 1;
  settings.threads = locks ? 2 : 1;
  return make_tier("l1", options_.l1, settings);
}

Capabilities TieredAdapter::capabilities() const {
  Capabilities capabilities = second_->capabilities();
  capabilities.bounded = capabilities.bounded && first_bounded_;
  return capabilities;
}

void TieredAdapter::start() {
  firsts_.clear();
  counts_.clear();
  std::random_device random;
  channel_ = fmt::format("cachegauge:{:08x}{:08x}", random(), random());
  second_->start();
}

void TieredAdapter::stop() {
  firsts_.clear();
  second_->stop();
}

std::shared_ptr<FirstTier> TieredAdapter::first_tier() {
  if (options_.l1_shared && !firsts_.empty()) return firsts_.front();
  const uint64_t number = firsts_.size();
  return firsts_.emplace_back(std::make_shared<FirstTier>(make_first(number), number));
}

void TieredAdapter::forget_copies() {
  const std::lock_guard lock(mutex_);
  for (const auto& first : firsts_) first->forget();
}

std::unique_ptr<Session> TieredAdapter::open(const SessionContext& context) {
  TwoTiers::Options options;
  options.first_ttl_ns = options_.l1_ttl_ns;
  options.channel = channel_;
  if (options_.invalidation == Invalidation::kMessage) {
    options.broker = dynamic_cast<MessageBroker*>(second_.get());
  }
  TierCounts* counts = nullptr;
  {
    const std::lock_guard lock(mutex_);
    options.first = first_tier();
    counts = &counts_.emplace_back();
  }
  auto second = second_->open(context);
  if (second_->capabilities().in_process) {
    return std::make_unique<ImmediateTieredSession>(context, options, *counts, std::move(second));
  }
  return std::make_unique<QueuedTieredSession>(context, options, *counts, std::move(second));
}

std::optional<uint64_t> TieredAdapter::first_bytes_used() {
  const std::lock_guard lock(mutex_);
  std::optional<uint64_t> bytes = 0;
  for (const auto& first : firsts_) bytes = sum(bytes, first->cache().bytes_used_now());
  return bytes;
}

std::optional<uint64_t> TieredAdapter::bytes_used_now() {
  return sum(second_->bytes_used_now(), first_bytes_used());
}

AdapterState TieredAdapter::state() {
  AdapterState state = second_->state();
  const std::optional<uint64_t> first_bytes = first_bytes_used();
  state.bytes_used = sum(state.bytes_used, first_bytes);
  state.memory_source = fmt::format(
      "the second tier: {}; bytes_used has {} in {} first tier(s) as well", state.memory_source,
      first_bytes ? format_size(*first_bytes) : "what is not known", firsts_.size());
  return state;
}

std::vector<AdapterFigure> TieredAdapter::figures() {
  std::vector<AdapterFigure> figures;
  for (const TierCountField& field : tier_count_fields()) {
    uint64_t total = 0;
    for (const TierCounts& counts : counts_) total += counts.*field.field;
    figures.push_back({std::string(field.name), total});
  }
  uint64_t evictions = 0, expirations = 0;
  for (const auto& first : firsts_) {
    const AdapterState state = first->cache().state();
    evictions += state.evictions.value_or(0);
    expirations += state.expirations.value_or(0);
  }
  figures.push_back({"l1_evictions", evictions});
  figures.push_back({"l1_expirations", expirations});
  return figures;
}

std::vector<Spec::Param> TieredAdapter::settings() const {
  std::vector<Spec::Param> settings = second_->settings();
  settings.push_back({"l1", options_.l1.redacted()});
  settings.push_back({"l2", options_.l2.redacted()});
  settings.push_back({"l1.shared", options_.l1_shared ? "true" : "false"});
  if (options_.l1_ttl_ns > 0) {
    settings.push_back({"l1.ttl", format_duration(static_cast<double>(options_.l1_ttl_ns))});
  }
  settings.push_back({"invalidate", spec_.text("invalidate", "ttl")});
  return settings;
}

// Over a second tier outside this process: faults befall its server, and the first tiers, which are
// the application's own, go on. A flush takes what both hold.
class FaultyTiers final : public TieredAdapter, public FaultTarget {
 public:
  using TieredAdapter::TieredAdapter;

  FaultMeans means_of(const Fault& fault) const override;
  void use_proxy() override { target()->use_proxy(); }
  void begin_fault(const Fault& fault) override {
    target()->begin_fault(fault);
    if (fault.type == FaultType::kFlush) forget_copies();
  }
  void end_fault(const Fault& fault) override { target()->end_fault(fault); }

 private:
  // Null of a second tier without a server.
  FaultTarget* target() const { return dynamic_cast<FaultTarget*>(&second()); }
};

FaultMeans FaultyTiers::means_of(const Fault& fault) const {
  const FaultMeans means = target() ? target()->means_of(fault) : FaultMeans::kSession;
  if (means != FaultMeans::kSession || fault.type == FaultType::kFlush) return means;
  throw Error::usage(fmt::format(
      "--fault {}: tiered:l2={}: it can be brought about in front of both tiers alone, and the "
      "first ones would be struck as well: give l2=redis or l2=memcached, with its default client",
      fault.spec.text(), second().spec().redacted()));
}

std::unique_ptr<Adapter> make_tiered_adapter(const Spec& spec, const AdapterSettings& settings) {
  const TieredOptions options = parse_tiered_options(spec);
  std::unique_ptr<Adapter> second = make_tier("l2", options.l2, settings);
  if (second->capabilities().in_process) {
    return std::make_unique<TieredAdapter>(spec, settings, options, std::move(second));
  }
  return std::make_unique<FaultyTiers>(spec, settings, options, std::move(second));
}

}  // namespace

AdapterKind tiered_adapter_kind() {
  return {.name = "tiered",
          .summary = "a small cache in each client's process before one that all share",
          .params = tiered_params(),
          .make = make_tiered_adapter};
}

}  // namespace cachegauge
