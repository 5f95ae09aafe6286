/* Of a later version, whose table may look like anything from its second field on. */
#include <cachegauge_plugin.h>

const struct cachegauge_plugin_table* cachegauge_plugin(void) {
  static const struct cachegauge_plugin_table table = {.version = CACHEGAUGE_PLUGIN_VERSION + 1};
  return &table;
}
