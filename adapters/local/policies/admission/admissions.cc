#include "adapters/local/policies/admission/admissions.h"

#include <fmt/format.h>

#include <array>

#include "adapters/local/policies/admission/adaptsize_filter.h"
#include "adapters/local/policies/admission/doorkeeper_filter.h"
#include "adapters/local/policies/admission/probability_filter.h"
#include "adapters/local/policies/admission/size_filter.h"
#include "adapters/local/policies/admission/tinylfu_filter.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

template <class Filter>
std::unique_ptr<AdmissionFilter> make(const AdmissionSettings& settings) {
  return std::make_unique<Filter>(settings);
}

template <class Filter>
constexpr AdmissionKind row() {
  return {Filter::kInfo, make<Filter>};
}

constexpr std::array kKinds = {row<SizeFilter>(), row<ProbabilityFilter>(), row<DoorkeeperFilter>(),
                               row<TinyLfuFilter>(), row<AdaptSizeFilter>()};

// Throws for admission.p= without admission=.
void require_no_params(const Spec& spec) {
  for (const Spec::Param& param : spec.params()) {
    if (!param.name.starts_with("admission.")) continue;
    throw Error::usage(fmt::format(
        "{0}: {1}= is a parameter of a filter: say which, such as {0}:admission=tinylfu",
        spec.kind(), param.name));
  }
}

}  // namespace

std::span<const AdmissionKind> admission_kinds() { return kKinds; }

std::unique_ptr<AdmissionFilter> make_admission(const PolicySettings& settings) {
  if (!settings.spec.has("admission")) {
    require_no_params(settings.spec);
    return nullptr;
  }
  const Spec spec = settings.spec.nested("admission");
  const AdmissionKind& kind = require_row(admission_kinds(), spec.kind(), "admission");
  spec.require_known(kind.params);
  return kind.make({spec, settings.capacity, settings.seed});
}

}  // namespace cachegauge
