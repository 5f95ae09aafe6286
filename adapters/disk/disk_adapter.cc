#include "adapters/disk/disk_adapter.h"

#include <fmt/format.h>
#include <signal.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "adapters/server/incident_log.h"
#include "adapters/server/private_folder.h"
#include "harness/core/error.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

class DiskAdapter final : public Adapter {
 public:
  DiskAdapter(const Spec& spec, const AdapterSettings& settings, const DiskSettings& disk,
              const DiskEngine& engine)
      : spec_(spec), settings_(settings), disk_(disk), engine_(engine) {}
  ~DiskAdapter() override { stop(); }

  const Spec& spec() const override { return spec_; }
  // An EventLoop is what its sessions' threads report to.
  Capabilities capabilities() const override {
    return {.is_library = true, .blocks_on_network = true};
  }
  void start() override;
  std::unique_ptr<Session> open(const SessionContext& context) override {
    return std::make_unique<ThreadedSession>(context, settings_.timeout_ns, log_,
                                             store_->connect());
  }
  AdapterState state() override { return store_->state(); }
  std::optional<uint64_t> bytes_used_now() override { return store_->bytes_used(); }
  std::string version() const override { return engine_.version(); }
  std::vector<Spec::Param> settings() const override { return reported_settings_; }
  bool shares_keyspace() const override { return was_there_; }
  std::vector<std::string> take_warnings() override { return log_->take(); }
  void stop() override;

 private:
  void require_ours_alone(const std::string& path) const;
  void report_settings(const std::string& path);

  const Spec spec_;
  const AdapterSettings settings_;
  const DiskSettings disk_;
  const DiskEngine& engine_;
  const std::shared_ptr<IncidentLog> log_ = std::make_shared<IncidentLog>();
  std::optional<PrivateFolder> folder_;
  std::unique_ptr<DiskStore> store_;
  bool was_there_ = false;
  std::vector<Spec::Param> reported_settings_;
};

void DiskAdapter::start() {
  stop();
  log_->begin(spec_.redacted());
  // A file size limit (ulimit -f) is then an error that is counted, not the end of the process.
  signal(SIGXFSZ, SIG_IGN);
  if (!disk_.path) folder_.emplace();
  const std::string path =
      disk_.path ? *disk_.path : fmt::format("{}/{}", folder_->path(), engine_.file);
  was_there_ = exists_on_disk(path);
  store_ = engine_.open(path, disk_);
  if (was_there_) require_ours_alone(path);
  report_settings(path);
}

void DiskAdapter::require_ours_alone(const std::string& path) const {
  if (settings_.allow_shared_server || store_->is_empty()) return;
  throw Error::usage(fmt::format(
      "{} holds items of others, or of a run that was killed: name another path, or remove it if "
      "it is of no use; with --allow-shared-server it is used as it is, its items are left alone, "
      "and may be evicted to make room for ours",
      path));
}

void DiskAdapter::report_settings(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  reported_settings_ = {{"place", folder_      ? "private"
                                  : was_there_ ? "existing"
                                               : "made"},
                        {"filesystem", filesystem_name(folder)}};
  if (disk_.path) reported_settings_.push_back({"path", path});
  reported_settings_.push_back({"capacity", format_size(disk_.capacity_bytes)});
  reported_settings_.push_back({"policy", std::string(disk_policy_name(disk_.policy))});
  reported_settings_.push_back({"durability", std::string(engine_.durability)});
}

void DiskAdapter::stop() {
  if (store_ && !was_there_) store_->remove();
  store_.reset();
  folder_.reset();
}

}  // namespace

std::unique_ptr<Adapter> make_disk_adapter(const Spec& spec, const AdapterSettings& settings,
                                           const DiskSettings& disk, const DiskEngine& engine) {
  return std::make_unique<DiskAdapter>(spec, settings, disk, engine);
}

}  // namespace cachegauge
