#include "tests/origins/real_origin_rig.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "adapters/origins/origins.h"
#include "harness/core/origin_row.h"

namespace cachegauge {

std::string why_not_here(const std::string& kind) {
  const OriginKind& row = require_row(origin_kinds(), kind, "origin");
  if (!row.make) return "not built: " + std::string(row.not_built);
  const bool has_server = std::filesystem::exists("/usr/lib/postgresql");
  return kind == "postgres" && !has_server ? "there is no PostgreSQL server" : "";
}

OriginRig::OriginRig(const std::string& spec, int64_t timeout_ns)
    : origin(make_origin(Spec::parse(spec), OriginSettings{.timeout_ns = timeout_ns})) {
  origin->start();
  session_ = origin->open({.scheduler = loop_, .loop = &loop_, .ready = this});
}

OriginRig::~OriginRig() {
  session_.reset();
  origin->stop();
}

void OriginRig::send(const Command& command) {
  queue_.push_back(command);
  queue_.back().tag = queue_.size() - 1;
}

std::vector<OriginRig::Reply> OriginRig::run() {
  replies_.assign(queue_.size(), {});
  loop_.tasks = static_cast<int>(queue_.size());
  loop_.post(&starter_);
  loop_.run();
  queue_.clear();
  return replies_;
}

void OriginRig::wake() {
  std::array<Completion, 16> completions;
  while (const size_t count = session_->poll(completions)) {
    for (size_t i = 0; i < count; ++i) {
      const Completion& c = completions[i];
      replies_[c.tag] = {c.outcome, std::string(c.value), c.started_ns, c.completed_ns};
      --loop_.tasks;
    }
  }
}

OriginRig::Reply OriginRig::ask(const Command& command) {
  send(command);
  return run().front();
}

OriginRig::Reply OriginRig::store(const std::string& key, uint32_t version,
                                  const std::string& value) {
  return ask({.kind = CommandKind::kSet, .version = version, .key = key, .value = value});
}

Row OriginRig::load(const std::string& key) {
  const Reply reply = ask({.kind = CommandKind::kGet, .key = key});
  EXPECT_EQ(reply.outcome, Outcome::kHit);
  EXPECT_LE(reply.started_ns, reply.completed_ns);
  return {origin_row_version(reply.value),
          reply.value.size() < kRowVersionBytes ? "" : reply.value.substr(kRowVersionBytes)};
}

std::map<std::string, uint64_t> OriginRig::figures() {
  std::map<std::string, uint64_t> figures;
  for (const OriginFigure& figure : origin->figures()) figures[figure.name] = figure.value;
  return figures;
}

}  // namespace cachegauge
