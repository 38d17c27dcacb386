// One error, once, on stderr:
//
//   stoker: error: [E102] reader.read_thread: unknown key; did you mean 'read_threads'?
//     --> unet3d_h100.yaml:18:3
//     hint: ...
#pragma once

#include <map>
#include <string>

#include "base/exit_code.h"
#include "base/status.h"

namespace stoker::app {

// Where a --config-file sets options: an error that begins with the name of one of them and has no place yet is shown
// with that place. Once per command line, before the command; not for use by several threads.
void set_option_places(std::map<std::string, SourcePos> places);

// Prints it and returns the exit code that belongs to it.
int print_error(const Error& error);
// Without the number, as the engine (`stoker dlio`) does.
int print_engine_error(const Error& error);

}  // namespace stoker::app
