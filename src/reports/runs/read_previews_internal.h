// What runs of the preview benchmarks left behind: their options, which the metadata keep beside the parameters, and
// the result file of the key/value cache's engine, kvcache_results_<datetime>.json.
#pragma once

#include <filesystem>

#include "mlperf/rules/run.h"
#include "results/metadata.h"

namespace stoker::reports::internal {

// Adds the options that the rules look at (num_users, duration, ...; runtime, queries) to the parameters, where those
// lack them. Nothing for other benchmarks.
void put_preview_options(const results::RunMetadata& metadata, rules::Run& run);

// The node `summary` of the result file: all figures of the run are there, the keys beside it are counters and lists of
// single latencies. Code::kNotFound when there is no such file, Code::kCorrupt when it has no summary.
[[nodiscard]] Result<results::Json> read_kvcache_summary(const std::filesystem::path& directory);

}  // namespace stoker::reports::internal
