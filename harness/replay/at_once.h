// The short way through a client, of requests for which nothing has to be waited and that are not
// timed: in virtual time, without an origin, on a cache that completes each command within the
// call. They are carried out one after another and counted a run at a time, since what the harness
// does for a request is all that `null` costs. What fails or is refused goes the long way.
//
//   AtOnce cache(client);
//   for (const PreparedRequest& request : run) {
//     cache.begin(request);
//     …  if (!cache.get()) cache.fill();  …
//   }
//   cache.count();
#pragma once

#include <array>
#include <cstdint>
#include <numeric>

#include "harness/replay/client.h"

namespace cachegauge {

// Of one run of requests, which Client::next_at_once() gave. Belongs to the client's thread.
class AtOnce {
 public:
  explicit AtOnce(Client& client)
      : client_(client),
        session_(client.cache_.only_session()),
        values_(client.shared_.values),
        command_(client.order_.command),
        completion_(client.order_.completion) {}
  AtOnce(const AtOnce&) = delete;

  void begin(const PreparedRequest& request) {
    request_ = &request;
    command_.key = request.key;
    command_.key_hash = request.key_hash;
    command_.ttl_ns = request.ttl_ns;
    command_.value_size_bytes = request.value_size_bytes;
  }

  // True if the get needs nothing more: a hit, or a failure. False: a miss.
  bool get() {
    command_.kind = CommandKind::kGet;
    execute();
    if (completion_.outcome == Outcome::kMiss) {
      ++misses_;
      missed_bytes_ += request_->value_size_bytes;
      return false;
    }
    if (completion_.outcome != Outcome::kHit) return took_odd_get();
    ++hits_;
    hit_bytes_ += completion_.value.size();
    const ValueCheck check = values_.check(completion_.value, request_->key_hash);
    if (check.verdict != ValueVerdict::kGood || check.version < request_->versions().floor()) {
      client_.floor_ = request_->versions().floor();
      client_.count_check(check);
    }
    return true;
  }

  void fill() {
    ++fills_;
    const uint32_t version = request_->versions().current();
    command_.kind = CommandKind::kSet;
    execute_with_value(version);
    if (completion_.outcome != Outcome::kStored) return took_odd_fill(version);
    if (request_->record) request_->record->versions.written_at_once(version);
  }

  // The set, add or delete that the request is.
  void change() {
    KeyVersions& versions = request_->record->versions;
    const uint32_t version = versions.advance();
    command_.kind = kind_of(request_->op);
    if (request_->op == Op::kDelete) {
      execute();
    } else {
      execute_with_value(version);
    }
    if (effect_of(completion_.outcome) != WriteEffect::kWritten) return took_odd_change(version);
    versions.written_at_once(version);
    ++changes_[static_cast<size_t>(request_->op)];
  }

  // Once, after the last request of the run: before anyone looks at the counters.
  void count() {
    Counters& counters = client_.shared_.recorder.counters();
    counters.gets += hits_ + misses_;
    counters.hits += hits_;
    counters.misses += misses_;
    counters.get_bytes += hit_bytes_ + missed_bytes_;
    counters.hit_bytes += hit_bytes_;
    counters.fills += fills_;
    answered(Client::Result::kHit, hits_);
    answered(Client::Result::kMiss, misses_);
    count_changes(Op::kSet, counters.sets, Client::Result::kSet);
    count_changes(Op::kAdd, counters.adds, Client::Result::kAdd);
    count_changes(Op::kDelete, counters.deletes, Client::Result::kDelete);
    const uint64_t changes = std::accumulate(changes_.begin(), changes_.end(), uint64_t{0});
    if (hits_ + misses_ + changes > 0) client_.shared_.failing_since_ns = 0;
  }

 private:
  static CommandKind kind_of(Op op) {
    return op == Op::kSet   ? CommandKind::kSet
           : op == Op::kAdd ? CommandKind::kAdd
                            : CommandKind::kDelete;
  }

  void execute() {
    if (!session_.execute(command_, completion_)) SessionPool::lost_completion();
  }
  void execute_with_value(uint32_t version) {
    command_.value = values_.make(command_.key_hash, version, command_.value_size_bytes);
    execute();
    command_.value = {};
  }

  void answered(Client::Result result, uint64_t times) {
    client_.sampled_[static_cast<size_t>(result)].waitless += times;
  }
  void count_changes(Op op, uint64_t& counter, Client::Result result) {
    counter += changes_[static_cast<size_t>(op)];
    answered(result, changes_[static_cast<size_t>(op)]);
  }

  bool took_odd_get();
  void took_odd_fill(uint32_t version);
  void took_odd_change(uint32_t version);

  Client& client_;
  Session& session_;
  ValueMaker& values_;
  Command& command_;
  Completion& completion_;
  const PreparedRequest* request_ = nullptr;
  // Not yet among the counters.
  uint64_t hits_ = 0, misses_ = 0, fills_ = 0;
  uint64_t hit_bytes_ = 0, missed_bytes_ = 0;
  std::array<uint64_t, kOpCount> changes_{};
};

}  // namespace cachegauge
