// Text from outside, made fit to stand in a language of others.
#pragma once

#include <string>
#include <string_view>

namespace cachegauge {

// Content or attribute of XML 1.0, which knows neither control characters nor U+FFFE and U+FFFF,
// however they are written: they become "?".
std::string xml_text(std::string_view text);

// GitHub-flavoured Markdown: can neither break a table nor bring HTML, links or mentions. Control
// characters become "?".
std::string markdown_text(std::string_view text);

// One word of a POSIX shell: as it is where that is safe, else in single quotes.
std::string shell_word(std::string_view text);

}  // namespace cachegauge
