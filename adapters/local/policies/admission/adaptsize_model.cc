#include "adapters/local/policies/admission/adaptsize_model.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace cachegauge {
namespace {

constexpr double kAsGood = 0.001;

// The probability of finding an object of the class, by the logarithm of its odds, which for a
// large object or a long time are beyond what a double holds.
double found(const ObjectClass& objects, double c, double time) {
  const double uses = objects.rate * time;
  const double log_growth = uses > 40 ? uses : std::log(std::expm1(uses));
  return 1 / (1 + std::exp(objects.size_bytes / c - log_growth));
}

double occupied(std::span<const ObjectClass> classes, double c, double time) {
  double sum = 0;
  for (const ObjectClass& one : classes) sum += one.objects * one.charge * found(one, c, time);
  return sum;
}

// The time after which an unused object has left, to one part in thousands. Infinite where all
// fits.
double characteristic_time(std::span<const ObjectClass> classes, double capacity, double c) {
  double all = 0, fastest = 0;
  for (const ObjectClass& one : classes) {
    all += one.objects * one.charge;
    fastest = std::max(fastest, one.rate);
  }
  if (all <= capacity) return HUGE_VAL;
  double low = 1 / fastest;
  while (occupied(classes, c, low) > capacity) low /= 16;
  double high = low * 2;
  while (occupied(classes, c, high) < capacity) low = std::exchange(high, high * 16);
  for (int halving = 0; halving < 14; ++halving) {
    const double middle = std::sqrt(low * high);
    (occupied(classes, c, middle) < capacity ? low : high) = middle;
  }
  return high;
}

}  // namespace

double modelled_hit_ratio(std::span<const ObjectClass> classes, double capacity, double c) {
  const double time = characteristic_time(classes, capacity, c);
  double hits = 0, requests = 0;
  for (const ObjectClass& one : classes) {
    requests += one.objects * one.rate;
    hits += one.objects * one.rate * (std::isinf(time) ? 1 : found(one, c, time));
  }
  return hits / requests;
}

double best_size_scale(std::span<const ObjectClass> classes, double capacity) {
  double smallest = HUGE_VAL, largest = 0;
  for (const ObjectClass& one : classes) {
    smallest = std::min(smallest, one.size_bytes);
    largest = std::max(largest, one.size_bytes);
  }
  // From where the largest are let in nearly always to where the smallest hardly are.
  std::vector<std::pair<double, double>> ratios;  // by c, falling
  double most = 0;
  for (double c = largest * 64; c > smallest / 8; c /= std::numbers::sqrt2) {
    ratios.emplace_back(c, modelled_hit_ratio(classes, capacity, c));
    most = std::max(most, ratios.back().second);
  }
  return std::find_if(ratios.begin(), ratios.end(),
                      [&](const auto& tried) { return tried.second >= most * (1 - kAsGood); })
      ->first;
}

}  // namespace cachegauge
