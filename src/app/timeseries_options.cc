#include "app/timeseries_options.h"

#include <charconv>

namespace stoker::app {

namespace {

template <class T>
bool parse(const std::string& text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [last, failure] = std::from_chars(text.data(), end, value);
  return failure == std::errc{} && last == end;
}

}  // namespace

Result<Nanos> parse_timeseries_interval(const std::string& text) {
  double seconds = 0;
  if (!parse(text, seconds) || !(seconds >= 0.1 && seconds <= 3600))
    return make_error(Code::kInvalidArgument, "--timeseries-interval: '{}': expected seconds, 0.1 to 3600", text);
  return from_seconds(seconds);
}

Result<std::size_t> parse_max_timeseries_samples(const std::string& text) {
  std::size_t count = 0;
  if (!parse(text, count) || count < 1 || count > 1'000'000)
    return make_error(Code::kInvalidArgument, "--max-timeseries-samples: '{}': expected a number, 1 to 1000000", text);
  return count;
}

}  // namespace stoker::app
