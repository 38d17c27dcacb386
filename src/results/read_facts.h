// From what was measured (metrics/) to what is reported: units change, nothing else.
#pragma once

#include <span>

#include "metrics/run_metrics.h"
#include "metrics/verdict.h"
#include "results/summary.h"

namespace stoker::results {

[[nodiscard]] LatencyMs latency_ms(const metrics::Histogram& latency);
[[nodiscard]] StepTimeSplit step_time_split(const metrics::StepTotals& steps);
[[nodiscard]] ReaderTimeSplit reader_time_split(const metrics::LoaderTotals& loader);

// Everything a summary says about reading. `epochs` in order; their bytes add up to run.loader.bytes_requested.
[[nodiscard]] ReadFacts read_facts(const metrics::RunTotals& run, std::span<const metrics::EpochBytes> epochs);

}  // namespace stoker::results
