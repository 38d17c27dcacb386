#include "app/cli/number_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace stoker::cli {
namespace {

template <typename Number>
Error refused(std::string_view text, std::string_view kind, Number least, Number most) {
  return make_error(Code::kInvalidArgument, "found '{}', expected {}, {} to {}", text, kind, least, most);
}

template <typename Number>
bool parse(std::string_view text, Number& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  return failure == std::errc{} && stop == end;
}

}  // namespace

Result<std::string> whole_number(std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t value = 0;
  if (!parse(text, value) || value < least || value > most) return refused(text, "a whole number", least, most);
  return fmt::format("{}", value);
}

Result<std::string> real_number(std::string_view text, double least, double most) {
  double value = 0;
  if (!parse(text, value) || !std::isfinite(value) || value < least || value > most)
    return refused(text, "a number", least, most);
  return fmt::format("{}", value);
}

}  // namespace stoker::cli
