// JSON that other programs wrote: each document of a run, of which the first byte chooses one.
#include "base/testing/fuzz_input.h"
#include "results/epoch_stats.h"
#include "results/json.h"
#include "results/metadata.h"
#include "results/summary.h"
#include "results/system_info.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stoker::results;  // NOLINT(google-build-using-namespace)
  stoker::testing::FuzzInput in(data, size);
  const auto kind = in.take<std::uint8_t>();
  const auto json = parse_json(in.text(), "f.json");
  if (!json) return 0;
  static_cast<void>(dump(*json));
  switch (kind % 5) {
    case 0: {
      const auto read = summary_from_json(*json, "f.json");
      if (read) STOKER_CHECK(summary_from_json(to_json(*read), "again.json").has_value(), "a summary survives");
      break;
    }
    case 1: {
      const auto read = metadata_from_json(*json, "f.json");
      if (read) STOKER_CHECK(metadata_from_json(to_json(*read), "again.json").has_value(), "metadata survive");
      break;
    }
    case 2: static_cast<void>(epoch_stats_from_json(*json, "f.json")); break;
    case 3: {
      const auto read = system_info_from_json(*json, "f.json");
      if (read) STOKER_CHECK(system_info_from_json(to_json(*read), "again.json").has_value(), "hosts survive");
      break;
    }
    default: static_cast<void>(key_values(*json)); break;
  }
  return 0;
}
