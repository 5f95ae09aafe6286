// Encodes the values that go into a cache, and decodes those that come out of it.
//
// Each is timed by itself (codec_time_ns). In process, the service time of a command is that of the
// cache, the encoding and the decoding; making and checking documents is none of it. Over a network
// a command completes when its value is decoded, and starts when it is sent, encoded.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/session.h"
#include "harness/replay/layers/codecs.h"
#include "harness/replay/layers/value_documents.h"
#include "harness/replay/recorder.h"

namespace cachegauge {

class CodecSession final : public Session {
 public:
  // `documents` are the thread's; everything outlives the session.
  CodecSession(std::unique_ptr<Session> cache, const Codec& codec, ValueDocuments& documents,
               Recorder& recorder)
      : cache_(std::move(cache)), codec_(codec), documents_(documents), recorder_(recorder) {}

  void submit(std::span<const Command> commands) override;
  size_t poll(std::span<Completion> out) override;
  bool execute(const Command& command, Completion& completion) override;

 private:
  // The command with its value encoded, and when that began and ended (0 without a value).
  struct Encoded {
    Command command;
    int64_t begin_ns = 0, end_ns = 0;
  };
  Encoded encode(const Command& command);
  // Appends the value, and returns when it was decoded. What cannot be decoded is appended as it
  // is: no check will take it for a value.
  int64_t decode(std::string_view bytes, int64_t begin_ns, std::string& value);

  const std::unique_ptr<Session> cache_;
  const Codec& codec_;
  ValueDocuments& documents_;
  Recorder& recorder_;
  std::string encoded_;
  std::string values_;  // what was handed out last
  std::vector<size_t> ends_;
};

}  // namespace cachegauge
