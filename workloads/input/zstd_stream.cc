#include <zstd.h>
#include <zstd_errors.h>

#include <new>

#include "workloads/input/compressed_stream.h"

namespace cachegauge {
namespace {

// Frames of up to 128 MiB of window, which is all that `zstd` writes without --long=28 and above.
class ZstdStream final : public ByteStream {
 public:
  explicit ZstdStream(CompressedInput input)
      : input_(std::move(input)), state_(ZSTD_createDStream()) {
    if (!state_) throw std::bad_alloc();
  }
  ~ZstdStream() override { ZSTD_freeDStream(state_); }
  ZstdStream(const ZstdStream&) = delete;
  ZstdStream& operator=(const ZstdStream&) = delete;

  size_t read(std::span<char> out) override {
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    while (to.pos == 0) {
      if (from_.pos == from_.size && !output_waits_ && !refill()) {
        if (frame_ended_) return 0;
        input_.fail_cut_off();
      }
      const size_t result = ZSTD_decompressStream(state_, &to, &from_);
      if (ZSTD_isError(result)) fail(result);
      frame_ended_ = result == 0;
      // Output that did not fit is asked for with no new input, but a frame that has ended has
      // none, and asking would begin the next.
      output_waits_ = !frame_ended_ && to.pos == to.size;
    }
    return to.pos;
  }

 private:
  bool refill() {
    const std::span<char> block = input_.next();
    from_ = {block.data(), block.size(), 0};
    return !block.empty();
  }

  [[noreturn]] void fail(size_t result) const {
    const ZSTD_ErrorCode code = ZSTD_getErrorCode(result);
    if (code == ZSTD_error_frameParameter_windowTooLarge) input_.fail_too_large();
    if (code == ZSTD_error_memory_allocation) throw std::bad_alloc();
    input_.fail_corrupt(ZSTD_getErrorName(result), from_.size - from_.pos);
  }

  CompressedInput input_;
  ZSTD_DStream* state_;
  ZSTD_inBuffer from_{};
  bool frame_ended_ = false;
  bool output_waits_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> make_zstd_stream(CompressedInput input) {
  return std::make_unique<ZstdStream>(std::move(input));
}

}  // namespace cachegauge
