#include "adapters/plugin/plugin_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "adapters/plugin/cachegauge_plugin.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr const char* kEntry = "cachegauge_plugin";

// dlopen() looks for a name without a slash where libraries are installed, not here.
std::string full_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> full(realpath(path.c_str(), nullptr),
                                                         std::free);
  if (!full) throw Error::usage(fmt::format("plugin: {}: {}", path, std::strerror(errno)));
  return full.get();
}

// What the table lacks, or null.
const char* missing_function(const cachegauge_plugin_table& table) {
  if (!table.create) return "create";
  if (!table.destroy) return "destroy";
  if (!table.open) return "open";
  if (!table.close) return "close";
  if (!table.submit) return "submit";
  return table.poll ? nullptr : "poll";
}

}  // namespace

const cachegauge_plugin_table& load_plugin(const std::string& path) {
  void* const library = dlopen(full_path(path).c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) {
    throw Error::usage(
        fmt::format("plugin: {}\nit has to be a shared library (cc -shared -fPIC) for this machine",
                    dlerror()));
  }
  using Entry = const cachegauge_plugin_table* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(library, kEntry));
  if (!entry) {
    throw Error::usage(
        fmt::format("plugin: {} has no function {}(): it exports just that one, with C linkage, as "
                    "cachegauge_plugin.h says",
                    path, kEntry));
  }
  const cachegauge_plugin_table* const table = entry();
  if (!table) throw Error::usage(fmt::format("plugin: {}() of {} returned null", kEntry, path));
  if (table->version != CACHEGAUGE_PLUGIN_VERSION) {
    throw Error::usage(fmt::format(
        "plugin: {} was built for version {} of the plug-in interface, and this cachegauge has "
        "version {}: build it anew with this release's cachegauge_plugin.h",
        path, table->version, CACHEGAUGE_PLUGIN_VERSION));
  }
  if (const char* const missing = missing_function(*table)) {
    throw Error::usage(fmt::format("plugin: the table of {} has no {}()", path, missing));
  }
  return *table;
}

}  // namespace cachegauge
