// A stampede for the tests of this box.
#pragma once

#include "harness/core/stampede_report.h"

namespace cachegauge {

// none, token-lock and swr on redis in virtual time: 1,000 requests a second, 50 ms, 4 episodes.
StampedeReport sample_stampede();

// token-lock on redis and on memcached in real time, flushed twice, with all that can go wrong.
StampedeReport flushed_stampede();

}  // namespace cachegauge
