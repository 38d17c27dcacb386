// Overrides, a line each: parsed, applied to a workload file, written as YAML and read again.
#include "base/testing/fuzz_input.h"
#include "config/overrides.h"
#include "config/yaml.h"

namespace {

using namespace stoker::config;  // NOLINT(google-build-using-namespace)

void apply_all(const std::vector<std::string>& lines) {
  auto root = parse_yaml("model: {name: m}\nreader:\n  batch_size: 4\n  list: [1, {a: b}]\n", "f.yaml");
  int precedence = 0;
  for (const std::string& line : lines) {
    const auto change = parse_override(line, ++precedence);
    if (change) static_cast<void>(apply_override(*change, *root));
  }
  const std::string text = emit_yaml(*root);
  STOKER_CHECK(parse_yaml(text, "again.yaml").has_value(), text.c_str());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = stoker::testing::FuzzInput(data, size).text();
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n')) lines.emplace_back(line);
  static_cast<void>(split_command_line(lines));
  for (const std::string& line : lines) static_cast<void>(param_to_override(line));
  apply_all(lines);
  // What is written as an override is read as the same text.
  const auto again = parse_override_value(override_text(text), {});
  STOKER_CHECK(again.has_value() && again->text == text, "a text that changes on its way through an override");
  return 0;
}
