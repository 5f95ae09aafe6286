// One client's lane: takes requests one after another and carries each out against the cache and
// the origin, counting and timing as it goes. In a closed loop a client with a pipeline of D has D
// lanes on one session; in an open loop (open_loop.h) there is a lane for each request under way.
//
// A pattern (patterns.h) is a coroutine that serves one lane for its whole life:
//
//   for (bool more = co_await client.next(); more; more = co_await client.next()) {
//     …  client.took_get(co_await client.get())  …
//     client.finish();
//   }
//
// Each command has an awaitable that issues it and a took_…() that accounts for its completion.
// What every request passes through is inline (client_inline.h): it is a good part of what `null`
// costs.
#pragma once

#include <array>
#include <coroutine>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "harness/core/random.h"
#include "harness/core/virtual_scheduler.h"
#include "harness/replay/faults/fault_account.h"
#include "harness/replay/guards/guard.h"
#include "harness/replay/lane_shared.h"
#include "harness/replay/request_feed.h"
#include "harness/replay/session_pool.h"
#include "harness/replay/value.h"

namespace cachegauge {

class Client final : public Wakeup {
 public:
  using Call = SessionPool::Call;

  // `origin` may be null: then a miss costs nothing.
  Client(LaneShared& shared, SessionPool& cache, SessionPool* origin, uint32_t index,
         uint64_t seed);
  Client(const Client&) = delete;

  // co_await next(): true with request() to be carried out, false when the phase is over.
  class Next {
   public:
    explicit Next(Client& client) : client_(client) {}
    bool await_ready() { return client_.fetch(); }
    void await_suspend(std::coroutine_handle<> waiter) { client_.waiter_ = waiter; }
    bool await_resume() const { return client_.has_request_; }

   private:
    Client& client_;
  };
  Next next() { return Next(*this); }
  const PreparedRequest& request() const { return *request_; }

  bool has_origin() const { return origin_ != nullptr; }
  bool fills_on_miss() const { return shared_.fills == Fills::kOnMiss; }

  Call get();
  Call set() { return write(CommandKind::kSet, request_->record->versions.advance()); }
  Call add() { return write(CommandKind::kAdd, request_->record->versions.advance()); }
  Call remove() { return write(CommandKind::kDelete, request_->record->versions.advance()); }
  Call change();  // the set, add or delete that the request is
  Call load();    // from the origin
  Call fill();    // sets what load() found
  Call store();   // at the origin: the request's value, as the book of versions has it

  // True if the get needs nothing more: a hit, or a failure. False: a miss.
  bool took_get(const Completion& completion);
  void took_set(const Completion& completion);
  void took_add(const Completion& completion);
  void took_remove(const Completion& completion);
  void took_change(const Completion& completion);
  // False if the origin failed: there is nothing to fill with.
  bool took_load(const Completion& completion);
  bool took_store(const Completion& completion);
  void took_fill(const Completion& completion);
  // Of a get that took_get() was content with: true if the application is to load() it instead,
  // since the cache failed; false also where it has the value that it saw last.
  bool needs_fallback(const Completion& completion) {
    return shared_.faults != nullptr && look_for_fallback(completion);
  }
  bool took_fallback(const Completion& completion);  // false if the origin failed, too
  // The application has its value all the same, and from neither of the two.
  void answered_otherwise() { request_failed_ = false; }
  bool goes_on_without_cache() const {
    return shared_.faults && shared_.faults->on_cache_error() != OnCacheError::kFail;
  }

  // For patterns whose writes go to the origin (patterns/). The request is a set, add or delete,
  // and takes the next version of its key; it is under way from begin_change() to end_change().
  uint32_t begin_change();
  void end_change(WriteEffect effect);
  Call store(uint32_t version);                              // at the origin
  bool took_change_at_origin(const Completion& completion);  // false if it failed
  Call copy(uint32_t version);                               // into the cache
  Call drop_copy(uint32_t version);                          // out of the cache
  bool took_copy(const Completion& completion);              // of either; false if it failed
  // What a load that begins now finds at an origin that does not say, and what it has found.
  Call load(uint32_t held_version);
  uint32_t loaded_version() const { return write_version_; }
  void has_loaded(uint32_t version) { write_version_ = version; }  // from elsewhere, to be filled
  uint32_t floor() const { return floor_; }  // versions below were stale when the get began

  // The request is complete: its response time is recorded.
  void finish();

