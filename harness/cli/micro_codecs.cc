#include "harness/cli/micro_codecs.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "harness/cli/interrupts.h"
#include "harness/core/error.h"
#include "harness/core/random.h"
#include "harness/core/registry.h"
#include "harness/core/units.h"
#include "harness/replay/layers/codecs.h"

namespace cachegauge {
namespace {

std::string random_letters(SplitMix64& random, size_t count) {
  std::string letters(count, ' ');
  for (char& letter : letters) letter = static_cast<char>('a' + random.below(26));
  return letters;
}

nlohmann::json random_line(SplitMix64& random) {
  return {{"sku", random_letters(random, 8)},
          {"count", 1 + random.below(9)},
          {"price", static_cast<double>(random.below(100'000)) / 100}};
}

// An order with as many lines as fit, and a note that makes up the rest: numbers, texts, lists and
// objects in the proportions of many applications. Small ones are a note alone.
nlohmann::json make_document(size_t json_bytes) {
  SplitMix64 random(42);
  nlohmann::json order = {{"id", 1'000'000 + random.below(1'000'000)},
                          {"paid", true},
                          {"lines", nlohmann::json::array()},
                          {"note", ""}};
  if (order.dump().size() > json_bytes) order = {{"note", ""}};
  size_t size = order.dump().size();
  if (size > json_bytes) {
    throw Error::usage(fmt::format(
        "--codec: a document takes at least {} bytes, and a value has {}", size, json_bytes));
  }
  while (order.contains("lines")) {
    nlohmann::json line = random_line(random);
    const size_t more = line.dump().size() + (order["lines"].empty() ? 0 : 1);
    if (size + more > json_bytes) break;
    size += more;
    order["lines"].push_back(std::move(line));
  }
  order["note"] = random_letters(random, json_bytes - size);
  return order;
}

// A codec with what it works on.
class CodecBenchmark {
 public:
  CodecBenchmark(const Codec& codec, size_t value_bytes) : codec_(codec) {
    document_ = make_document(value_bytes);
    if (codec.of_text) document_ = document_.dump();
    codec_.encode(document_, bytes_);
    if (codec_.decode(bytes_) != document_) {
      throw Error::failed(fmt::format("{} did not give the document back: a bug", codec.name));
    }
  }

  void encode(benchmark::State& state) const {
    std::string bytes;
    bytes.reserve(bytes_.size());
    measure(state, [&] {
      bytes.clear();
      codec_.encode(document_, bytes);
      benchmark::DoNotOptimize(bytes.data());
    });
  }

  // And frees what it has made.
  void decode(benchmark::State& state) const {
    measure(state, [&] { benchmark::DoNotOptimize(codec_.decode(bytes_)); });
  }

 private:
  template <class Work>
  void measure(benchmark::State& state, Work work) const {
    for (auto iteration : state) {
      (void)iteration;
      work();
      if (interrupted().load(std::memory_order_relaxed)) {
        state.SkipWithError("interrupted");
        break;
      }
    }
    if (state.error_occurred()) return;
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes_.size()));
    state.counters["encoded_bytes"] = static_cast<double>(bytes_.size());
  }

  const Codec& codec_;
  nlohmann::json document_;
  std::string bytes_;
};

size_t size_of(const std::string& value) {
  if (value.find_first_not_of("0123456789") == std::string::npos) return parse_size_bytes(value);
  throw Error::usage(
      fmt::format("--codec takes documents of a size in bytes, and the value size is \"{}\": give "
                  "--value-size 100,1KiB",
                  value));
}

}  // namespace

void register_codecs(std::span<const std::string> names, std::span<const std::string> values) {
  for (const std::string& name : names) {
    const Codec& codec = require_row(codecs(), name, "codec");
    for (const std::string& value : values) {
      const auto made = std::make_shared<const CodecBenchmark>(codec, size_of(value));
      const auto add = [&](const char* what, void (CodecBenchmark::*run)(benchmark::State&) const) {
        benchmark::RegisterBenchmark(
            fmt::format("{}/{}/value:{}", what, name, value).c_str(),
            [made, run](benchmark::State& state) { (made.get()->*run)(state); });
      };
      add("encode", &CodecBenchmark::encode);
      add("decode", &CodecBenchmark::decode);
    }
  }
}

}  // namespace cachegauge
