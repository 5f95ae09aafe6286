// Patterns that write to the origin, in virtual time: random requests against a naive model.
#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/random.h"
#include "tests/replay/patterns_fixture.h"

namespace cachegauge {
namespace {

// A pattern, as one would write it down: one request after another, each at the later of its time
// and of the end of the one before.
class Model {
 public:
  Model(const Spec& pattern, const std::vector<Request>& requests) : pattern_(pattern) {
    const bool behind = pattern.kind() == "write-behind";
    for (const Request& request : requests) {
      advance(std::max(now_ns_, request.time_ns));
      const uint64_t key = request.integer_key;
      if (request.op == Op::kGet) {
        read(key);
      } else if (behind) {
        ++latest_[key];
        put(key, request.op == Op::kDelete ? 0 : version(key));
        enqueue(key);
      } else {
        advance(now_ns_ + kLatencyNs);
        ++latest_[key];
        ++origin_writes;
        at_origin_[key] = version(key);
        const std::string after = pattern.text("on-write", "");
        if (request.op == Op::kDelete || after == "delete")
          put(key, 0);
        else if (after == "set")
          put(key, version(key));
      }
    }
    while (!batch_.empty()) advance(batch_end_ns_);  // what is under way is waited for
    for (const auto& [key, value] : cached_) {
      const auto row = at_origin_.find(key);
      const uint64_t final = behind ? version(key) : row == at_origin_.end() ? 1 : row->second;
      if (value != final && latest_.contains(key)) ++drifted;
    }
  }

  uint64_t hits = 0, stale = 0, loads = 0, origin_writes = 0, batches = 0, queue_reads = 0;
  uint64_t drifted = 0;

 private:
  struct Queued {
    uint64_t key, version;
    int64_t since_ns;
  };

  uint64_t version(uint64_t key) const {
    const auto writes = latest_.find(key);
    return writes == latest_.end() ? 1 : 1 + writes->second;
  }
  void put(uint64_t key, uint64_t version) {
    if (version == 0) {
      cached_.erase(key);
    } else {
      cached_[key] = version;
    }
  }

  void read(uint64_t key) {
    if (const auto copy = cached_.find(key); copy != cached_.end()) {
      ++hits;
      if (copy->second < version(key)) ++stale;
      return;
    }
    uint64_t queued = 0;
    for (const auto* rows : {&batch_, &queue_}) {
      for (const Queued& row : *rows) {
        if (row.key == key) queued = row.version;
      }
    }
    if (queued != 0) {
      ++queue_reads;
      put(key, queued);
      return;
    }
    ++loads;
    const uint64_t held = at_origin_.contains(key) ? at_origin_[key] : 1;
    advance(now_ns_ + kLatencyNs);
    put(key, held);
  }

  void enqueue(uint64_t key) {
    const auto same = std::ranges::find(queue_, key, &Queued::key);
    if (same != queue_.end()) {
      same->version = version(key);
    } else {
      queue_.push_back({key, version(key), now_ns_});
    }
    advance(now_ns_);
  }

  // Until then, batches begin and end.
  void advance(int64_t to_ns) {
    const int64_t flush_ns = pattern_.duration_ns("flush", 0);
    const size_t most = pattern_.count("batch", 0);
    while (true) {
      if (!batch_.empty()) {
        if (batch_end_ns_ > to_ns) break;
        now_ns_ = std::max(now_ns_, batch_end_ns_);
        for (const Queued& row : batch_) at_origin_[row.key] = row.version;
        origin_writes += batch_.size();
        batch_.clear();
      }
      if (queue_.empty()) break;
      const int64_t due_ns = std::max(now_ns_, queue_.front().since_ns + flush_ns);
      const int64_t begin_ns = queue_.size() >= most ? now_ns_ : due_ns;
      if (begin_ns > to_ns) break;
      now_ns_ = begin_ns;
      while (batch_.size() < most && !queue_.empty()) {
        batch_.push_back(queue_.front());
        queue_.pop_front();
      }
      batch_end_ns_ = now_ns_ + kLatencyNs;
      ++batches;
    }
    now_ns_ = std::max(now_ns_, to_ns);
  }

  const Spec pattern_;
  int64_t now_ns_ = 0;
  std::map<uint64_t, uint64_t> cached_, at_origin_, latest_;
  std::list<Queued> queue_, batch_;
  int64_t batch_end_ns_ = 0;
};

TEST_F(Patterns, RandomRequestsAgreeWithTheModel) {
  for (const char* pattern : {"cache-aside:on-write=delete", "cache-aside:on-write=set",
                              "write-around", "write-behind:flush=90ms,batch=4",
                              "write-behind:flush=7ms,batch=2", "write-behind:flush=2s,batch=50"}) {
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      SCOPED_TRACE(std::string(pattern) + ", seed " + std::to_string(seed));
      SplitMix64 random(seed);
      std::vector<Request> requests;
      int64_t time_ns = 0;
      for (int i = 0; i < 600; ++i) {
        const uint64_t draw = random.below(20);
        const Op op = draw < 12 ? Op::kGet : draw < 19 ? Op::kSet : Op::kDelete;
        // Odd, so that nothing of a batch falls on the same moment as a request.
        time_ns += static_cast<int64_t>(random.below(60)) * kMs + 7919;
        requests.push_back(InMemoryWorkload::request(op, 1 + random.below(8), 100, 0, time_ns));
      }
      script.stored.clear();
      const Model model(Spec::parse(pattern), requests);
      const RunResult result = run(pattern, InMemoryWorkload(requests));
      const PatternFigures& p = *result.pattern;
      EXPECT_EQ(result.counters.hits, model.hits);
      EXPECT_EQ(result.counters.stale, model.stale);
      EXPECT_EQ(result.counters.origin_calls, model.loads);
      EXPECT_EQ(p.origin_writes, model.origin_writes);
      EXPECT_EQ(p.batch_rows.count(), model.batches);
      EXPECT_EQ(p.queue_reads, model.queue_reads);
      EXPECT_EQ(p.drifted_keys, model.drifted);
      EXPECT_EQ(p.lost_writes, 0u);
    }
  }
}

}  // namespace
}  // namespace cachegauge
