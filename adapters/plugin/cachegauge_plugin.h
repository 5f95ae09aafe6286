/* The interface of a cache that cachegauge loads as `plugin:path=lib.so,anything=else`.
 *
 * A plug-in is a shared library with one function, cachegauge_plugin(), which returns a table that
 * lives for ever. From it cachegauge makes a cache, opens a session on it for each client, and on
 * each session submits commands and polls completions. Compile it with -fPIC -shared; it links with
 * nothing of ours. Examples: adapters/plugin/examples.
 *
 * Each cell of an experiment runs in a process of its own: a crash in here is that cell's failure.
 */
#ifndef CACHEGAUGE_PLUGIN_H
#define CACHEGAUGE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CACHEGAUGE_PLUGIN_VERSION 1

enum cachegauge_op { CACHEGAUGE_GET, CACHEGAUGE_SET, CACHEGAUGE_ADD, CACHEGAUGE_DELETE };

enum cachegauge_outcome {
  CACHEGAUGE_HIT,        /* of a get, with the value */
  CACHEGAUGE_MISS,       /* of a get */
  CACHEGAUGE_STORED,     /* of a set or add */
  CACHEGAUGE_NOT_STORED, /* of a set: declined; of an add: the key is there */
  CACHEGAUGE_DELETED,    /* of a delete */
  CACHEGAUGE_NOT_FOUND,  /* of a delete */
  CACHEGAUGE_REJECTED,   /* this key or value cannot be taken; nothing was done */
  CACHEGAUGE_ERROR
};

/* What the cache can do; or-ed into cachegauge_plugin_table.flags. */
enum cachegauge_flag {
  CACHEGAUGE_HAS_ADD = 1, /* gets and sets are a must */
  CACHEGAUGE_HAS_DELETE = 2,
  CACHEGAUGE_HAS_TTL = 4,
  CACHEGAUGE_BOUNDED = 8,  /* it holds to settings.memory_bytes or a bound among its parameters */
  CACHEGAUGE_THREADS = 16, /* calls on different sessions may run at once; else we take a lock */
  CACHEGAUGE_BLOCKS = 32   /* a command may wait (for a disk, a server): each session then has a
                              thread of ours to wait on, and time is real. Otherwise what is
                              submitted is complete when submit() returns. */
};

struct cachegauge_settings {
  const char* const* names;  /* of the spec's parameters, without path */
  const char* const* values; /* as they were written: "64MiB" */
  size_t count;
  uint64_t memory_bytes; /* the budget, --memory; 0: none was given */
  int64_t timeout_ns;    /* a command that blocks is given up after it */
  uint64_t seed;
  uint32_t threads; /* that will open sessions */
};

struct cachegauge_command {
  uint64_t tag;      /* to be handed back */
  const char* key;   /* any bytes; valid, as the value is, until submit() returns */
  const char* value; /* of a set or add */
  size_t key_size;
  size_t value_size;
  uint64_t key_hash; /* the same whenever the key is */
  int64_t ttl_ns;    /* from now_ns on; 0: does not expire */
  int64_t now_ns;    /* never runs backwards, and may be virtual */
  uint32_t op;       /* cachegauge_op */
};

struct cachegauge_completion {
  uint64_t tag;
  const char* value; /* of a hit; valid until the next call on this session, or without
                        CACHEGAUGE_THREADS on any session of the cache */
  size_t value_size;
  uint32_t outcome; /* cachegauge_outcome */
};

/* Each is -1 where it is not known. Evictions and expirations are since the cache was made. */
struct cachegauge_stats {
  int64_t items, payload_bytes, bytes_used, evictions, expirations;
};

struct cachegauge_plugin_table {
  uint32_t version; /* CACHEGAUGE_PLUGIN_VERSION */
  uint32_t flags;
  const char* name; /* and version, for the report: "mycache 2.1" */
  /* Null with a reason in `error` (of error_size bytes, zero-terminated) for settings that it
   * cannot take, an unknown parameter among them. */
  void* (*create)(const struct cachegauge_settings* settings, char* error, size_t error_size);
  void (*destroy)(void* cache); /* after its sessions were closed */
  void* (*open)(void* cache);   /* a session; null if there is none to be had */
  void (*close)(void* session);
  void (*submit)(void* session, const struct cachegauge_command* commands, size_t count);
  /* Moves up to `count` completions out, in any order, and says how many. With CACHEGAUGE_BLOCKS it
   * waits for the first as long as any command is outstanding. */
  size_t (*poll)(void* session, struct cachegauge_completion* completions, size_t count);
  /* May be null. Comes while sessions are in use: with CACHEGAUGE_THREADS from another thread. */
  void (*stats)(void* cache, struct cachegauge_stats* stats);
};

/* The one symbol that a plug-in exports. */
__attribute__((visibility("default"))) const struct cachegauge_plugin_table* cachegauge_plugin(
    void);

#ifdef __cplusplus
}
#endif
#endif
