// What of a program's output is worth keeping in a file: all but live progress.
#pragma once

#include <string>
#include <string_view>

namespace stoker::launch {

// A live update is what follows a '\r', up to the next '\r' or the end of the line. It is dropped, and its line end
// with it when nothing else stands on the line. Kept are the text before a line's first '\r' (so "\r\n" ends a line
// like any other), and, on a line of its own, the last update when it begins with "\x1b[K" or "\x1b[2K": erase the
// progress, then write something that stays.
class LogFilter {
 public:
  // Appends to `kept` what of `piece` is to be kept. Pieces may be cut anywhere; text is passed on without waiting for
  // its line's end.
  void feed(std::string_view piece, std::string& kept);
  // The end of the output.
  void finish(std::string& kept);

 private:
  void keep_lasting(std::string& kept);
  void end_line(std::string& kept);

  bool live_ = false;     // after a '\r' of this line
  bool printed_ = false;  // some of this line has been kept
  std::string update_;    // the text since the last '\r', up to a limit
};

}  // namespace stoker::launch
