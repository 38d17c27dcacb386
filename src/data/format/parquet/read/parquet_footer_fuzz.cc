// The serialised footer: parsed as a file of a size, for all columns or for one.
#include "base/testing/fuzz_input.h"
#include "data/format/parquet/read/footer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stoker::format::parquet;  // NOLINT(google-build-using-namespace)
  stoker::testing::FuzzInput in(data, size);
  const auto file_size = in.take<std::uint32_t>();
  Selection selection;
  if (file_size % 2 == 1) selection.names = {"a"};
  static_cast<void>(outline_footer(in.rest()));
  static_cast<void>(parse_footer(in.rest(), file_size, selection));
  return 0;
}
