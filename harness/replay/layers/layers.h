// What an application has between itself and a cache: what it serialises values with, what it makes
// of keys, and what it does to values that it was given. Each is a session around the cache's own
// (none is there unless it is asked for), so that every cache and guard goes through it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "harness/core/session.h"
#include "harness/replay/layers/key_naming.h"

namespace cachegauge {

struct Codec;
class Recorder;
class ValueDocuments;
struct Changes;

struct LayerOptions {
  const Codec* codec = nullptr;  // null: values go as they are
  KeyNaming naming;
  uint64_t keys_in_collisions = 0;  // under it, of the workload's
  double change_share = 0;          // of hits whose value the caller changes after it has read it

  bool any() const { return codec || naming.is_set() || change_share > 0; }
};

// Those of one thread; its sessions belong to that thread, and must not outlive them.
class Layers {
 public:
  // `compressibility` is that of the values.
  Layers(const LayerOptions& options, double compressibility, uint64_t seed, Recorder& recorder);
  Layers(const Layers&) = delete;
  ~Layers();

  std::unique_ptr<Session> put_on(std::unique_ptr<Session> session);

 private:
  const LayerOptions& options_;
  Recorder& recorder_;
  std::unique_ptr<ValueDocuments> documents_;  // null without a codec
  std::unique_ptr<Changes> changes_;           // null if none are made
};

}  // namespace cachegauge
