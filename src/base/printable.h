// Text of unknown origin, such as names in result files, on its way to a terminal.
#pragma once

#include <string>
#include <string_view>

namespace stoker {

// Control characters as \x1b and the like, so that they reach the eye and not the terminal; line feeds and tabs stay.
// C1 controls count when they are encoded as UTF-8, which is how a terminal would take them, and so do line separators
// and marks of writing direction (\u202e), which could make a line read as what it is not.
[[nodiscard]] std::string printable(std::string_view text);
// The same for what must stay on one line: line feeds are spelled out too.
[[nodiscard]] std::string printable_line(std::string_view text);

}  // namespace stoker
