#include "harness/replay/layers/key_naming.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "harness/core/error.h"
#include "harness/replay/layers/md5.h"

namespace cachegauge {
namespace {

// FNV-1a of 64 bits: Fowler, Noll and Vo, 1991 (Eastlake et al., "The FNV Non-Cryptographic Hash
// Algorithm", Internet-Draft draft-eastlake-fnv), most significant byte first.
void fnv1a(std::string_view key, uint8_t* digest) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : key) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  for (int i = 0; i < 8; ++i) digest[i] = static_cast<uint8_t>(hash >> (56 - 8 * i));
}

constexpr ParamInfo kBits128[] = {{"bits", "count = 128", "a multiple of 4: its first bits alone"}};
constexpr ParamInfo kBits64[] = {{"bits", "count = 64", "a multiple of 4: its last bits alone"}};

constexpr KeyHashKind kKinds[] = {
    {"md5", "128 bits, 32 hex digits", kBits128, 128, md5},
    // The last characters of a key hardly reach its first bits.
    {"fnv1a", "64 bits, 16 hex digits", kBits64, 64, fnv1a, true},
};
constexpr size_t kMostDigestBytes = 16;

}  // namespace

std::span<const KeyHashKind> key_hash_kinds() { return kKinds; }

void KeyNaming::set_hash(const Spec& spec) {
  kind_ = nullptr;
  if (spec.kind() == "none") return spec.require_known({});
  kind_ = &require_row(key_hash_kinds(), spec.kind(), "key hash");
  spec.require_known(kind_->params);
  const uint64_t bits = spec.count("bits", kind_->bits);
  if (bits < 4 || bits > kind_->bits || bits % 4 != 0) {
    throw Error::usage(fmt::format("{}:bits: expected a multiple of 4 from 4 to {}, got {}",
                                   spec.kind(), kind_->bits, bits));
  }
  bits_ = static_cast<uint32_t>(bits);
}

void KeyNaming::set_namespace(std::string_view text) {
  constexpr ParamInfo kParams[] = {{"version", "count = 1", "another one hides older entries"}};
  const Spec spec = Spec::parse(text);
  spec.require_known(kParams);
  for (const char c : spec.kind()) {
    if (c <= ' ' || c == '/' || c == 0x7f) {
      throw Error::usage(fmt::format(
          "expected a name without spaces and \"/\", such as shop, got \"{}\"", spec.kind()));
    }
  }
  const uint64_t version = spec.count("version", 1);
  namespace_ = fmt::format("{}:version={}", spec.kind(), version);
  prefix_ = fmt::format("{}:v{}:", spec.kind(), version);
}

std::string KeyNaming::hash_text() const {
  return kind_ ? fmt::format("{}:bits={}", kind_->name, bits_) : "none";
}

std::string KeyNaming::text() const {
  if (!is_set()) return "none";
  std::string text = kind_ ? hash_text() : "";
  if (!namespace_.empty()) {
    text += fmt::format("{}namespace={}", text.empty() ? "" : "+", namespace_);
  }
  return text;
}

void KeyNaming::make(std::string_view key, std::string& name) const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  name.assign(prefix_);
  if (!kind_) {
    name += key;
    return;
  }
  std::array<uint8_t, kMostDigestBytes> digest;
  kind_->hash(key, digest.data());
  const uint32_t first = kind_->from_end ? (kind_->bits - bits_) / 4 : 0;
  for (uint32_t digit = first; digit < first + bits_ / 4; ++digit) {
    const uint8_t byte = digest[digit / 2];
    name += kDigits[digit % 2 == 0 ? byte >> 4 : byte & 15];
  }
}

}  // namespace cachegauge
