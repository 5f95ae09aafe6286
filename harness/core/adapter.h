// A cache under test, and an origin behind it: factories of sessions, with what they can do and
// what they say of themselves.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/event_loop.h"
#include "harness/core/registry.h"
#include "harness/core/session.h"
#include "harness/core/spec.h"

namespace cachegauge {

// What a cache can do: compared with what a workload needs before a run, never found out in it.
struct Capabilities {
  uint32_t commands = kBasicCommands;  // command_bit()s
  bool in_process = false;             // completes within submit(); may run in virtual time
  bool is_library = false;             // what it holds of memory is this process'
  bool blocks_on_network = false;      // needs an EventLoop
  bool ttl = true;
  int64_t ttl_granularity_ns = 1;  // TTLs are rounded up to a multiple of it
  bool bounded = true;             // holds to a budget of entries or bytes, so it may evict
  bool private_server = false;     // starts a server of its own, which runs on server_cpus
};

// What the experiment says to every adapter.
struct AdapterSettings {
  std::optional<uint64_t> memory_bytes;  // `--memory`; an adapter's own parameter goes first
  int64_t timeout_ns = 5'000'000'000;
  uint32_t threads = 1;  // that will open sessions; in-process caches lock if > 1
  uint64_t seed = 42;
  bool allow_shared_server = false;
  std::vector<int> server_cpus = {};  // of a private server; empty: those of this process
};

struct SessionContext {
  Scheduler& scheduler;
  EventLoop* loop = nullptr;  // == &scheduler under real time, null under virtual time
  uint32_t client = 0;        // 0, 1, …: for ties in virtual time
  // Posted on the scheduler when completions are there that submit() did not leave behind.
  Wakeup* ready = nullptr;
};

// A figure of a server's own or a cache's own; null is "not known", never 0.
struct AdapterState {
  // Cumulative; the harness takes the difference over the measured interval.
  std::optional<uint64_t> evictions;
  std::optional<uint64_t> expirations;
  std::optional<uint64_t> not_admitted;  // what an admission filter turned away; null without one
  std::optional<int64_t> server_cpu_ns;
  // Now.
  std::optional<uint64_t> bytes_used;     // what the backend claims for its data
  std::optional<uint64_t> payload_bytes;  // keys and values alone
  std::optional<uint64_t> items;
  std::optional<uint64_t> rss_bytes;   // of the server, less what it had when started empty
  std::optional<uint64_t> disk_bytes;  // allocated on the file system for all of its files
  std::string memory_source;           // how these were taken: "INFO used_memory less …"
};

// A figure that an origin or a cache keeps of itself, since whenever: "rows_read". No spaces in the
// name.
struct OriginFigure {
  std::string name;
  uint64_t value = 0;
  bool operator==(const OriginFigure&) const = default;
};
using AdapterFigure = OriginFigure;

// Thread-safety: start(), state(), figures() and stop() from one thread, open() from any, and
// bytes_used_now() as it says.
class Adapter {
 public:
  virtual ~Adapter() = default;

  virtual const Spec& spec() const = 0;
  virtual Capabilities capabilities() const = 0;

  // Starts the private server or connects, checks that the server may be used, notes its figures.
  // Throws Error::failed (no server there) or Error::usage (a server with other people's data).
  virtual void start() = 0;

  // One client's connection. Throws Error::failed.
  virtual std::unique_ptr<Session> open(const SessionContext& context) = 0;

  // Blocks; called between phases, never while sessions have commands outstanding.
  virtual AdapterState state() = 0;

  // Counts beside those of state(), called when that is: cumulative, and always in one order. A
  // pair of l1_hits and l1_misses is what reports have the hit ratio of l1 from.
  virtual std::vector<AdapterFigure> figures() { return {}; }

  // What state() would give as bytes_used, asked while sessions work; null if it is not known. Of
  // an in-process cache it is asked on a thread that replays, between two commands of that thread,
  // and takes no time to speak of. Of the others it is asked on a thread of its own, one call at a
  // time, and may block for about half a second.
  virtual std::optional<uint64_t> bytes_used_now() { return std::nullopt; }

  // Known after start(): the backend's version, and settings that bear on the result.
  virtual std::string version() const { return {}; }
  virtual std::vector<Spec::Param> settings() const { return {}; }

  // CPUs that the private server may run on, as the kernel says; empty if there is none.
  virtual std::vector<int> server_cpus() const { return {}; }

  // True if keys of others may live beside ours: every key then carries a prefix, and is unlinked
  // after the run.
  virtual bool shares_keyspace() const { return false; }

  // What went wrong or was degraded and a reader must know, since the last call: "connection lost
  // 3.2 s into the run, back after 0.8 s".
  virtual std::vector<std::string> take_warnings() { return {}; }

  // Stops a private server. The destructor does it too.
  virtual void stop() {}
};

struct AdapterKind {
  std::string_view name;
  std::string_view summary;
  std::span<const ParamInfo> params;
  // Checks all of the spec without starting anything; throws Error::usage.
  std::unique_ptr<Adapter> (*make)(const Spec& spec, const AdapterSettings& settings);
  std::string_view not_built = {};  // why `make` is null: "libhiredis was not found"
  bool takes_any_param = false;     // beside `params`, some that only what it loads can check
};

// What the experiment says to every origin.
struct OriginSettings {
  uint64_t seed = 42;
  int64_t timeout_ns = 5'000'000'000;  // of a call to a real one
  std::vector<int> server_cpus = {};   // of a private server; empty: those of this process
};

struct OriginTraits {
  bool simulated = true;    // runs in virtual time as well; a real one needs an EventLoop
  bool holds_rows = false;  // a key is to be stored before it is asked for
  bool shared = false;      // what it uses was there before us, so that it may be down, or refuse
};

// What lies behind a cache. Its sessions answer kGet with kHit, kSet with kStored, or either with
// kError or kTimeout; they stamp their completions, waits for a free server or connection included.
// A simulated origin answers without bytes, and the harness makes the value of value_size_bytes. A
// real one has rows of key, version and value: a hit carries an origin row (origin_row.h), and a
// kSet of a version that is not above the row's is kNotStored.
// Thread-safety: all sessions are opened from one thread, before the first call; the rest from one
// thread, while no session has commands outstanding.
class Origin {
 public:
  virtual ~Origin() = default;
  virtual const Spec& spec() const = 0;
  virtual OriginTraits traits() const { return {}; }

  // Connects, or starts a private server. Throws Error::failed (nobody there) or Error::usage (what
  // is there is not to be touched).
  virtual void start() {}
  virtual std::unique_ptr<Session> open(const SessionContext& context) = 0;
  // Of one that holds rows: all of them are stored, and what follows is measured.
  virtual void settle() {}

  // Known after start(). Figures are cumulative; the harness takes differences, in this order.
  virtual std::vector<OriginFigure> figures() { return {}; }
  virtual std::string version() const { return {}; }
  virtual std::vector<Spec::Param> settings() const { return {}; }
  // As Adapter::take_warnings().
  virtual std::vector<std::string> take_warnings() { return {}; }

  // Takes back what start() made, once all sessions are gone. The destructor does it too.
  virtual void stop() {}
};

struct OriginKind {
  std::string_view name;
  std::string_view summary;
  std::span<const ParamInfo> params;
  // Checks all of the spec without starting anything; throws Error::usage.
  std::unique_ptr<Origin> (*make)(const Spec& spec, const OriginSettings& settings);
  std::string_view not_built = {};  // why `make` is null, if it is: "libpq was not found"
};

}  // namespace cachegauge
