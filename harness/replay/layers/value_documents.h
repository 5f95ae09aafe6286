// The objects that an application would have where the harness has values (value.h): an order with
// its lines and a note, whose JSON is as long as the value, with the header's fields as numbers.
//
// What a codec gives back stands for a value if every part of it is as it was made: numbers, lines
// and note follow from key, version and size. Values that have no header (fewer than 16 bytes, and
// the tokens of locks) go as hexadecimal text; those under 100 bytes or so take more than their
// size.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/replay/value.h"

namespace cachegauge {

class ValueDocuments {
 public:
  // `compressibility` as of the values.
  explicit ValueDocuments(double compressibility);

  // Valid until the next call.
  const nlohmann::json& of(std::string_view value, uint64_t key_hash);

  // Appends the value that a document stands for; false, with nothing appended, if it stands for
  // none.
  bool append_value(const nlohmann::json& document, std::string& value);

 private:
  // What of() was given.
  struct Header {
    uint64_t key_hash = 0;
    uint32_t version = 0;
    uint32_t size_bytes = 0;
  };
  static std::optional<Header> read_header(std::string_view value, uint64_t key_hash);

  const nlohmann::json& order(const Header& header, const Envelope* envelope);
  nlohmann::json& form(size_t lines, bool enveloped);
  size_t line_count(const Header& header) const;
  size_t note_bytes(const Header& header, size_t lines) const;
  void write_note(const Header& header, size_t lines, std::string& note) const;
  bool is_whole(const nlohmann::json& document, const Header& header);

  ValueMaker values_;
  size_t line_bytes_ = 0;   // of JSON, all alike
  size_t empty_bytes_ = 0;  // of an order without lines, note, and digits of its numbers
  std::string letters_;     // that notes are cut from
  std::string note_;
  std::vector<nlohmann::json> plain_, enveloped_;  // by the number of lines; null: not yet made
  nlohmann::json raw_;
};

}  // namespace cachegauge
