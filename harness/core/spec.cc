#include "harness/core/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "harness/core/error.h"
#include "harness/core/suggest.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

struct PasswordSpan {
  bool found = false;
  size_t begin = 0;
  size_t end = 0;
};

// Of the user:password@host… that follows "://". Where the authority has no "@", one further on may
// end a password that holds a "/", "?" or ",".
PasswordSpan find_password(std::string_view url) {
  const size_t colon = url.find(':');
  const size_t authority_end = std::min(url.find_first_of("/?,"), url.size());
  if (colon >= authority_end) return {};
  size_t at = url.substr(0, authority_end).rfind('@');
  if (at == std::string_view::npos) at = url.rfind('@');
  if (at == std::string_view::npos || at < colon) return {};
  return {true, colon + 1, at};
}

std::string hide_url_passwords(std::string_view text) {
  std::string out;
  while (true) {
    const size_t scheme = text.find("://");
    if (scheme == std::string_view::npos) return out += text;
    out += text.substr(0, scheme + 3);
    text.remove_prefix(scheme + 3);
    // Up to the next URL, which a nested spec may hold.
    const std::string_view url = text.substr(0, text.find("://"));
    const PasswordSpan password = find_password(url);
    out += url.substr(0, password.begin);
    if (password.found) out += "***";
    text.remove_prefix(password.end);
  }
}

// Of a value that begins at `begin`: its closing quote, or where another "name=" follows.
size_t end_of_value(std::string_view text, size_t begin) {
  constexpr std::string_view kBefore = " ,&";
  if (text.substr(begin).starts_with('\'')) {
    for (size_t at = begin + 1; at < text.size(); ++at) {
      if (text[at] == '\'') return at + 1;
      if (text[at] == '\\') ++at;
    }
    return text.size();
  }
  for (size_t at = text.find_first_of(kBefore, begin); at < text.size();
       at = text.find_first_of(kBefore, at + 1)) {
    size_t end = at + 1;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) ||
                                 text[end] == '_' || text[end] == '-' || text[end] == '.')) {
      ++end;
    }
    if (end > at + 1 && end < text.size() && text[end] == '=') return at;
  }
  return text.size();
}

std::string hide_named_passwords(std::string_view text) {
  constexpr std::string_view kName = "password";
  std::string out;
  while (true) {
    const size_t name = text.find(kName);
    if (name == std::string_view::npos) return out += text;
    size_t value = std::min(text.find_first_not_of(' ', name + kName.size()), text.size());
    const bool named = value < text.size() && text[value] == '=';
    if (named) value = std::min(text.find_first_not_of(' ', value + 1), text.size());
    const size_t end = named ? end_of_value(text, value) : value;
    out += text.substr(0, value);
    if (end > value) out += "***";
    text.remove_prefix(end);
  }
}

}  // namespace

Spec::Spec(std::string kind, std::vector<Param> params)
    : kind_(std::move(kind)), params_(std::move(params)) {}

Spec Spec::parse(std::string_view text) {
  const size_t colon = text.find(':');
  Spec spec(std::string(text.substr(0, colon)));
  if (spec.kind_.empty()) {
    throw Error::usage(fmt::format("expected kind or kind:name=value,…, got \"{}\"", text));
  }
  if (colon == std::string_view::npos) return spec;
  std::string_view rest = text.substr(colon + 1);
  if (rest.starts_with("//")) {
    spec.params_.push_back({"url", std::string(text)});
    return spec;
  }
  while (true) {
    const size_t comma = rest.find(',');
    const std::string_view part = rest.substr(0, comma);
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      // After password= it may be what follows a comma in it.
      const bool is_secret = hide_named_passwords(text) != text;
      throw Error::usage(fmt::format("in \"{}\": expected name=value after \"{}:\", got \"{}\"",
                                     redact_passwords(text), spec.kind_,
                                     is_secret ? "***" : redact_passwords(part)));
    }
    const std::string name(part.substr(0, equals));
    if (spec.has(name)) {
      throw Error::usage(
          fmt::format("in \"{}\": \"{}\" is given twice", redact_passwords(text), name));
    }
    spec.params_.push_back({name, std::string(part.substr(equals + 1))});
    if (comma == std::string_view::npos) return spec;
    rest.remove_prefix(comma + 1);
  }
}

std::string Spec::text() const {
  if (const std::string* url = find("url"); url && params_.size() == 1) {
    if (url->starts_with(kind_ + "://")) return *url;
  }
  std::string out = kind_;
  char separator = ':';
  for (const Param& param : params_) {
    out += fmt::format("{}{}={}", separator, param.name, param.value);
    separator = ',';
  }
  return out;
}

std::string Spec::redacted() const { return redact_passwords(text()); }

const std::string* Spec::find(std::string_view name) const {
  for (const Param& param : params_) {
    if (param.name == name) return &param.value;
  }
  return nullptr;
}

void Spec::set(std::string_view name, std::string value) {
  for (Param& param : params_) {
    if (param.name == name) {
      param.value = std::move(value);
      return;
    }
  }
  params_.push_back({std::string(name), std::move(value)});
}

template <class Parse>
auto Spec::read(std::string_view name, Parse parse_value) const {
  try {
    return parse_value(*find(name));
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}:{}: {}", kind_, name, error.what()));
  }
}

std::string Spec::text(std::string_view name, std::string_view fallback) const {
  const std::string* value = find(name);
  return value ? *value : std::string(fallback);
}

uint64_t Spec::count(std::string_view name, uint64_t fallback) const {
  return has(name) ? read(name, parse_count) : fallback;
}

uint64_t Spec::size_bytes(std::string_view name, uint64_t fallback) const {
  return has(name) ? read(name, parse_size_bytes) : fallback;
}

int64_t Spec::duration_ns(std::string_view name, int64_t fallback) const {
  return has(name) ? read(name, parse_duration_ns) : fallback;
}

double Spec::share(std::string_view name, double fallback) const {
  return has(name) ? read(name, parse_share) : fallback;
}

double Spec::number(std::string_view name, double fallback) const {
  return has(name) ? read(name, parse_number) : fallback;
}

std::string Spec::choice(std::string_view name,
                         std::initializer_list<std::string_view> valid) const {
  const std::string* value = find(name);
  if (!value) return std::string(*valid.begin());
  for (std::string_view option : valid) {
    if (option == *value) return *value;
  }
  throw Error::usage(
      unknown_name_message(fmt::format("value of {}:{}", kind_, name), *value, valid));
}

Spec Spec::nested(std::string_view name) const {
  const std::string* kind = find(name);
  if (!kind) throw Error::usage(fmt::format("{}: expected {}=…", kind_, name));
  Spec spec = Spec::parse(*kind);
  for (const Param& param : params_) {
    if (param.name.size() > name.size() + 1 && param.name.starts_with(name) &&
        param.name[name.size()] == '.') {
      spec.params_.push_back({param.name.substr(name.size() + 1), param.value});
    }
  }
  return spec;
}

void Spec::require_known(std::span<const ParamInfo> known) const {
  for (const Param& param : params_) {
    const std::string_view name = std::string_view(param.name).substr(0, param.name.find('.'));
    if (!find_row(known, name)) {
      throw Error::usage(
          unknown_name_message(fmt::format("parameter of {}", kind_), name, row_names(known)));
    }
  }
}

std::string redact_passwords(std::string_view text) {
  return hide_named_passwords(hide_url_passwords(text));
}

}  // namespace cachegauge
