// Texts of /proc, as hosts of a run send them.
#include "base/testing/fuzz_input.h"
#include "cluster/host/parse_internal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stoker::host::internal;  // NOLINT(google-build-using-namespace)
  const std::string_view text = stoker::testing::FuzzInput(data, size).text();
  static_cast<void>(pairs(text));
  static_cast<void>(disks(text));
  static_cast<void>(network(text));
  static_cast<void>(vmstat(text));
  static_cast<void>(meminfo_kb(text));
  static_cast<void>(load(text));
  static_cast<void>(mounts(text));
  static_cast<void>(cgroups(text));
  static_cast<void>(os_release(text));
  return 0;
}
