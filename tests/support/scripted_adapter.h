// A cache that does exactly as it is told: an in-process map whose answers a test may bend.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/adapter.h"

namespace cachegauge {

// What a test sees and bends; outlives the adapter.
struct Script {
  std::map<std::string, std::string> stored;
  std::vector<std::pair<CommandKind, std::string>> commands;  // kind and key, in order
  // Called after the map has answered; may change the outcome, and the value of a hit.
  std::function<void(const Command&, Outcome&, std::string& value)> bend =
      [](const Command&, Outcome&, std::string&) {};
  bool shares_keyspace = false;
  std::function<std::optional<uint64_t>()> bytes_used_now = [] { return std::nullopt; };
  std::mutex mutex;
};

class ScriptedAdapter final : public Adapter {
 public:
  explicit ScriptedAdapter(Script& script) : script_(script) {}
  const Spec& spec() const override { return spec_; }
  Capabilities capabilities() const override { return {.in_process = true, .bounded = false}; }
  void start() override {}
  std::unique_ptr<Session> open(const SessionContext&) override {
    return std::make_unique<ScriptedSession>(script_);
  }
  AdapterState state() override {
    AdapterState state;
    state.items = script_.stored.size();
    return state;
  }
  std::optional<uint64_t> bytes_used_now() override { return script_.bytes_used_now(); }
  bool shares_keyspace() const override { return script_.shares_keyspace; }

 private:
  class ScriptedSession final : public Session {
   public:
    explicit ScriptedSession(Script& script) : script_(script) {}
    void submit(std::span<const Command> commands) override {
      const std::lock_guard lock(script_.mutex);
      for (const Command& command : commands) {
        const std::string key(command.key);
        script_.commands.emplace_back(command.kind, key);
        auto [outcome, value] = answer(command, key);
        script_.bend(command, outcome, value);
        ready_.emplace_back(command.tag, outcome, std::move(value));
      }
    }
    size_t poll(std::span<Completion> out) override {
      handed_out_ = std::exchange(ready_, {});
      for (size_t i = 0; i < handed_out_.size() && i < out.size(); ++i) {
        const auto& [tag, outcome, value] = handed_out_[i];
        out[i] = {tag, outcome, value, 0, 0};
      }
      return handed_out_.size();
    }

   private:
    std::pair<Outcome, std::string> answer(const Command& command, const std::string& key) {
      auto& stored = script_.stored;
      const auto at = stored.find(key);
      switch (command.kind) {
        case CommandKind::kGet:
          if (at == stored.end()) return {Outcome::kMiss, ""};
          return {Outcome::kHit, at->second};
        case CommandKind::kAdd:
          if (at != stored.end()) return {Outcome::kNotStored, ""};
          [[fallthrough]];
        case CommandKind::kSet:
          stored[key] = command.value;
          return {Outcome::kStored, ""};
        default:
          if (at == stored.end()) return {Outcome::kNotFound, ""};
          stored.erase(at);
          return {Outcome::kDeleted, ""};
      }
    }

    Script& script_;
    std::vector<std::tuple<uint64_t, Outcome, std::string>> ready_, handed_out_;
  };

  Script& script_;
  Spec spec_ = Spec("scripted");
};

}  // namespace cachegauge
