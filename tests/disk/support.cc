#include "tests/disk/support.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "adapters/disk/disk_kinds.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

AdapterKind kind_of(const std::string& name) {
  for (const AdapterKind& kind : disk_adapter_kinds()) {
    if (kind.name == name) return kind;
  }
  throw Error::usage(name);
}

}  // namespace

std::unique_ptr<Adapter> make_disk(const std::string& text, const AdapterSettings& settings) {
  const Spec spec = Spec::parse(text);
  const AdapterKind kind = kind_of(spec.kind());
  spec.require_known(kind.params);
  return kind.make(spec, settings);
}

std::unique_ptr<Adapter> start_disk(const std::string& spec, const AdapterSettings& settings) {
  auto adapter = make_disk(spec, settings);
  adapter->start();
  return adapter;
}

bool is_built(const std::string& kind) { return kind_of(kind).make != nullptr; }

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

size_t count_files(const std::string& folder) {
  std::error_code error;
  const std::filesystem::directory_iterator files(folder, error);
  return error ? 0 : static_cast<size_t>(std::distance(begin(files), end(files)));
}

}  // namespace cachegauge
