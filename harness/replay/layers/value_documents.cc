#include "harness/replay/layers/value_documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "harness/core/random.h"

namespace cachegauge {
namespace {

using nlohmann::json;

constexpr size_t kMostLines = 32;  // the rest of a large value is note
constexpr size_t kLetters = 1 << 16;

std::string random_letters(SplitMix64& random, size_t count) {
  std::string letters(count, ' ');
  for (char& letter : letters) letter = static_cast<char>('a' + random.below(26));
  return letters;
}

// Its JSON has the same length whatever it draws: one digit, three with two decimals, eight
// letters.
json make_line(size_t number) {
  SplitMix64 random(number);
  const uint64_t cents = (1000 + random.below(9000)) * 10 + 1 + random.below(9);
  return {{"count", 1 + random.below(9)},
          {"price", static_cast<double>(cents) / 100},
          {"sku", random_letters(random, 8)}};
}

json make_order(size_t lines) {
  json order = {{"key", 0u}, {"lines", json::array()}, {"note", ""}, {"size", 0u}, {"version", 0u}};
  for (size_t i = 0; i < lines; ++i) order["lines"].push_back(make_line(i));
  return order;
}

size_t digits(uint64_t number) { return fmt::formatted_size("{}", number); }

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(c));
  return text;
}

bool append_unhexed(const std::string& text, std::string& bytes) {
  const auto nibble = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c - 'a' + 10; };
  const bool whole = text.size() % 2 == 0 && std::ranges::all_of(text, [&](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                     });
  if (!whole) return false;
  for (size_t at = 0; at < text.size(); at += 2) {
    bytes += static_cast<char>(nibble(text[at]) << 4 | nibble(text[at + 1]));
  }
  return true;
}

// A member that is a number of this kind, at most as large.
std::optional<uint64_t> number_in(const json& document, const char* name, uint64_t largest) {
  const auto found = document.find(name);
  if (found == document.end() || !found->is_number_integer()) return std::nullopt;
  if (!found->is_number_unsigned() && found->get<int64_t>() < 0) return std::nullopt;
  const auto number = found->get<uint64_t>();
  return number <= largest ? std::optional(number) : std::nullopt;
}

json envelope_json(const Envelope& envelope) {
  return {envelope.fresh_until_ns, envelope.read_ns, envelope.recompute_ns};
}

std::optional<Envelope> read_envelope_json(const json& times, uint64_t key_hash) {
  if (!times.is_array() || times.size() != 3) return std::nullopt;
  for (const json& time : times) {
    if (!time.is_number_integer()) return std::nullopt;
  }
  return Envelope{.key_hash = key_hash,
                  .fresh_until_ns = times[0].get<int64_t>(),
                  .read_ns = times[1].get<int64_t>(),
                  .recompute_ns = times[2].get<int64_t>()};
}

}  // namespace

ValueDocuments::ValueDocuments(double compressibility)
    : values_(compressibility),
      line_bytes_(make_line(0).dump().size()),
      empty_bytes_(make_order(0).dump().size() - 3),
      plain_(kMostLines + 1),
      enveloped_(kMostLines + 1) {
  SplitMix64 random(42);
  letters_ = random_letters(random, kLetters);
}

std::optional<ValueDocuments::Header> ValueDocuments::read_header(std::string_view value,
                                                                  uint64_t key_hash) {
  if (value.size() < kValueHeaderBytes) return std::nullopt;
  Header header;
  std::memcpy(&header, value.data(), kValueHeaderBytes);
  if (header.key_hash != key_hash || header.size_bytes != value.size()) return std::nullopt;
  return header;
}

const json& ValueDocuments::of(std::string_view value, uint64_t key_hash) {
  if (const auto header = read_header(value, key_hash)) return order(*header, nullptr);
  if (const auto envelope = read_envelope(value, key_hash)) {
    const auto header = read_header(value.substr(kEnvelopeBytes), key_hash);
    if (header) return order(*header, &*envelope);
  }
  raw_ = {{"raw", hex(value)}};
  return raw_;
}

json& ValueDocuments::form(size_t lines, bool enveloped) {
  json& order = enveloped ? enveloped_[lines] : plain_[lines];
  if (order.is_null()) order = make_order(lines);
  return order;
}

// As many as fit, a comma between two.
size_t ValueDocuments::line_count(const Header& header) const {
  const size_t taken =
      empty_bytes_ + digits(header.key_hash) + digits(header.version) + digits(header.size_bytes);
  if (header.size_bytes <= taken) return 0;
  return std::min(kMostLines, (header.size_bytes - taken + 1) / (line_bytes_ + 1));
}

// What lines leave of the value's size.
size_t ValueDocuments::note_bytes(const Header& header, size_t lines) const {
  const size_t taken = empty_bytes_ + digits(header.key_hash) + digits(header.version) +
                       digits(header.size_bytes) + lines * line_bytes_ +
                       (lines > 0 ? lines - 1 : 0);
  return header.size_bytes > taken ? header.size_bytes - taken : 0;
}

void ValueDocuments::write_note(const Header& header, size_t lines, std::string& note) const {
  size_t left = note_bytes(header, lines);
  size_t from = (header.key_hash ^ header.version) % kLetters;
  note.clear();
  while (left > 0) {
    const size_t piece = std::min(left, kLetters - from);
    note.append(letters_, from, piece);
    left -= piece;
    from = 0;
  }
}

const json& ValueDocuments::order(const Header& header, const Envelope* envelope) {
  const size_t lines = line_count(header);
  json& order = form(lines, envelope != nullptr);
  order["key"] = header.key_hash;
  order["version"] = header.version;
  order["size"] = header.size_bytes;
  write_note(header, lines, order["note"].get_ref<std::string&>());
  if (envelope) order["envelope"] = envelope_json(*envelope);
  return order;
}

// Lines and note as order() makes them.
bool ValueDocuments::is_whole(const json& document, const Header& header) {
  const auto lines = document.find("lines"), note = document.find("note");
  if (lines == document.end() || note == document.end() || !note->is_string()) return false;
  const size_t count = line_count(header);
  const auto& text = note->get_ref<const std::string&>();
  if (text.size() != note_bytes(header, count) || *lines != form(count, false)["lines"]) {
    return false;
  }
  write_note(header, count, note_);
  return text == note_;
}

bool ValueDocuments::append_value(const json& document, std::string& value) {
  if (!document.is_object()) return false;
  if (const auto raw = document.find("raw"); raw != document.end()) {
    return raw->is_string() && append_unhexed(raw->get_ref<const std::string&>(), value);
  }
  const auto key = number_in(document, "key", UINT64_MAX);
  const auto version = number_in(document, "version", UINT32_MAX);
  const auto size = number_in(document, "size", UINT32_MAX);
  if (!key || !version || !size) return false;
  const Header header{*key, static_cast<uint32_t>(*version), static_cast<uint32_t>(*size)};
  // Before anything of that size is made.
  if (header.size_bytes < kValueHeaderBytes || !is_whole(document, header)) return false;
  const auto times = document.find("envelope");
  if (times == document.end()) {
    value += values_.make(header.key_hash, header.version, header.size_bytes);
    return true;
  }
  const auto envelope = read_envelope_json(*times, header.key_hash);
  if (!envelope) return false;
  value += values_.make(*envelope, header.key_hash, header.version, header.size_bytes);
  return true;
}

}  // namespace cachegauge
