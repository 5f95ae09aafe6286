// How an application turns its objects into the bytes that a cache keeps, and back: nlohmann's
// encoders and decoders.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

namespace cachegauge {

struct Codec {
  std::string_view name;
  std::string_view summary;
  void (*encode)(const nlohmann::json& document, std::string& bytes);  // appends
  // Throws nlohmann::json::exception for bytes that are no document.
  nlohmann::json (*decode)(std::string_view bytes);
  bool of_text = false;  // its documents are texts: the JSON of the others'
};

// The first is `none`: values as they are.
std::span<const Codec> codecs();

}  // namespace cachegauge
