#include "harness/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace cachegauge {

TextTableStyle terminal_style() {
  TextTableStyle style;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) style.width = size.ws_col;
  style.color = isatty(STDOUT_FILENO) && !std::getenv("NO_COLOR");
  return style;
}

}  // namespace cachegauge
