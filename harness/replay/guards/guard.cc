#include "harness/replay/guards/guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/core/error.h"
#include "harness/core/units.h"
#include "harness/replay/guards/guarded_request.h"

namespace cachegauge {

Task<Served> GuardPart::recover(GuardedRequest& request) { return request.load_and_fill(); }

void Guard::add(std::unique_ptr<GuardPart> part) {
  if (part->recovers()) recovering_ = part.get();
  keeps_stale_ |= part->stale_ns(1) > 0;
  refreshes_behind_ |= part->refreshes_behind();
  parts_.push_back(std::move(part));
}

Lifetime Guard::lifetime(int64_t ttl_ns, SplitMix64& random) const {
  Lifetime lifetime{ttl_ns, ttl_ns};
  for (const auto& part : parts_) lifetime = part->lifetime(lifetime, random);
  return lifetime;
}

int64_t Guard::stale_ns(int64_t ttl_ns) const {
  int64_t longest_ns = 0;
  for (const auto& part : parts_) longest_ns = std::max(longest_ns, part->stale_ns(ttl_ns));
  return longest_ns;
}

int64_t Guard::warm_ns(int64_t ttl_ns) const {
  int64_t longest_ns = 0;
  for (const auto& part : parts_) longest_ns = std::max(longest_ns, part->warm_ns(ttl_ns));
  return longest_ns;
}

Storing Guard::storing(uint64_t key_hash, int64_t ttl_ns, int64_t asked_ns, int64_t now_ns,
                       SplitMix64& random) const {
  Storing storing;
  storing.envelope = {.key_hash = key_hash,
                      .fresh_until_ns = INT64_MAX,
                      .read_ns = asked_ns,
                      .recompute_ns = now_ns - asked_ns};
  if (ttl_ns > 0) {
    const Lifetime lives = lifetime(ttl_ns, random);
    storing.envelope.fresh_until_ns = now_ns + lives.fresh_ns;
    storing.kept_ns = lives.kept_ns;
  }
  return storing;
}

GuardVerdict Guard::judge(const Found& found, int64_t now_ns, SplitMix64& random) const {
  GuardVerdict verdict = is_stale(found, now_ns) ? GuardVerdict::kRefresh : GuardVerdict::kServe;
  for (const auto& part : parts_) verdict = part->judge(verdict, found, now_ns, random);
  return verdict;
}

Task<Served> Guard::recover(GuardedRequest& request) {
  return recovering_ ? recovering_->recover(request) : request.load_and_fill();
}

CommandKind Guard::look() const { return recovering_ ? recovering_->look() : CommandKind::kGet; }

std::vector<Spec> parse_guard(std::string_view text) {
  std::vector<Spec> parts;
  while (true) {
    const size_t plus = text.find('+');
    Spec part = Spec::parse(text.substr(0, plus));
    part.require_known(require_row(guard_kinds(), part.kind(), "guard").params);
    const auto same = [&](const Spec& other) { return other.kind() == part.kind(); };
    if (std::any_of(parts.begin(), parts.end(), same)) {
      throw Error::usage(fmt::format("the guard has {} twice", part.kind()));
    }
    parts.push_back(std::move(part));
    if (plus == std::string_view::npos) break;
    text.remove_prefix(plus + 1);
  }
  make_guard(parts);
  return parts;
}

Guard make_guard(std::span<const Spec> parts) {
  Guard guard;
  std::string_view recovering;
  for (const Spec& part : parts) {
    Guard alone;
    const GuardKind& kind = require_row(guard_kinds(), part.kind(), "guard");
    kind.add(part, alone);
    if (alone.recovers() && !recovering.empty()) {
      throw Error::usage(
          fmt::format("the guards {} and {} both say who calls the origin: give one of them",
                      recovering, kind.name));
    }
    if (alone.recovers()) recovering = kind.name;
    kind.add(part, guard);
  }
  // What is refreshed in the background is refreshed once a process, if nothing better is said;
  // with a second look, for those who found the old value and come to it after the fill.
  if (guard.refreshes_behind() && recovering.empty()) {
    add_single_flight(Spec("singleflight", {{"recheck", "yes"}}), guard);
  }
  return guard;
}

void require_commands(std::span<const Spec> guard, std::string_view adapter,
                      const Capabilities& capabilities) {
  constexpr std::pair<CommandKind, std::string_view> kWhatFor[] = {
      {CommandKind::kAdd, "an add, to take its lock (any cache with an atomic \"set if absent\")"},
      {CommandKind::kCompareAndDelete,
       "a delete of its lock on condition that it still holds it (redis has one; add-lock does "
       "without)"},
      {CommandKind::kLease,
       "a lease, which a get grants to one client (redis, memcached and the caches in this process "
       "have one; add-lock and singleflight need none)"}};
  for (const Spec& part : guard) {
    const GuardKind& kind = require_row(guard_kinds(), part.kind(), "guard");
    for (const auto& [command, what_for] : kWhatFor) {
      if (!(kind.commands & command_bit(command) & ~capabilities.commands)) continue;
      throw Error::usage(fmt::format("{} cannot carry out the guard {}: it needs {}", adapter,
                                     kind.name, what_for));
    }
  }
}

std::string short_lock_warning(std::span<const Spec> parts, int64_t latency_ns) {
  const Guard guard = make_guard(parts);
  const int64_t lock_ns = guard.lock_ttl_ns();
  if (lock_ns == 0 || lock_ns > latency_ns) return {};
  const std::string lock = format_duration(static_cast<double>(lock_ns));
  const std::string latency = format_duration(static_cast<double>(latency_ns));
  if (guard.leases()) {
    return fmt::format(
        "the lease of {} ends before the origin has answered ({}), and is granted to the next: "
        "each fill comes with a lease that is not held any more, and is refused",
        lock, latency);
  }
  return fmt::format(
      "the lock's TTL of {} is no longer than the origin takes ({}): it ends under its holder, "
      "and the next one calls the origin, too, about {} calls an expiry",
      lock, latency, (latency_ns + lock_ns - 1) / lock_ns);
}

int64_t positive_ns(const Spec& spec, std::string_view name, int64_t fallback_ns) {
  const int64_t ns = spec.duration_ns(name, fallback_ns);
  if (ns > 0) return ns;
  throw Error::usage(fmt::format("{}:{}: expected a time above 0, got \"{}\"", spec.kind(), name,
                                 *spec.find(name)));
}

}  // namespace cachegauge
