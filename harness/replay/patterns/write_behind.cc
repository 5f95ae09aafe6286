// write-behind: a write is acknowledged once it is in the cache and in a queue, from which the
// origin gets it later. A miss of a key that is queued is answered from there.
#include <fmt/format.h>

#include <optional>

#include "harness/core/error.h"
#include "harness/replay/guards/guard.h"
#include "harness/replay/patterns/write_queue.h"

namespace cachegauge {
namespace {

constexpr int64_t kFlushNs = 100'000'000;
constexpr uint64_t kBatchRows = 100, kQueueRows = 10'000;

size_t read_rows(const Spec& spec, std::string_view name, uint64_t fallback) {
  const uint64_t rows = spec.count(name, fallback);
  if (rows > 0) return rows;
  throw Error::usage(
      fmt::format("{}:{}: expected a count of rows from 1, got \"0\"", spec.kind(), name));
}

WriteQueue::Options read_options(const Spec& spec) {
  const WriteQueue::Options options{.flush_ns = positive_ns(spec, "flush", kFlushNs),
                                    .batch = read_rows(spec, "batch", kBatchRows),
                                    .capacity = read_rows(spec, "queue", kQueueRows),
                                    .drops = spec.choice("full", {"block", "drop"}) == "drop"};
  if (options.batch <= options.capacity) return options;
  throw Error::usage(
      fmt::format("{}: batch={} is more than queue={} can hold: give a smaller batch, or a larger "
                  "queue",
                  spec.kind(), options.batch, options.capacity));
}

class WriteBehind final : public AccessPattern {
 public:
  explicit WriteBehind(const WriteQueue::Options& options) : options_(options) {}

  void join(Application& application) override {
    AccessPattern::join(application);
    queue_.emplace(application, options_);
  }
  void count_queued() override { queue_->count_queued(); }
  void drain() override { queue_->drain(); }

  Task<bool> write(Client& client) override {
    const uint32_t version = begin_change(client);
    const bool sets = client.request().op != Op::kDelete;
    const bool changed = co_await change_copy(client, version, sets);
    if (!changed) {
      refuse(client);
      co_return false;
    }
    const bool taken = co_await queue_->take(client, version);
    if (taken || options_.drops) {
      acknowledge(client, version);
    } else {
      refuse(client);
    }
    co_return taken;
  }

 private:
  Task<bool> recover(Client& client) override {
    const uint32_t version = queue_->find(*client.request().record);
    if (version == 0) return load_and_fill(client);
    ++figures(client).queue_reads;
    client.has_loaded(version);
    return fill(client);
  }

  Task<bool> fall_back(Client& client) override {
    if (queue_->find(*client.request().record) == 0) {
      const bool loaded = co_await AccessPattern::fall_back(client);
      co_return loaded;
    }
    ++figures(client).queue_reads;
    client.answered_otherwise();
    co_return true;
  }

  const WriteQueue::Options options_;
  std::optional<WriteQueue> queue_;
};

}  // namespace

std::unique_ptr<AccessPattern> make_write_behind(const Spec& spec) {
  return std::make_unique<WriteBehind>(read_options(spec));
}

}  // namespace cachegauge
