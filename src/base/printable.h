// Text of unknown origin, such as names of files and columns, result files, or what another program says, on its way to
// a terminal or a log. Those who print do this, so that nobody who makes a message has to: app/cli/console.h,
// app/cli/error_text.h, workloads/training/reporter.h, base/log.h, cluster/launch/process.h (for the output of a
// child), and the reports.
#pragma once

#include <string>
#include <string_view>

namespace stoker {

// Control characters and bytes that are no UTF-8 as \x1b and the like, so that they reach the eye and not the terminal;
// line feeds and tabs stay. C1 controls count when they are encoded as UTF-8, which is how a terminal would take them,
// and so do line separators and marks of writing direction (\u202e), which could make a line read as what it is not.
[[nodiscard]] std::string printable(std::string_view text);
// The same for what must stay on one line: line feeds are spelled out too.
[[nodiscard]] std::string printable_line(std::string_view text);

// The same for text that comes piece by piece, cut anywhere. What redraws a line stays, too: carriage returns, and
// "\x1b[K" and "\x1b[2K", which empty it.
class PrintableStream {
 public:
  [[nodiscard]] std::string feed(std::string_view text);
  [[nodiscard]] std::string finish();  // what was held back; the stream can begin anew

 private:
  std::string held_;  // the beginning of a character or of what empties a line, 3 bytes at most
};

}  // namespace stoker
