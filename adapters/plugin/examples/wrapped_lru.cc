// How a cache that you have already becomes a plug-in: the class Lru stands for yours, and what
// follows it is the wrapping. It has no TTL, and says so.
//
//   cachegauge run trace.csv plugin:path=wrapped_lru.so,entries=10000 lru:entries=10000
#include <charconv>
#include <cstdio>
#include <deque>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include <cachegauge_plugin.h>

namespace {

class Lru {
 public:
  explicit Lru(size_t capacity) : capacity_(capacity) {}

  const std::string* get(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }

  void put(const std::string& key, std::string_view value) {
    if (get(key)) {
      entries_.front().second = value;
      return;
    }
    if (index_.size() == capacity_) {
      index_.erase(entries_.back().first);
      entries_.pop_back();
      ++evictions_;
    }
    entries_.emplace_front(key, value);
    index_.emplace(key, entries_.begin());
  }

  bool erase(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return false;
    entries_.erase(found->second);
    index_.erase(found);
    return true;
  }

  size_t size() const { return index_.size(); }
  size_t evictions() const { return evictions_; }

 private:
  using Entries = std::list<std::pair<std::string, std::string>>;

  size_t capacity_;
  size_t evictions_ = 0;
  Entries entries_;  // most recently used first
  std::unordered_map<std::string, Entries::iterator> index_;
};

struct Session {
  Lru& lru;
  std::deque<cachegauge_completion> done;
};

void* create(const cachegauge_settings* settings, char* error, size_t error_size) {
  size_t entries = 0;
  for (size_t i = 0; i < settings->count; ++i) {
    const std::string_view name = settings->names[i], value = settings->values[i];
    if (name != "entries") {
      std::snprintf(error, error_size, "unknown parameter \"%s\"", settings->names[i]);
      return nullptr;
    }
    const char* const end = value.data() + value.size();
    if (std::from_chars(value.data(), end, entries).ptr != end) entries = 0;  // "10k" is not ten
  }
  if (entries > 0) return new Lru(entries);
  std::snprintf(error, error_size, "it needs a number of entries, such as entries=10000");
  return nullptr;
}

cachegauge_completion serve(Lru& lru, const cachegauge_command& command) {
  cachegauge_completion done = {};
  done.tag = command.tag;
  const std::string key(command.key, command.key_size);
  switch (command.op) {
    case CACHEGAUGE_GET: {
      const std::string* const value = lru.get(key);
      done.outcome = value ? CACHEGAUGE_HIT : CACHEGAUGE_MISS;
      if (value) {
        done.value = value->data();
        done.value_size = value->size();
      }
      break;
    }
    case CACHEGAUGE_SET:
      lru.put(key, {command.value, command.value_size});
      done.outcome = CACHEGAUGE_STORED;
      break;
    case CACHEGAUGE_DELETE:
      done.outcome = lru.erase(key) ? CACHEGAUGE_DELETED : CACHEGAUGE_NOT_FOUND;
      break;
    default:
      done.outcome = CACHEGAUGE_REJECTED;
  }
  return done;
}

void submit(void* handle, const cachegauge_command* commands, size_t count) {
  auto& session = *static_cast<Session*>(handle);
  for (size_t i = 0; i < count; ++i) session.done.push_back(serve(session.lru, commands[i]));
}

size_t poll(void* handle, cachegauge_completion* out, size_t count) {
  auto& done = static_cast<Session*>(handle)->done;
  size_t taken = 0;
  for (; taken < count && !done.empty(); ++taken) {
    out[taken] = done.front();
    done.pop_front();
  }
  return taken;
}

void stats(void* cache, cachegauge_stats* stats) {
  stats->items = static_cast<int64_t>(static_cast<Lru*>(cache)->size());
  stats->evictions = static_cast<int64_t>(static_cast<Lru*>(cache)->evictions());
  stats->expirations = 0;
}

}  // namespace

const cachegauge_plugin_table* cachegauge_plugin(void) {
  static const cachegauge_plugin_table table = {
      CACHEGAUGE_PLUGIN_VERSION,
      CACHEGAUGE_HAS_DELETE | CACHEGAUGE_BOUNDED,
      "wrapped-lru 1.0",
      create,
      [](void* cache) { delete static_cast<Lru*>(cache); },
      [](void* cache) -> void* {
        return new Session{*static_cast<Lru*>(cache), {}};
      },
      [](void* session) { delete static_cast<Session*>(session); },
      submit,
      poll,
      stats};
  return &table;
}
