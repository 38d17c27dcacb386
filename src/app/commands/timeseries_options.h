// How often the hosts of a run are looked at: the options of the front end and those of the engine.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "results/json.h"

namespace stoker::app {

struct TimeseriesOptions {
  bool skip = false;
  double interval_seconds = 10;
  int max_samples = 3600;  // per host: 10 hours of the default interval
};

// --timeseries-interval, --skip-timeseries, --max-timeseries-samples.
void add_timeseries_options(CLI::App& app, TimeseriesOptions& options);
// Under their names with underscores, as put_args of common_options.h.
void put_args(results::Json& args, const TimeseriesOptions& options);

// The same values as texts of the engine's command line. Seconds, 0.1 to 3600.
[[nodiscard]] Result<Nanos> parse_timeseries_interval(const std::string& text);
// 1 to 1000000.
[[nodiscard]] Result<std::size_t> parse_max_timeseries_samples(const std::string& text);

}  // namespace stoker::app
