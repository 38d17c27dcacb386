#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "config/node.h"
#include "reports/config_copy.h"
#include "reports/package_files_internal.h"
#include "results/json.h"

namespace stoker::reports::internal {

namespace {

namespace fs = std::filesystem;
using results::BenchmarkType;

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    names.push_back(it->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

// `pattern` begins with '*' or has none.
bool has(const std::vector<std::string>& names, const std::string& pattern) {
  if (pattern.front() != '*') return std::ranges::find(names, pattern) != names.end();
  return std::ranges::any_of(
      names, [&pattern](const std::string& name) { return name.ends_with(std::string_view(pattern).substr(1)); });
}

}  // namespace

std::vector<std::string> missing_files(const fs::path& run, BenchmarkType type, const std::string& command) {
  if (type != BenchmarkType::kTraining && type != BenchmarkType::kCheckpointing) return {};
  std::vector<std::string> required{fmt::format("{}_{}.stdout.log", results::to_string(type), command),
                                    fmt::format("{}_{}.stderr.log", results::to_string(type), command), "dlio.log"};
  if (command == "run") required.insert(required.end(), {"*output.json", "*per_epoch_stats.json", "summary.json"});
  const std::vector<std::string> names = names_in(run);
  std::vector<std::string> missing;
  for (const std::string& pattern : required) {
    if (!has(names, pattern)) missing.push_back(pattern);
  }
  const fs::path config = find_config_dir(run);
  const std::vector<std::string> copies = config.empty() ? std::vector<std::string>() : names_in(config);
  for (const char* name : {"config.yaml", "hydra.yaml", "overrides.yaml"}) {
    if (!has(copies, name)) missing.push_back(fmt::format("dlio_config/{}", name));
  }
  return missing;
}

fs::path find_results_json(const fs::path& folder, const fs::path& top) {
  std::error_code ignored;
  for (fs::path at = folder;; at = at.parent_path()) {
    if (fs::exists(at / "results.json", ignored)) return at / "results.json";
    if (at == top || !at.has_relative_path()) return {};
  }
}

Result<std::set<std::string>> run_ids_in(const fs::path& results_json) {
  STOKER_ASSIGN(const results::Json json, results::read_json(results_json));
  if (!json.is_array()) {
    return make_error(Code::kCorrupt, "{}: found {}, expected a list of runs", results_json.string(), json.type_name());
  }
  std::set<std::string> ids;
  for (const results::Json& entry : json) {
    if (!entry.is_object()) continue;
    const auto id = entry.find("run_id");
    if (id != entry.end() && id->is_string()) ids.insert(id->get<std::string>());
  }
  return ids;
}

fs::path find_system_file(const fs::path& systems, const std::string& system, const std::string& extension,
                          bool& exact) {
  exact = true;
  const std::string wanted = config::lower(system);
  fs::path similar;
  for (const std::string& name : names_in(systems)) {
    fs::path path = systems / name;
    if (name.front() == '.' || config::lower(path.extension().string()) != extension) continue;
    if (path.stem() == system) return path;
    const std::string stem = config::lower(path.stem().string());
    if (stem == wanted || stem.find(wanted) != std::string::npos || wanted.find(stem) != std::string::npos) {
      if (similar.empty() || stem == wanted) similar = path;
    }
  }
  exact = false;
  return similar;
}

bool is_whole_pdf(const fs::path& file) {
  constexpr std::streamoff kWindow = 1024;
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return false;
  const std::streamoff size = in.tellg();
  const auto window_at = [&](std::streamoff begin) {
    std::string text(static_cast<std::size_t>(std::min(kWindow, size)), '\0');
    in.seekg(begin);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    return in ? text : std::string();
  };
  return window_at(0).find("%PDF-") != std::string::npos &&
         window_at(std::max<std::streamoff>(0, size - kWindow)).find("%%EOF") != std::string::npos;
}

}  // namespace stoker::reports::internal
