#include "app/commands/timeseries_options.h"

#include <charconv>

#include "app/commands/number_option.h"

namespace stoker::app {

namespace {

constexpr double kShortest = 0.1, kLongest = 3600;  // seconds
constexpr std::size_t kMost = 1'000'000;

template <class T>
bool parse(const std::string& text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [last, failure] = std::from_chars(text.data(), end, value);
  return failure == std::errc{} && last == end;
}

}  // namespace

void add_timeseries_options(CLI::App& app, TimeseriesOptions& o) {
  app.add_option("--timeseries-interval", o.interval_seconds,
                 "seconds between samples of what the hosts' kernels count")
      ->transform(real_number(kShortest, kLongest))
      ->capture_default_str();
  app.add_flag("--skip-timeseries", o.skip, "collect no time series of the hosts");
  app.add_option("--max-timeseries-samples", o.max_samples, "samples per host at most; later ones are dropped")
      ->transform(whole_number(1, kMost))
      ->capture_default_str();
}

void put_args(results::Json& json, const TimeseriesOptions& o) {
  json["skip_timeseries"] = o.skip;
  json["timeseries_interval"] = o.interval_seconds;
  json["max_timeseries_samples"] = o.max_samples;
}

Result<Nanos> parse_timeseries_interval(const std::string& text) {
  double seconds = 0;
  if (!parse(text, seconds) || !(seconds >= kShortest && seconds <= kLongest))
    return make_error(Code::kInvalidArgument, "--timeseries-interval: '{}': expected seconds, 0.1 to 3600", text);
  return from_seconds(seconds);
}

Result<std::size_t> parse_max_timeseries_samples(const std::string& text) {
  std::size_t count = 0;
  if (!parse(text, count) || count < 1 || count > kMost)
    return make_error(Code::kInvalidArgument, "--max-timeseries-samples: '{}': expected a number, 1 to 1000000", text);
  return count;
}

}  // namespace stoker::app
