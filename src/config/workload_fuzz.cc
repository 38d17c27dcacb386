// A workload file, as a user's --config-dir has them, from the text to checked settings and back.
#include "base/testing/fuzz_input.h"
#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = stoker::testing::FuzzInput(data, size).text();
  const auto loaded = stoker::config::load_text(text, "w.yaml", {});
  if (loaded) {
    static_cast<void>(stoker::config::describe(*loaded));
    STOKER_CHECK(stoker::config::load_text(loaded->merged_yaml, "again.yaml", {}).has_value(),
                 loaded->merged_yaml.c_str());
  }
  return 0;
}
