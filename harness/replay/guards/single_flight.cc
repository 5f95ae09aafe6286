// One load a key and process at a time; the others wait for it and share what it brings, an error
// included, which is then forgotten: the next request loads anew. Go's
// golang.org/x/sync/singleflight.
//
// A request whose look at the cache was answered before the fill, and that comes here after it,
// loads once more. `recheck=yes` looks again before each load.
#include <coroutine>
#include <unordered_map>
#include <utility>
#include <vector>

#include "harness/replay/guards/guarded_request.h"

namespace cachegauge {
namespace {

class SingleFlight final : public GuardPart {
 public:
  explicit SingleFlight(const Spec& spec)
      : recheck_(spec.choice("recheck", {"no", "yes"}) == "yes") {}

  bool recovers() const override { return true; }

  Task<Served> recover(GuardedRequest& request) override {
    if (const auto flight = flights_.find(request.key()); flight != flights_.end()) {
      if (request.found().has_value) return served(request);
      return join(*flight->second);
    }
    return fly(request);
  }

 private:
  struct Flight;
  struct Landing {
    Flight& flight;
    std::coroutine_handle<> waiter;
    Served served = Served::kFailed;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      waiter = handle;
      flight.waiting.push_back(this);
    }
    Served await_resume() const { return served; }
  };
  struct Flight {
    std::vector<Landing*> waiting;
  };

  static Task<Served> served(GuardedRequest& request) { co_return request.serve_found(); }

  static Task<Served> join(Flight& flight) {
    co_return co_await Landing{.flight = flight, .waiter = {}};
  }

  Task<Served> fly(GuardedRequest& request) {
    Flight flight;
    flights_[request.key()] = &flight;
    Served served = Served::kFailed;
    if (recheck_) co_await request.look();
    if (request.is_renewed()) {
      served = request.serve_found();
    } else {
      served = co_await request.load_and_fill();
    }
    flights_.erase(request.key());
    for (Landing* landing : flight.waiting) {
      landing->served = served == Served::kFailed ? Served::kFailed : Served::kWaited;
      landing->waiter.resume();
    }
    co_return served;
  }

  const bool recheck_;
  std::unordered_map<uint32_t, Flight*> flights_;  // by key
};

}  // namespace

void add_single_flight(const Spec& spec, Guard& guard) {
  guard.add(std::make_unique<SingleFlight>(spec));
}

}  // namespace cachegauge
