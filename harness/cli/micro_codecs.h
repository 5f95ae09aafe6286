// The benchmarks of serialisation, which stand beside those of caches: what an application pays for
// its objects on top of a get or a set. encode/CODEC/value:SIZE and decode/CODEC/value:SIZE, with
// nlohmann's encoders and decoders, of a document whose JSON is SIZE bytes long.
#pragma once

#include <span>
#include <string>

namespace cachegauge {

// Registers both benchmarks of each codec (none, json, msgpack, cbor) and value with Google
// Benchmark. Throws Error::usage for an unknown codec, and for a value that is no number of bytes
// or has no room for a document.
void register_codecs(std::span<const std::string> names, std::span<const std::string> values);

}  // namespace cachegauge
