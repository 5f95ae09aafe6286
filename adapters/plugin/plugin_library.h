// A shared library that implements cachegauge_plugin.h, loaded and looked over.
#pragma once

#include <string>

struct cachegauge_plugin_table;

namespace cachegauge {

// Loads the library and returns its table; both stay for the life of the process, and a path given
// twice is loaded once. Throws Error::usage for a path that is no library, a library that is no
// plug-in, one that was built for another version of the interface, or an incomplete table.
const cachegauge_plugin_table& load_plugin(const std::string& path);

}  // namespace cachegauge
