// Command lines as text: what is split can be written, and what is written is split into the same words.
#include "base/testing/fuzz_input.h"
#include "cluster/launch/shell_line.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stoker::launch;  // NOLINT(google-build-using-namespace)
  const std::string_view text = stoker::testing::FuzzInput(data, size).text();
  const auto words = split_shell_line(text);
  if (words && text.find('\0') == std::string_view::npos) {
    const auto again = split_shell_line(shell_line(*words));
    STOKER_CHECK(again.has_value() && *again == *words, "words that change on their way through a line");
  }
  return 0;
}
