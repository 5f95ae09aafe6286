// What stands in an origin's database, read by SQL of the tests' own.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "harness/core/adapter.h"
#include "tests/origins/running_postgres.h"

namespace cachegauge {

using Rows = std::map<uint64_t, uint32_t>;  // version by key hash

// In a folder of its own.
class SqliteFile {
 public:
  SqliteFile();
  ~SqliteFile();
  SqliteFile(const SqliteFile&) = delete;

  std::string path() const { return folder_ + "/origin.db"; }
  std::string spec() const { return "sqlite:path=" + path(); }

 private:
  std::string folder_;
};

// Of integer keys.
Rows rows_of(const SqliteFile& file);
Rows rows_of(RunningPostgres& postgres);

// Another one, which is looked at before what it holds is taken away.
class WatchedOrigin final : public Origin {
 public:
  WatchedOrigin(std::unique_ptr<Origin> origin, std::function<void()> look)
      : origin_(std::move(origin)), look_(std::move(look)) {}
  const Spec& spec() const override { return origin_->spec(); }
  OriginTraits traits() const override { return origin_->traits(); }
  void start() override { origin_->start(); }
  std::unique_ptr<Session> open(const SessionContext& context) override {
    return origin_->open(context);
  }
  void settle() override { origin_->settle(); }
  void stop() override {
    look_();
    origin_->stop();
  }

 private:
  const std::unique_ptr<Origin> origin_;
  const std::function<void()> look_;
};

}  // namespace cachegauge
