// A pattern for each class of keys. A key's class is its text before the first ":", as keys of an
// application are mostly named: "session:42" is of the class "session".
#include <fmt/format.h>

#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/key_class.h"
#include "harness/replay/patterns.h"
#include "harness/replay/patterns/access_pattern.h"

namespace cachegauge {
namespace {

class ByClass final : public AccessPattern {
 public:
  explicit ByClass(const Spec& spec) {
    for (const Spec::Param& param : spec.params()) {
      const size_t dot = param.name.find('.');
      if (dot == std::string::npos) {
        add(spec, param.name);
      } else if (const std::string name = param.name.substr(0, dot); !spec.has(name)) {
        throw Error::usage(fmt::format("{}:{}: the class \"{}\" has no pattern: give {}=…",
                                       spec.kind(), param.name, name, name));
      }
    }
    if (parts_.empty()) {
      throw Error::usage(
          "by-class: expected a pattern for each class of keys, such as "
          "by-class:session=write-through,other=cache-aside:on-write=delete");
    }
    if (!spec.has(kOtherClass)) add_part(std::string(kOtherClass), Spec("cache-aside"));
  }

  void join(Application& application) override {
    AccessPattern::join(application);
    for (Part& part : parts_) part.pattern->join(application);
  }
  Task<bool> read(Client& client) override { return of(client).read(client); }
  Task<bool> write(Client& client) override { return of(client).write(client); }
  std::vector<ClassLabel> classes() const override {
    std::vector<ClassLabel> labels;
    for (const Part& part : parts_) labels.push_back(part.label);
    return labels;
  }
  void count_queued() override {
    for (Part& part : parts_) part.pattern->count_queued();
  }
  void drain() override {
    for (Part& part : parts_) part.pattern->drain();
  }

 private:
  struct Part {
    ClassLabel label;
    std::unique_ptr<AccessPattern> pattern;
  };

  void add(const Spec& spec, const std::string& name) { add_part(name, spec.nested(name)); }

  // Of cache-aside without a word on writes, those go to the origin like all others.
  void add_part(const std::string& name, Spec part) {
    const PatternKind& kind = require_row(pattern_kinds(), part.kind(), "pattern");
    if (kind.make == make_by_class) {
      throw Error::usage(fmt::format("by-class:{}: classes have no classes of their own", name));
    }
    if (part.kind() == "cache-aside" && !part.has("on-write")) part.set("on-write", "delete");
    part.require_known(kind.params);
    parts_.push_back({{name, part.text()}, kind.make(part)});
  }

  AccessPattern& of(Client& client) {
    const std::string_view key = client.request().key;
    const std::string_view name = key_class(key.substr(client.shared().key_prefix_bytes));
    AccessPattern* other = nullptr;
    for (Part& part : parts_) {
      if (part.label.name == name) return *part.pattern;
      if (part.label.name == kOtherClass) other = part.pattern.get();
    }
    return *other;
  }

  std::vector<Part> parts_;
};

}  // namespace

std::unique_ptr<AccessPattern> make_by_class(const Spec& spec) {
  return std::make_unique<ByClass>(spec);
}

}  // namespace cachegauge
