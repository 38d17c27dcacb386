// The manifest of a data set, which may have come with the data.
#include "base/testing/fuzz_input.h"
#include "results/dataset_manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stoker::results;  // NOLINT(google-build-using-namespace)
  const auto manifest = parse_manifest(stoker::testing::FuzzInput(data, size).text(), "m.json");
  if (!manifest) return 0;
  static_cast<void>(manifest_identity(*manifest));
  stoker::config::Workload workload;
  static_cast<void>(apply_manifest(*manifest, workload));
  const auto again = parse_manifest(manifest_text(*manifest), "again.json");
  STOKER_CHECK(again.has_value(), "a manifest that is written can be read");
  return 0;
}
