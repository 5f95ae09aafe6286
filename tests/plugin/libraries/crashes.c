/* Answers a hundred gets with a miss, then writes to address 0. With the parameter silent= it
 * answers nothing at all. */
#include <stdlib.h>
#include <string.h>

#include <cachegauge_plugin.h>

struct cache {
  int silent, left;
  struct cachegauge_completion done;
  int has_done;
};

static void* create(const struct cachegauge_settings* settings, char* error, size_t error_size) {
  struct cache* cache = calloc(1, sizeof(*cache));
  (void)error, (void)error_size;
  cache->left = 100;
  cache->silent = settings->count > 0 && strcmp(settings->names[0], "silent") == 0;
  return cache;
}
static void* open_one(void* cache) { return cache; }
static void close_one(void* session) { (void)session; }

static void submit(void* session, const struct cachegauge_command* commands, size_t count) {
  struct cache* cache = session;
  (void)count;
  if (cache->silent) return;
  if (cache->left-- == 0) *(volatile int*)0 = 1;
  cache->done.tag = commands->tag;
  cache->done.outcome = CACHEGAUGE_MISS;
  cache->has_done = 1;
}

static size_t poll_one(void* session, struct cachegauge_completion* out, size_t count) {
  struct cache* cache = session;
  (void)count;
  if (!cache->has_done) return 0;
  *out = cache->done;
  cache->has_done = 0;
  return 1;
}

const struct cachegauge_plugin_table* cachegauge_plugin(void) {
  static const struct cachegauge_plugin_table table = {.version = CACHEGAUGE_PLUGIN_VERSION,
                                                       .name = "crashes 0",
                                                       .create = create,
                                                       .destroy = free,
                                                       .open = open_one,
                                                       .close = close_one,
                                                       .submit = submit,
                                                       .poll = poll_one};
  return &table;
}
