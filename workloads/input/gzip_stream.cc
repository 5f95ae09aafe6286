#include <zlib.h>

#include <new>

#include "workloads/input/compressed_stream.h"

namespace cachegauge {
namespace {

class GzipStream final : public ByteStream {
 public:
  explicit GzipStream(CompressedInput input) : input_(std::move(input)) {
    constexpr int kGzipHeaders = 16;
    if (inflateInit2(&state_, kGzipHeaders + MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~GzipStream() override { inflateEnd(&state_); }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  size_t read(std::span<char> out) override {
    state_.next_out = reinterpret_cast<Bytef*>(out.data());
    state_.avail_out = static_cast<uInt>(out.size());
    while (state_.avail_out == out.size()) {
      const bool more = state_.avail_in > 0 || refill();
      if (between_members_) {
        if (!more) return 0;
        if (!begin_member()) continue;
      }
      const int result = inflate(&state_, Z_NO_FLUSH);
      if (result == Z_STREAM_END) {
        between_members_ = true;
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        input_.fail_corrupt(state_.msg ? state_.msg : "inflate failed", state_.avail_in);
      } else if (!more && state_.avail_out == out.size()) {
        input_.fail_cut_off();
      }
    }
    return out.size() - state_.avail_out;
  }

 private:
  bool refill() {
    const std::span<char> block = input_.next();
    state_.next_in = reinterpret_cast<Bytef*>(block.data());
    state_.avail_in = static_cast<uInt>(block.size());
    return !block.empty();
  }

  // False if a byte of the zero padding that tape-minded tools leave behind was passed over.
  bool begin_member() {
    if (*state_.next_in == 0) {
      ++state_.next_in;
      --state_.avail_in;
      return false;
    }
    inflateReset(&state_);
    between_members_ = false;
    return true;
  }

  CompressedInput input_;
  z_stream state_{};
  bool between_members_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> make_gzip_stream(CompressedInput input) {
  return std::make_unique<GzipStream>(std::move(input));
}

}  // namespace cachegauge
