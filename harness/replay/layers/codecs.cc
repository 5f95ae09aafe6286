#include "harness/replay/layers/codecs.h"

#include <nlohmann/json.hpp>

namespace cachegauge {
namespace {

using nlohmann::json;

constexpr Codec kCodecs[] = {
    {"none", "bytes as they are",
     [](const json& document, std::string& bytes) {
       bytes.append(document.get_ref<const std::string&>());
     },
     [](std::string_view bytes) { return json(bytes); }, true},
    {"json", "text",
     [](const json& document, std::string& bytes) { bytes.append(document.dump()); },
     [](std::string_view bytes) { return json::parse(bytes.begin(), bytes.end()); }},
    {"msgpack", "MessagePack, binary",
     [](const json& document, std::string& bytes) { json::to_msgpack(document, bytes); },
     [](std::string_view bytes) { return json::from_msgpack(bytes.begin(), bytes.end()); }},
    {"cbor", "CBOR (RFC 8949), binary",
     [](const json& document, std::string& bytes) { json::to_cbor(document, bytes); },
     [](std::string_view bytes) { return json::from_cbor(bytes.begin(), bytes.end()); }},
};

}  // namespace

std::span<const Codec> codecs() { return kCodecs; }

}  // namespace cachegauge
