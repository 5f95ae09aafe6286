/* Complete but for one function. */
#include <cachegauge_plugin.h>

static void* create(const struct cachegauge_settings* settings, char* error, size_t error_size) {
  (void)settings, (void)error, (void)error_size;
  return 0;
}
static void close_one(void* handle) { (void)handle; }
static void* open_one(void* cache) { return cache; }
static void submit(void* session, const struct cachegauge_command* commands, size_t count) {
  (void)session, (void)commands, (void)count;
}

const struct cachegauge_plugin_table* cachegauge_plugin(void) {
  static const struct cachegauge_plugin_table table = {.version = CACHEGAUGE_PLUGIN_VERSION,
                                                       .name = "no-poll",
                                                       .create = create,
                                                       .destroy = close_one,
                                                       .open = open_one,
                                                       .close = close_one,
                                                       .submit = submit};
  return &table;
}
