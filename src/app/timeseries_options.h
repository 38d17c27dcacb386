// The values of --timeseries-interval and --max-timeseries-samples, for the front end and for the engine.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/status.h"

namespace stoker::app {

inline constexpr double kDefaultTimeseriesInterval = 10;  // seconds
inline constexpr int kDefaultTimeseriesSamples = 3600;    // 10 hours of them

// Seconds, 0.1 to 3600.
[[nodiscard]] Result<Nanos> parse_timeseries_interval(const std::string& text);
// 1 to 1000000.
[[nodiscard]] Result<std::size_t> parse_max_timeseries_samples(const std::string& text);

}  // namespace stoker::app
