// The description of a system in somebody's submission package.
#include "base/testing/fuzz_input.h"
#include "reports/submission/system_description.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(stoker::reports::check_description(stoker::testing::FuzzInput(data, size).text(), "s.yaml"));
  return 0;
}
