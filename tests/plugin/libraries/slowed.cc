// Another plug-in, made slower by a known amount: what scripts/bench/gate_power.py and the tests of
// the gate's class count want to see found. Each command costs work= thousandths of a turn more,
// where a turn is a multiplication that waits for the one before.
//
//   plugin:path=slowed.so,inner=wrapped_lru.so,work=1500,entries=1000
#include <dlfcn.h>

#include <cachegauge_plugin.h>

#include <charconv>
#include <cstdio>
#include <string_view>
#include <vector>

namespace {

const cachegauge_plugin_table* inner = nullptr;

struct Cache {
  void* inner = nullptr;
  uint64_t work = 0;
};

struct Session {
  void* inner = nullptr;
  uint64_t work = 0;  // of each command
  uint64_t due = 0;   // not yet done, below a turn
  uint64_t value = 1;
};

bool load(const char* path, char* error, size_t error_size) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  void* entry = library ? dlsym(library, "cachegauge_plugin") : nullptr;
  if (!entry) {
    std::snprintf(error, error_size, "inner=%s: %s", path, dlerror());
    return false;
  }
  inner = reinterpret_cast<const cachegauge_plugin_table* (*)()>(entry)();
  return true;
}

void* create(const cachegauge_settings* settings, char* error, size_t error_size) {
  Cache cache;
  std::vector<const char*> names, values;
  for (size_t i = 0; i < settings->count; ++i) {
    const std::string_view name = settings->names[i], value = settings->values[i];
    if (name == "inner") {
      if (!load(settings->values[i], error, error_size)) return nullptr;
    } else if (name == "work") {
      std::from_chars(value.data(), value.data() + value.size(), cache.work);
    } else {
      names.push_back(settings->names[i]);
      values.push_back(settings->values[i]);
    }
  }
  if (!inner) {
    std::snprintf(error, error_size, "it needs another plug-in: inner=PATH");
    return nullptr;
  }
  cachegauge_settings rest = *settings;
  rest.names = names.data();
  rest.values = values.data();
  rest.count = names.size();
  cache.inner = inner->create(&rest, error, error_size);
  return cache.inner ? new Cache(cache) : nullptr;
}

void destroy(void* handle) {
  inner->destroy(static_cast<Cache*>(handle)->inner);
  delete static_cast<Cache*>(handle);
}

void* open_session(void* handle) {
  const Cache& cache = *static_cast<Cache*>(handle);
  return new Session{inner->open(cache.inner), cache.work};
}

void close_session(void* handle) {
  inner->close(static_cast<Session*>(handle)->inner);
  delete static_cast<Session*>(handle);
}

void submit(void* handle, const cachegauge_command* commands, size_t count) {
  Session& session = *static_cast<Session*>(handle);
  uint64_t value = session.value;
  for (session.due += session.work * count; session.due >= 1000; session.due -= 1000) {
    value = value * 6364136223846793005u + 1442695040888963407u;
  }
  session.value = value;
  inner->submit(session.inner, commands, count);
}

size_t poll_session(void* handle, cachegauge_completion* out, size_t count) {
  return inner->poll(static_cast<Session*>(handle)->inner, out, count);
}

void stats(void* handle, cachegauge_stats* out) {
  inner->stats(static_cast<Cache*>(handle)->inner, out);
}

}  // namespace

const cachegauge_plugin_table* cachegauge_plugin(void) {
  static const cachegauge_plugin_table table = {CACHEGAUGE_PLUGIN_VERSION,
                                                CACHEGAUGE_BOUNDED,
                                                "slowed 0",
                                                create,
                                                destroy,
                                                open_session,
                                                close_session,
                                                submit,
                                                poll_session,
                                                stats};
  return &table;
}
