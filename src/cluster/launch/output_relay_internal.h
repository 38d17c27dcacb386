// One of a child's two output streams on its way to the terminal and to a log file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/printable.h"
#include "base/status.h"
#include "cluster/launch/log_filter.h"

namespace stoker::launch {

class OutputRelay {
 public:
  // Opens the log (none if the path is empty) and the pipe. `terminal` stays the caller's.
  static Result<OutputRelay> make(int terminal, const std::filesystem::path& log);

  // The child's end, to be closed here once the child has it.
  [[nodiscard]] int child_end() const { return write_end_.get(); }
  void close_child_end() { write_end_.close(); }

  // Our end; -1 after the end of the stream.
  [[nodiscard]] int fd() const { return read_end_.get(); }

  // Passes on what can be read without waiting, one buffer of it. A terminal or a log that fails is given up, never the
  // child: its run is worth more than its output.
  void forward();
  // The end: what the child's descendants still write is not waited for.
  void finish();

 private:
  OutputRelay() = default;
  void show(std::string_view text);
  void keep(const std::string& text);

  Fd read_end_;
  Fd write_end_;
  Fd log_;
  int terminal_ = -1;
  std::string log_path_;
  PrintableStream printable_;  // the child may be anything, and have names of anywhere
  LogFilter filter_;
};

}  // namespace stoker::launch
