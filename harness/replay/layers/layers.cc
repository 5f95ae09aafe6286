#include "harness/replay/layers/layers.h"

#include <utility>

#include "harness/replay/layers/changing_session.h"
#include "harness/replay/layers/codec_session.h"
#include "harness/replay/layers/key_session.h"
#include "harness/replay/layers/value_documents.h"

namespace cachegauge {
namespace {

constexpr uint64_t kChangeDraws = uint64_t{7} << 32;  // a purpose of random streams

}  // namespace

Layers::Layers(const LayerOptions& options, double compressibility, uint64_t seed,
               Recorder& recorder)
    : options_(options), recorder_(recorder) {
  if (options.codec) documents_ = std::make_unique<ValueDocuments>(compressibility);
  if (options.change_share > 0) {
    const uint64_t draws = random_stream(seed, kChangeDraws).next();
    changes_ = std::make_unique<Changes>(options.change_share, draws, recorder);
  }
}

Layers::~Layers() = default;

// The caller changes objects: what was decoded for it, if anything was.
std::unique_ptr<Session> Layers::put_on(std::unique_ptr<Session> session) {
  if (options_.naming.is_set()) {
    session = std::make_unique<KeySession>(std::move(session), options_.naming, recorder_);
  }
  if (options_.codec) {
    session =
        std::make_unique<CodecSession>(std::move(session), *options_.codec, *documents_, recorder_);
  }
  if (changes_) session = std::make_unique<ChangingSession>(std::move(session), *changes_);
  return session;
}

}  // namespace cachegauge
