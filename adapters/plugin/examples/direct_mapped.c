/* A cache as small as they come, as a plug-in in C: each key has one place, given by its hash, and
 * a new key takes the place of the one that is there.
 *
 *   cachegauge run trace.csv plugin:path=direct_mapped.so,entries=10000
 */
#include <cachegauge_plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place {
  char* bytes; /* the key, then the value; null: free */
  size_t key_size, value_size;
  int64_t expires_ns; /* 0: never */
};

struct cache {
  struct place* places;
  size_t count;
  struct cachegauge_stats stats;
};

/* One command at a time: a session remembers the answers of one submit(). */
struct session {
  struct cache* cache;
  struct cachegauge_completion* done;
  size_t count, handed_out, room;
};

static void* create(const struct cachegauge_settings* settings, char* error, size_t error_size) {
  struct cache* cache;
  size_t i, entries = 0;
  for (i = 0; i < settings->count; ++i) {
    char* end;
    if (strcmp(settings->names[i], "entries") != 0) {
      snprintf(error, error_size,
               "unknown parameter \"%s\"; there is only entries=", settings->names[i]);
      return NULL;
    }
    entries = strtoull(settings->values[i], &end, 10);
    if (*end) entries = 0; /* "10k" is not ten */
  }
  if (entries == 0) {
    snprintf(error, error_size, "it needs a number of places, such as entries=10000");
    return NULL;
  }
  cache = calloc(1, sizeof(*cache));
  if (cache) cache->places = calloc(entries, sizeof(*cache->places));
  if (!cache || !cache->places) {
    snprintf(error, error_size, "out of memory");
    free(cache);
    return NULL;
  }
  cache->count = entries;
  cache->stats.bytes_used = (int64_t)(entries * sizeof(*cache->places));
  return cache;
}

static void empty(struct cache* cache, struct place* place) {
  const int64_t bytes = (int64_t)(place->key_size + place->value_size);
  if (!place->bytes) return;
  free(place->bytes);
  place->bytes = NULL;
  cache->stats.items -= 1;
  cache->stats.payload_bytes -= bytes;
  cache->stats.bytes_used -= bytes;
}

static void destroy(void* handle) {
  struct cache* cache = handle;
  size_t i;
  for (i = 0; i < cache->count; ++i) empty(cache, &cache->places[i]);
  free(cache->places);
  free(cache);
}

static int holds(const struct place* place, const struct cachegauge_command* command) {
  return place->bytes && place->key_size == command->key_size &&
         memcmp(place->bytes, command->key, command->key_size) == 0;
}

static uint32_t store(struct cache* cache, struct place* place,
                      const struct cachegauge_command* command) {
  const size_t size = command->key_size + command->value_size;
  char* bytes = malloc(size ? size : 1);
  if (!bytes) return CACHEGAUGE_ERROR;
  if (place->bytes && !holds(place, command)) cache->stats.evictions += 1;
  empty(cache, place);
  memcpy(bytes, command->key, command->key_size);
  if (command->value_size) memcpy(bytes + command->key_size, command->value, command->value_size);
  place->bytes = bytes;
  place->key_size = command->key_size;
  place->value_size = command->value_size;
  place->expires_ns = command->ttl_ns ? command->now_ns + command->ttl_ns : 0;
  cache->stats.items += 1;
  cache->stats.payload_bytes += (int64_t)size;
  cache->stats.bytes_used += (int64_t)size;
  return CACHEGAUGE_STORED;
}

static uint32_t serve(struct cache* cache, const struct cachegauge_command* command,
                      struct cachegauge_completion* done) {
  struct place* place = &cache->places[command->key_hash % cache->count];
  if (place->bytes && place->expires_ns && command->now_ns >= place->expires_ns) {
    empty(cache, place);
    cache->stats.expirations += 1;
  }
  switch (command->op) {
    case CACHEGAUGE_GET:
      if (!holds(place, command)) return CACHEGAUGE_MISS;
      done->value = place->bytes + place->key_size;
      done->value_size = place->value_size;
      return CACHEGAUGE_HIT;
    case CACHEGAUGE_SET:
      return store(cache, place, command);
    case CACHEGAUGE_ADD:
      return holds(place, command) ? CACHEGAUGE_NOT_STORED : store(cache, place, command);
    case CACHEGAUGE_DELETE:
      if (!holds(place, command)) return CACHEGAUGE_NOT_FOUND;
      empty(cache, place);
      return CACHEGAUGE_DELETED;
    default:
      return CACHEGAUGE_REJECTED;
  }
}

static void* open_session(void* handle) {
  struct session* session = calloc(1, sizeof(*session));
  if (session) session->cache = handle;
  return session;
}

static void close_session(void* handle) {
  struct session* session = handle;
  free(session->done);
  free(session);
}

static void submit(void* handle, const struct cachegauge_command* commands, size_t count) {
  struct session* session = handle;
  size_t i;
  if (session->handed_out == session->count) session->handed_out = session->count = 0;
  if (session->count + count > session->room) {
    session->room = session->count + count;
    session->done = realloc(session->done, session->room * sizeof(*session->done));
    if (!session->done) abort();
  }
  for (i = 0; i < count; ++i) {
    struct cachegauge_completion* done = &session->done[session->count++];
    memset(done, 0, sizeof(*done));
    done->tag = commands[i].tag;
    done->outcome = serve(session->cache, &commands[i], done);
  }
}

static size_t poll_session(void* handle, struct cachegauge_completion* out, size_t count) {
  struct session* session = handle;
  const size_t left = session->count - session->handed_out;
  if (count > left) count = left;
  if (count) memcpy(out, session->done + session->handed_out, count * sizeof(*out));
  session->handed_out += count;
  return count;
}

static void get_stats(void* handle, struct cachegauge_stats* stats) {
  *stats = ((struct cache*)handle)->stats;
}

const struct cachegauge_plugin_table* cachegauge_plugin(void) {
  static const struct cachegauge_plugin_table table = {
      .version = CACHEGAUGE_PLUGIN_VERSION,
      .flags = CACHEGAUGE_HAS_ADD | CACHEGAUGE_HAS_DELETE | CACHEGAUGE_HAS_TTL | CACHEGAUGE_BOUNDED,
      .name = "direct-mapped 1.0",
      .create = create,
      .destroy = destroy,
      .open = open_session,
      .close = close_session,
      .submit = submit,
      .poll = poll_session,
      .stats = get_stats};
  return &table;
}
