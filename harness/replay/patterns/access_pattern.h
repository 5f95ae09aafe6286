// How the application reads and writes a key through cache and origin, request by request: the
// patterns that write to the origin, too. The same coroutines run in real and in virtual time.
//
// A read that misses loads from the origin and fills, unless a pattern has another way. A write
// takes the next version of its key, which goes to the origin and into the cache in the order, and
// with the acknowledgement, that make the pattern what it is. A delete of the workload is a write
// as well: the origin has a new version, and the copy is deleted.
//
// An AccessPattern belongs to one thread, whose keys are its own: what it keeps in memory is that
// of one process of the application.
#pragma once

#include <memory>
#include <vector>

#include "harness/core/coroutine.h"
#include "harness/core/spec.h"
#include "harness/replay/client.h"
#include "harness/replay/key_classes.h"
#include "harness/replay/patterns/consistency_book.h"

namespace cachegauge {

// What the patterns of one thread share.
struct Application {
  LaneShared& lanes;
  ConsistencyBook& book;
  SessionPool& origin;       // for what is written behind the requests
  bool origin_is_simulated;  // it answers without rows
};

class AccessPattern {
 public:
  virtual ~AccessPattern() = default;

  // Before the first request. The application outlives the pattern's last one.
  virtual void join(Application& application) { application_ = &application; }

  // The client's request is a get, or one of the others: carries it out, but for finish().
  virtual Task<bool> read(Client& client);
  virtual Task<bool> write(Client& client) = 0;

  // Of a pattern by class: those that it tells apart, "other" among them.
  virtual std::vector<ClassLabel> classes() const { return {}; }

  // After the last request: counts the rows that wait to be written to the origin.
  virtual void count_queued() {}
  // Then has them written while the scheduler runs, as far as the origin takes them.
  virtual void drain() {}

 protected:
  Application& application() { return *application_; }
  ConsistencyBook& book() { return application_->book; }
  PatternFigures& figures(const Client& client) {
    return application_->lanes.recorder.pattern_figures(client.request().key);
  }

  // Of a get that missed. False if the origin failed.
  Task<bool> load_and_fill(Client& client);
  // Of a get that the cache failed, where the application goes on without it: loads, and fills
  // nothing. False if the origin failed.
  virtual Task<bool> fall_back(Client& client);
  // Sets what the client has loaded.
  Task<bool> fill(Client& client);
  uint32_t begin_change(Client& client);
  // Sets the copy, or deletes it. False if the cache failed and the application takes that for a
  // failure of the write (--on-cache-error).
  Task<bool> change_copy(Client& client, uint32_t version, bool sets);
  // The write is done, and the application is told so.
  void acknowledge(Client& client, uint32_t version);
  void refuse(Client& client);  // it is not done, as far as anybody knows

 private:
  // True if the get is answered, one way or the other.
  bool took_look(Client& client, const Completion& completion);
  // On a miss.
  virtual Task<bool> recover(Client& client) { return load_and_fill(client); }

  Application* application_ = nullptr;
};

// What becomes of the cached copy once the origin has a write.
enum class CopyAfterWrite : uint8_t { kSet, kDelete, kLeave };

// Origin first, then the copy, then the acknowledgement: a write whose call to the origin fails
// changes nothing else.
class OriginFirst : public AccessPattern {
 public:
  explicit OriginFirst(CopyAfterWrite copy) : copy_(copy) {}
  Task<bool> write(Client& client) override;

 private:
  const CopyAfterWrite copy_;
};

// Serves one lane until its workload ends.
ClientTask serve_application(Scheduler& scheduler, Client& client, AccessPattern& pattern);

// The rows' own functions, a file each. Throw Error::usage for parameters that make no sense.
std::unique_ptr<AccessPattern> make_cache_aside(const Spec& spec);
std::unique_ptr<AccessPattern> make_read_through(const Spec& spec);
std::unique_ptr<AccessPattern> make_write_through(const Spec& spec);
std::unique_ptr<AccessPattern> make_write_behind(const Spec& spec);
std::unique_ptr<AccessPattern> make_write_around(const Spec& spec);
std::unique_ptr<AccessPattern> make_by_class(const Spec& spec);

}  // namespace cachegauge
