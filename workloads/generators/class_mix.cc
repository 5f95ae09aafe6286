#include "workloads/generators/class_mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/random.h"
#include "workloads/generators/arrivals.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

constexpr uint64_t kMixPurpose = 0x636c617373;  // of the classes' random stream

constexpr ParamInfo kMixParams[] = {
    {"requests", "count = 1M", "how many requests, of all classes together"},
    {"seed", "count = 42", "the same seed gives the same requests, always"},
    {"rate", "number", "requests a second: gives them arrival times"},
    {"arrival", "poisson | constant | onoff = poisson", "how they arrive; arrival.on, arrival.off"},
    {"label", "text", "what reports call it, in place of all this"},
    {"CLASS", "generator", "keys that begin with \"CLASS:\"; CLASS.name=value: its parameters"},
    {"CLASS.share", "weight = 1", "of the class among all"},
};

// What is the mix's to say, and of a class.
constexpr std::string_view kOfTheMix[] = {"requests", "seed", "rate", "arrival", "label"};
constexpr std::string_view kNotOfAClass[] = {"requests", "rate", "arrival", "key",
                                             "compressibility"};

bool is_of_the_mix(std::string_view name) {
  return std::ranges::find(kOfTheMix, name) != std::end(kOfTheMix);
}

struct KeyClass {
  std::string name;
  double up_to = 0;  // cumulative share
  std::shared_ptr<const Workload> workload;
};

struct Mix {
  uint64_t requests;
  uint64_t seed;
  ArrivalSpec arrivals;
  std::vector<KeyClass> classes;
};

class MixSource final : public RequestSource {
 public:
  explicit MixSource(const Mix& mix)
      : mix_(mix),
        random_(random_stream(mix.seed, kMixPurpose)),
        arrivals_(mix.arrivals, mix.seed),
        left_(mix.requests) {
    for (const KeyClass& part : mix.classes) sources_.push_back({part.workload->open(), {}, 0, 0});
  }

  size_t read(std::span<Request> out) override {
    const size_t count = std::min<uint64_t>(out.size(), left_);
    left_ -= count;
    keys_.resize(std::max(keys_.size(), count));
    for (size_t i = 0; i < count; ++i) {
      const double u = random_.uniform();
      size_t drawn = 0;
      while (mix_.classes[drawn].up_to <= u) ++drawn;
      out[i] = next_of(drawn);
      keys_[i] = fmt::format("{}:{}", mix_.classes[drawn].name, out[i].integer_key);
      out[i].text_key = keys_[i];
    }
    if (mix_.arrivals.carries_time()) arrivals_.assign(out.first(count));
    return count;
  }

 private:
  struct Source {
    std::unique_ptr<RequestSource> source;
    std::array<Request, 64> batch;
    size_t at, ready;
  };

  // A class has as many requests as there are in all, so that it never ends first.
  const Request& next_of(size_t drawn) {
    Source& source = sources_[drawn];
    if (source.at == source.ready) {
      source.ready = source.source->read(source.batch);
      source.at = 0;
    }
    return source.batch[source.at++];
  }

  const Mix& mix_;
  SplitMix64 random_;
  Arrivals arrivals_;
  uint64_t left_;
  std::vector<Source> sources_;
  std::vector<std::string> keys_;
};

class ClassMix final : public Workload {
 public:
  ClassMix(Spec spec, Mix mix) : spec_(std::move(spec)), mix_(std::move(mix)) {
    traits_.format = spec_.kind();
    traits_.carries_time = mix_.arrivals.carries_time();
    traits_.requests = mix_.requests;
    for (const KeyClass& part : mix_.classes) {
      traits_.has_sets |= part.workload->traits().has_sets;
      traits_.key_classes.push_back(part.name);
    }
  }
  const Spec& spec() const override { return spec_; }
  const WorkloadTraits& traits() const override { return traits_; }
  std::unique_ptr<RequestSource> open() const override { return std::make_unique<MixSource>(mix_); }

 private:
  const Spec spec_;
  const Mix mix_;
  WorkloadTraits traits_;
};

// The generator of a class, whose parameters are filled in.
Spec read_class(const Spec& spec, const std::string& name, const Mix& mix, double* share) {
  if (name.empty() || name.find_first_of(":/ ") != std::string::npos) {
    throw Error::usage(fmt::format(
        "{}: a class's name has no \":\", \"/\" or space in it, got \"{}\"", spec.kind(), name));
  }
  const Spec given = spec.nested(name);
  if (given.kind() == "trace" || given.kind() == spec.kind()) {
    throw Error::usage(fmt::format("{}:{}: expected a generator, such as zipf, got \"{}\"",
                                   spec.kind(), name, given.kind()));
  }
  Spec part(given.kind());
  for (const Spec::Param& param : given.params()) {
    const std::string first = param.name.substr(0, param.name.find('.'));
    if (std::ranges::find(kNotOfAClass, first) != std::end(kNotOfAClass)) {
      throw Error::usage(fmt::format("{}:{}.{}: that is no class's own: leave it out{}",
                                     spec.kind(), name, param.name,
                                     is_of_the_mix(first) ? ", or say it of the whole" : ""));
    }
    if (param.name != "share") part.set(param.name, param.value);
  }
  *share = given.number("share", 1);
  if (*share <= 0) {
    throw Error::usage(fmt::format("{}:{}.share: expected a weight above 0", spec.kind(), name));
  }
  part.set("requests", std::to_string(mix.requests));
  if (!part.has("seed")) part.set("seed", std::to_string(mix.seed + mix.classes.size() + 1));
  return part;
}

uint64_t read_requests(Spec& spec) {
  if (!spec.has("requests")) spec.set("requests", "1M");
  if (!spec.has("seed")) spec.set("seed", "42");
  const uint64_t requests = spec.count("requests", 0);
  if (requests > 0) return requests;
  throw Error::usage(fmt::format("{}:requests: expected at least 1", spec.kind()));
}

}  // namespace

std::span<const ParamInfo> class_mix_params() { return kMixParams; }

std::unique_ptr<Workload> make_class_mix(const Spec& given) {
  Spec spec = given;
  Mix mix{.requests = read_requests(spec), .seed = 0, .arrivals = {}, .classes = {}};
  mix.seed = spec.count("seed", 0);
  mix.arrivals = read_arrivals(spec, mix.requests);
  double total = 0;
  for (const Spec::Param& param : given.params()) {
    const std::string name = param.name.substr(0, param.name.find('.'));
    if (is_of_the_mix(name)) continue;
    if (name.size() < param.name.size()) {
      if (given.has(name)) continue;
      throw Error::usage(fmt::format("{}:{}: the class \"{}\" has no generator: give {}=zipf",
                                     spec.kind(), param.name, name, name));
    }
    double share = 0;
    std::shared_ptr<const Workload> workload = make_workload(read_class(spec, name, mix, &share));
    for (const Spec::Param& filled : workload->spec().params()) {
      if (filled.name != "requests") spec.set(name + "." + filled.name, filled.value);
    }
    total += share;
    mix.classes.push_back({name, total, std::move(workload)});
  }
  if (mix.classes.empty()) {
    throw Error::usage(fmt::format(
        "{}: expected a generator for each class of keys, such as {}:product=zipf,session=uniform",
        spec.kind(), spec.kind()));
  }
  for (KeyClass& part : mix.classes) part.up_to /= total;
  mix.classes.back().up_to = 1;
  return std::make_unique<ClassMix>(std::move(spec), std::move(mix));
}

}  // namespace cachegauge
