// A cache without a bound, of the kind that may wait: cachegauge gives each session a thread.
#include <map>
#include <string>
#include <thread>

#include <cachegauge_plugin.h>

namespace {

struct Cache {
  std::map<std::string, std::string> values;
  cachegauge_completion done = {};
};

void submit(void* session, const cachegauge_command* command, size_t) {
  auto& cache = *static_cast<Cache*>(session);
  std::this_thread::yield();
  cache.done = {};
  cache.done.tag = command->tag;
  const std::string key(command->key, command->key_size);
  if (command->op == CACHEGAUGE_SET) {
    cache.values[key].assign(command->value, command->value_size);
    cache.done.outcome = CACHEGAUGE_STORED;
  } else if (const auto found = cache.values.find(key); found != cache.values.end()) {
    cache.done.outcome = CACHEGAUGE_HIT;
    cache.done.value = found->second.data();
    cache.done.value_size = found->second.size();
  } else {
    cache.done.outcome = CACHEGAUGE_MISS;
  }
}

size_t poll(void* session, cachegauge_completion* out, size_t) {
  *out = static_cast<Cache*>(session)->done;
  return 1;
}

}  // namespace

const cachegauge_plugin_table* cachegauge_plugin(void) {
  static const cachegauge_plugin_table table = {
      CACHEGAUGE_PLUGIN_VERSION,
      CACHEGAUGE_BLOCKS,
      "blocks 0",
      [](const cachegauge_settings*, char*, size_t) -> void* { return new Cache; },
      [](void* cache) { delete static_cast<Cache*>(cache); },
      [](void* cache) { return cache; },
      [](void*) {},
      submit,
      poll,
      nullptr};
  return &table;
}
