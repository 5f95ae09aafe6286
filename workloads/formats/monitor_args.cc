#include "workloads/formats/monitor_args.h"

#include <charconv>

namespace cachegauge {
namespace {

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The bytes of the escape at `p`, its backslash included; 0 if it is none.
size_t escape_bytes(const char* p, const char* end) {
  constexpr std::string_view kLetters = "\\\"nrtab";
  if (end - p < 2) return 0;
  if (kLetters.find(p[1]) != std::string_view::npos) return 2;
  return end - p >= 4 && p[1] == 'x' && is_hex(p[2]) && is_hex(p[3]) ? 4 : 0;
}

char escaped_byte(const char* p) {
  switch (p[1]) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'x': {
      unsigned value = 0;
      std::from_chars(p + 2, p + 4, value, 16);
      return static_cast<char>(value);
    }
    default:
      return p[1];
  }
}

// Moves `p` from the opening quote behind the closing one; false, with `p` at the fault, if there
// is none or an escape is wrong.
bool read_arg(char*& p, char* end, MonitorArg& arg) {
  if (p == end || *p != '"') return false;
  arg = {++p, p, 0};
  for (; p != end && *p != '"'; ++arg.size_bytes) {
    const size_t bytes = *p == '\\' ? escape_bytes(p, end) : 1;
    if (bytes == 0) return false;
    p += bytes;
  }
  arg.end = p;
  if (p == end) return false;
  ++p;
  return true;
}

}  // namespace

char* read_monitor_args(char* p, char* end, std::vector<MonitorArg>& args) {
  args.clear();
  while (true) {
    MonitorArg arg;
    if (!read_arg(p, end, arg)) return p;
    args.push_back(arg);
    if (p == end) return nullptr;
    if (*p != ' ') return p;
    ++p;
  }
}

std::string_view unescape(const MonitorArg& arg) {
  if (!arg.has_escapes()) return arg.raw();
  char* to = arg.begin;
  for (const char* from = arg.begin; from != arg.end;) {
    const bool escaped = *from == '\\';
    *to++ = escaped ? escaped_byte(from) : *from;
    from += escaped ? escape_bytes(from, arg.end) : 1;
  }
  *to = '"';
  return {arg.begin, to};
}

}  // namespace cachegauge
