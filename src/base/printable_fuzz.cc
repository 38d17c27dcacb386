// Untrusted text on its way to a terminal: what comes out is UTF-8 without control characters, and so stays as it is.
#include "base/check.h"
#include "base/printable.h"
#include "base/testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string line = stoker::printable_line(stoker::testing::FuzzInput(data, size).text());
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    STOKER_CHECK((byte >= 0x20 || c == '\t') && byte != 0x7f, "no control characters");
  }
  STOKER_CHECK(stoker::printable_line(line) == line, "printable text stays as it is");
  // Wherever a stream is cut, the same comes out.
  stoker::PrintableStream whole;
  stoker::PrintableStream pieces;
  const std::string_view text = stoker::testing::FuzzInput(data, size).text();
  const std::string expected = whole.feed(text) + whole.finish();
  std::string got;
  for (std::size_t at = 0, step = 1; at < text.size(); at += step, step = step % 3 + 1) {
    got += pieces.feed(text.substr(at, step));
  }
  got += pieces.finish();
  STOKER_CHECK(got == expected, "a stream in pieces");
  return 0;
}
