// What an application calls a key in the cache: its namespace with a version, so that another
// version makes all older entries unreachable, and the key or a hash of it, so that long keys
// become short ones of one length.
//
// Two keys with one hash are one entry: who asks for the one may get the value of the other. Of n
// keys and b bits, some n² / 2^(b+1) pairs are expected to share one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/registry.h"
#include "harness/core/spec.h"

namespace cachegauge {

struct KeyHashKind {
  std::string_view name;
  std::string_view summary;
  std::span<const ParamInfo> params;
  uint32_t bits;                                        // at most
  void (*hash)(std::string_view key, uint8_t* digest);  // bits / 8 bytes
  bool from_end = false;  // fewer bits are its last ones, and not its first
};

// `none` is not among them.
std::span<const KeyHashKind> key_hash_kinds();

class KeyNaming {
 public:
  KeyNaming() = default;  // keys go as they are

  // "md5", "fnv1a:bits=32"; none: not hashed. Throws Error::usage.
  void set_hash(const Spec& spec);
  // "shop", or "shop:version=3". Throws Error::usage.
  void set_namespace(std::string_view text);

  bool is_set() const { return kind_ || !prefix_.empty(); }
  bool is_hashed() const { return kind_ != nullptr; }
  // "none", "md5:bits=64", "namespace=shop:version=1", or both, joined by "+".
  std::string text() const;
  std::string hash_text() const;
  const std::string& namespace_text() const { return namespace_; }

  // Writes the key's name over `name`.
  void make(std::string_view key, std::string& name) const;

 private:
  const KeyHashKind* kind_ = nullptr;  // null: not hashed
  uint32_t bits_ = 0;
  std::string prefix_;  // of the namespace: "shop:v1:"
  std::string namespace_;
};

}  // namespace cachegauge
