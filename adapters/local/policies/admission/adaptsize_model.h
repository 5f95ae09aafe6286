// What share of the requests an LRU cache answers that lets objects in with probability
// exp(-size / c): the Markov model of Berger, Sitaraman, Harchol-Balter, "AdaptSize: orchestrating
// the hot object memory cache in a content delivery network", NSDI 2017.
//
// An object that is not used for a time T has left the cache, whichever it is (the approximation of
// Che, Tung, Wang, "Hierarchical web caching systems", IEEE JSAC 2002). One that is asked for at
// the rate r is then found, in the long run, with the odds exp(-size / c) × (exp(r T) - 1); T is
// such that what is found adds up to the capacity. Objects that are much alike are one class, which
// makes thousands of them out of a trace's millions.
#pragma once

#include <cstdint>
#include <span>

namespace cachegauge {

// Objects of about the same size and rate. All but their number are means over them.
struct ObjectClass {
  double objects = 0;
  double rate = 0;  // requests for one of them, in any unit of time
  double size_bytes = 0;
  double charge = 0;  // what one takes of the capacity
};

// In 0..1; c above 0.
double modelled_hit_ratio(std::span<const ObjectClass> classes, double capacity, double c);

// The c of the highest modelled hit ratio, to a factor of √2; of those within a thousandth of it
// the largest, since the model knows nothing of the misses until an object is let in at last. At
// least one class, and sizes above 0.
double best_size_scale(std::span<const ObjectClass> classes, double capacity);

}  // namespace cachegauge
