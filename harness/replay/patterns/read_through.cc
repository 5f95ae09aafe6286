// read-through: the cache layer loads by itself. Misses of one key that come while it loads share
// that load, and all are answered once the value is in the cache; a load that fails fails them all.
#include <coroutine>
#include <unordered_map>
#include <vector>

#include "harness/replay/patterns/access_pattern.h"

namespace cachegauge {
namespace {

class ReadThrough final : public OriginFirst {
 public:
  using OriginFirst::OriginFirst;

 private:
  struct Load;
  struct Answer {
    Load& load;
    std::coroutine_handle<> waiter;
    uint32_t version = 0;  // 0: the load failed
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      waiter = handle;
      load.waiting.push_back(this);
    }
    uint32_t await_resume() const { return version; }
  };
  struct Load {
    std::vector<Answer*> waiting;
  };

  Task<bool> recover(Client& client) override {
    const auto load = loads_.find(client.request().record->id());
    return load == loads_.end() ? lead(client) : join_load(client, *load->second);
  }

  Task<bool> lead(Client& client) {
    Load load;
    const uint32_t id = client.request().record->id();
    loads_[id] = &load;
    const bool loaded = co_await load_and_fill(client);
    loads_.erase(id);
    const uint32_t version = loaded ? client.loaded_version() : 0;
    for (Answer* answer : load.waiting) {
      answer->version = version;
      answer->waiter.resume();
    }
    co_return loaded;
  }

  Task<bool> join_load(Client& client, Load& load) {
    const uint32_t version = co_await Answer{.load = load, .waiter = {}};
    client.waited();
    if (version == 0) co_return false;
    ++figures(client).shared_loads;
    book().answered(*client.request().record, version, client.floor());
    co_return true;
  }

  std::unordered_map<uint32_t, Load*> loads_;  // by the key's id
};

}  // namespace

std::unique_ptr<AccessPattern> make_read_through(const Spec& spec) {
  const bool sets = spec.choice("on-write", {"delete", "set"}) == "set";
  return std::make_unique<ReadThrough>(sets ? CopyAfterWrite::kSet : CopyAfterWrite::kDelete);
}

}  // namespace cachegauge
