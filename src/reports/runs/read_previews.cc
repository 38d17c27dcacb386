#include <algorithm>
#include <vector>

#include "reports/runs/read_previews_internal.h"
#include "reports/runs/read_run.h"

namespace stoker::reports::internal {

namespace {

namespace fs = std::filesystem;
using results::Json;

}  // namespace

void put_preview_options(const results::RunMetadata& metadata, rules::Run& run) {
  const auto put = [&](const char* key, const Json& options) {
    const auto found = options.find(key);
    if (found == options.end() || found->is_null() || run.parameters.contains(key)) return;
    run.parameters[key] = typed(*found);
  };
  if (run.id.type == results::BenchmarkType::kKvCache) {
    for (const char* key :
         {"num_users", "duration", "gpu_mem_gb", "cpu_mem_gb", "generation_mode", "performance_profile"}) {
      put(key, metadata.extra);
      put(key, metadata.args);
    }
  } else if (run.id.type == results::BenchmarkType::kVectorDatabase) {
    // `runtime` beside the parameters is the time that the run took.
    for (const char* key : {"runtime", "queries"}) put(key, metadata.args);
  }
}

Result<Json> read_kvcache_summary(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with("kvcache_results_") && name.ends_with(".json")) files.push_back(it->path());
  }
  if (error || files.empty())
    return make_error(Code::kNotFound, "{}: has no kvcache_results_*.json", directory.string());
  const fs::path& newest = *std::ranges::max_element(files);
  STOKER_ASSIGN(const Json json, results::read_json(newest));
  const auto summary = json.is_object() ? json.find("summary") : json.end();
  if (summary == json.end() || !summary->is_object() || summary->empty())
    return make_error(Code::kCorrupt, "{}: key 'summary' is missing or no object", newest.string());
  return *summary;
}

}  // namespace stoker::reports::internal
