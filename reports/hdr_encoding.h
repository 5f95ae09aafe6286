// HdrHistogram's V2 compressed encoding in base64: what the tools around HdrHistogram (Java, C,
// JavaScript, Rust, Go, …) read and write. Format: Gil Tene, "HdrHistogram" (2012-), class
// EncodableHistogram and the layout notes of its encodeIntoByteBuffer.
//
// Our buckets are those of 2 significant digits from 1 to Histogram::kHighest - 1, so counts go
// over one to one. The encoding has no room for the exact minimum, maximum and sum: other tools
// show the edges of the outermost buckets instead, and reports carry the exact figures beside it.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/histogram.h"

namespace cachegauge {

std::string encode_hdr_histogram(const Histogram& histogram);

// The counts are those encoded; minimum and maximum are the edges of the outermost buckets, and the
// sum is that of the buckets' midpoints. Memory is bounded whatever the text. Throws Error::failed
// for text that is cut short, damaged, or encodes another layout of buckets.
Histogram decode_hdr_histogram(std::string_view base64);

}  // namespace cachegauge
