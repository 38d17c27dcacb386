#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "app/commands/app.h"

int main(int argc, char** argv) {
  const int code = stoker::app::run(argc, argv);
  if (code == 0) return 0;
  // Whatever failed may have failed for want of memory, and then libraries crash in their own ends (allocators of Arrow
  // do). All that is to be kept is written by now.
  std::cout.flush();
  std::fflush(nullptr);
  ::_exit(code);
}