  // For a get under a guard (guarded_get.h), whose commands are its own: before some of them, and
  // of each that was completed.
  bool is_timed() const { return timed_; }
  void begin_look();
  void begin_load();
  uint32_t begin_fill();                         // the version to be written
  bool took_look(const Completion& completion);  // false if it failed
  void took_lock(const Completion& completion, CommandKind kind);
  ValueCheck check(std::string_view value) const {
    return shared_.values.check(value, request_->key_hash);
  }
  // Of a value that the latest look brought.
  void count_check(const ValueCheck& check);
  // What became of the get: a hit of so many bytes, none for a miss.
  void count_get(std::optional<uint64_t> hit_bytes);
  void count_failed_get();
  void count_unanswered() { request_failed_ = true; }
  // It may have waited for another request.
  void waited();
  // Its write of the workload is to carry this, and to live for so long; it ends this lease.
  void envelop(const Storing& storing, uint64_t lease);
  // A lane for what is done behind a request that was answered: it has the request of `front`, on
  // the same connections, and takes no other.
  static Client behind(const Client& front) { return {front, Behind()}; }
  SessionPool& cache() { return cache_; }
  SessionPool* origin() { return origin_; }

  // For PatternKind::serve_at_once: the next requests, to be carried out by an AtOnce (at_once.h).
  // None when another way is needed: a timed request, one that arrives later, more to be decoded,
  // the end.
  std::span<const PreparedRequest> next_at_once();

  LaneShared& shared() { return shared_; }
  // For the clean-up, which has keys and no requests.
  Call remove_key(uint32_t id);  // one at a time
  void took_removed_key(const Completion& completion);

  // Before each phase.
  void begin_phase();
  // Of an open loop: a lane of `idle` is given a request to start now, or sent home.
  void carry_out(const PreparedRequest& request, int64_t intended_start_ns);
  void send_home();

  void wake() override;

 private:
  friend class AtOnce;
  struct Behind {};
  Client(const Client& front, Behind);

  // Which histogram the response goes to; a failed get has one only among all gets.
  enum class Result : uint8_t { kHit, kMiss, kSet, kAdd, kDelete, kFailedGet };

  bool fetch() { return shared_.plain ? take_next() : fetch_in_turn(); }
  bool fetch_in_turn();
  bool wait_for_request();
  bool is_ahead();
  bool wait_for_others();
  bool yield();
  bool take_next();
  const PreparedRequest* feed_next();
  const PreparedRequest* refill_and_next();
  bool wait_for_arrival();
  void begin_request();
  void address_order();
  void sample();
  Call command(CommandKind kind, uint32_t version = 0);
  void finish_fully();
  bool look_for_fallback(const Completion& completion);
  void end_account(int64_t response_ns);
  Call write(CommandKind kind, uint32_t version);
  void took_write(const Completion& completion, Timing timing, Result result);
  // Count what any command may come to; false if it failed.
  bool took(const Completion& completion, Timing timing);
  void note_times(const Completion& completion, Timing timing);
  bool note_trouble(const Completion& completion);
  void note_silence(int64_t& since_ns, int64_t limit_ns, std::string_view text);
  void note_origin_failure();
  void address_origin(CommandKind kind, uint32_t version);
  void verify(std::string_view value);
  void count_stale();
  void count_class();
  void record_response(Result result, int64_t response_ns, uint64_t times = 1);
  void flush_waitless(Result result);
  void flush_waitless();
  void write_log();

  LaneShared& shared_;
  SessionPool& cache_;
  SessionPool* origin_;
  uint32_t index_;
  SplitMix64 sampling_;

  const PreparedRequest* request_ = &held_;
  PreparedRequest held_;  // the request under way of a lane that may have to wait
  bool has_request_ = false;
  bool waits_for_arrival_ = false;
  std::coroutine_handle<> waiter_;

  // Of the request under way.
  SessionPool::Order order_;
  SessionPool::Order origin_order_;
  Envelope envelope_;              // under a guard, of order_
  ClassFigures* class_ = nullptr;  // of the latest request that is complete; null without classes
  Result result_ = Result::kMiss;
  bool request_failed_ = false;  // of the application, so far; known where faults are accounted for
  bool timed_ = false;
  // In-process, in virtual time, not timed, and so far nothing was waited for.
  bool quick_ = false;
  int64_t intended_start_ns_ = 0;
  // Of its last command: real time, but the scheduler's where sessions stamp. Between requests, of
  // the last one: the next of a closed loop starts there.
  int64_t completed_ns_ = 0;
  int64_t first_started_ns_ = 0;  // of its commands; 0: none was stamped
  int64_t service_ns_ = 0;        // of its commands, where they are timed one by one
  uint32_t floor_ = 0;
  uint32_t write_version_ = 0;

  uint32_t until_sample_ = 0;
  uint32_t until_yield_ = 0;
  uint64_t samples_ = 0;
  // Under virtual time, by result: the service time of the latest timed request, and how many
  // requests since then waited for nothing, so that it is their response time, too.
  struct Sampled {
    int64_t service_ns = 0;
    uint64_t waitless = 0;
  };
  std::array<Sampled, 6> sampled_{};
};

}  // namespace cachegauge

#include "harness/replay/client_inline.h"
