#include "harness/cli/interruptible.h"

#include <utility>

#include "harness/cli/interrupts.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

class Source final : public RequestSource {
 public:
  explicit Source(std::unique_ptr<RequestSource> source) : source_(std::move(source)) {}

  size_t read(std::span<Request> out) override {
    if (interrupted()) {
      throw Error(ExitCode::kInterrupted,
                  "interrupted while the workload was read: there is nothing to report yet");
    }
    return source_->read(out);
  }
  uint64_t skipped_rows() const override { return source_->skipped_rows(); }
  uint64_t backward_times() const override { return source_->backward_times(); }

 private:
  std::unique_ptr<RequestSource> source_;
};

}  // namespace

std::unique_ptr<RequestSource> Interruptible::open() const {
  return std::make_unique<Source>(workload_.open());
}

}  // namespace cachegauge
