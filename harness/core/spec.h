// One grammar for everything that can be chosen: `kind` or `kind:name=value,name=value`, safe in a
// shell. `redis://host:6379/2` is a spec of kind `redis` whose parameter `url` is the whole text. A
// nested spec is dotted: in `tiered:l1=lru,l1.capacity=64MiB`, nested("l1") is
// `lru:capacity=64MiB`.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/registry.h"

namespace cachegauge {

class Spec {
 public:
  struct Param {
    std::string name;
    std::string value;
    bool operator==(const Param&) const = default;
  };

  Spec() = default;
  explicit Spec(std::string kind, std::vector<Param> params = {});

  // Throws Error::usage for an empty kind, a parameter without "=", or one given twice.
  static Spec parse(std::string_view text);

  const std::string& kind() const { return kind_; }
  const std::vector<Param>& params() const { return params_; }
  // The canonical text: parse(text()) == *this.
  std::string text() const;
  // text() with each password in it hidden: what reports, logs and process titles may show.
  std::string redacted() const;

  bool has(std::string_view name) const { return find(name) != nullptr; }
  const std::string* find(std::string_view name) const;
  void set(std::string_view name, std::string value);

  // Typed reading. A value that does not parse throws Error::usage with the parameter's name.
  std::string text(std::string_view name, std::string_view fallback) const;
  uint64_t count(std::string_view name, uint64_t fallback) const;
  uint64_t size_bytes(std::string_view name, uint64_t fallback) const;
  int64_t duration_ns(std::string_view name, int64_t fallback) const;
  double share(std::string_view name, double fallback) const;
  double number(std::string_view name, double fallback) const;
  // One of `valid`, the first being the default; otherwise an error that lists the nearest.
  std::string choice(std::string_view name, std::initializer_list<std::string_view> valid) const;

  Spec nested(std::string_view name) const;

  // Throws Error::usage for a parameter that is not in `known` (dotted ones by their first part).
  void require_known(std::span<const ParamInfo> known) const;

  bool operator==(const Spec&) const = default;

 private:
  template <class Parse>
  auto read(std::string_view name, Parse parse_value) const;

  std::string kind_;
  std::vector<Param> params_;
};

// Any text with the password of each URL in it, and each "password=…" of a connection string,
// replaced by "***"; text without one is returned as it is. A URL's password that holds "/", "?" or
// "," unescaped is hidden too, and the other kind up to the next "&" or ",", spaces included unless
// another "name=" follows: when in doubt, more is hidden.
std::string redact_passwords(std::string_view text);

}  // namespace cachegauge
