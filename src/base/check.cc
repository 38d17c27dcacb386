#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace stoker {

void check_failed(const char* condition, const char* file, int line, const char* text) {
  std::fprintf(stderr, "stoker: internal error: %s:%d: %s%s%s\n", file, line, condition, text != nullptr ? ": " : "",
               text != nullptr ? text : "");
  std::abort();
}

}  // namespace stoker
