#include <lzma.h>

#include <new>

#include "workloads/input/compressed_stream.h"

namespace cachegauge {
namespace {

class XzStream final : public ByteStream {
 public:
  explicit XzStream(CompressedInput input) : input_(std::move(input)) {
    if (lzma_stream_decoder(&state_, kDecoderMemoryBytes, LZMA_CONCATENATED) != LZMA_OK) {
      throw std::bad_alloc();
    }
  }
  ~XzStream() override { lzma_end(&state_); }
  XzStream(const XzStream&) = delete;
  XzStream& operator=(const XzStream&) = delete;

  size_t read(std::span<char> out) override {
    state_.next_out = reinterpret_cast<uint8_t*>(out.data());
    state_.avail_out = out.size();
    while (!finished_ && state_.avail_out == out.size()) {
      if (state_.avail_in == 0) refill();
      decode();
    }
    return out.size() - state_.avail_out;
  }

 private:
  void refill() {
    const std::span<char> block = input_.next();
    state_.next_in = reinterpret_cast<const uint8_t*>(block.data());
    state_.avail_in = block.size();
    at_end_ = block.empty();
  }

  void decode() {
    switch (lzma_code(&state_, at_end_ ? LZMA_FINISH : LZMA_RUN)) {
      case LZMA_OK:
        return;
      case LZMA_STREAM_END:
        finished_ = true;
        return;
      case LZMA_BUF_ERROR:
        input_.fail_cut_off();
      case LZMA_MEMLIMIT_ERROR:
        input_.fail_too_large();
      case LZMA_MEM_ERROR:
        throw std::bad_alloc();
      case LZMA_FORMAT_ERROR:
        input_.fail_corrupt("other data follows the xz data", state_.avail_in);
      case LZMA_OPTIONS_ERROR:
        input_.fail_corrupt("it uses options that liblzma does not know", state_.avail_in);
      default:
        input_.fail_corrupt("a check failed", state_.avail_in);
    }
  }

  CompressedInput input_;
  lzma_stream state_ = LZMA_STREAM_INIT;
  bool at_end_ = false;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> make_xz_stream(CompressedInput input) {
  return std::make_unique<XzStream>(std::move(input));
}

}  // namespace cachegauge
