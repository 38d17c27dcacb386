#include "results/run_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/errno_error.h"

namespace stoker::results {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<BenchmarkType, std::string_view>, 4> kTypes{
    {{BenchmarkType::kTraining, "training"},
     {BenchmarkType::kCheckpointing, "checkpointing"},
     {BenchmarkType::kVectorDatabase, "vector_database"},
     {BenchmarkType::kKvCache, "kv_cache"}}};

// Runs of one second that are told apart. More than this is a loop gone wild, not a user.
constexpr int kMaxSameSecond = 1000;

bool has_model_level(BenchmarkType type) {
  return type != BenchmarkType::kVectorDatabase;
}
bool has_command_level(BenchmarkType type) {
  return type != BenchmarkType::kCheckpointing;
}

// A name becomes one level of the path, never several and never another place.
Status check_level(std::string_view what, const std::string& name) {
  if (!name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos) return {};
  return make_error(Code::kInvalidArgument, "run directory: {} '{}' cannot be the name of a folder", what, name);
}

bool is_run(const fs::path& directory) {
  std::error_code ignored;
  if (fs::exists(directory / "summary.json", ignored)) return true;
  for (fs::directory_iterator it(directory, ignored), end; !ignored && it != end; it.increment(ignored)) {
    if (it->path().filename().string().ends_with("_metadata.json")) return true;
  }
  return false;
}

void scan_into(const fs::path& directory, FolderWalk& walk, Scan& scan) {
  FolderWalk::Listing below = walk.list(directory);
  if (below.error) scan.unreadable.push_back({directory, std::move(*below.error)});
  for (const fs::path& path : below.folders) {
    if (is_run(path)) {
      scan.runs.push_back(path);
    } else {
      scan_into(path, walk, scan);
    }
  }
}

}  // namespace

std::string_view to_string(BenchmarkType type) {
  return std::find_if(kTypes.begin(), kTypes.end(), [type](const auto& entry) { return entry.first == type; })->second;
}

std::optional<BenchmarkType> parse_benchmark_type(std::string_view text) {
  for (const auto& [type, name] : kTypes) {
    if (name == text) return type;
  }
  return std::nullopt;
}

std::string to_string(const RunId& id) {
  std::string text(to_string(id.type));
  for (const std::string& part : {id.command, id.model, id.datetime}) {
    if (!part.empty()) text += "_" + part;
  }
  return text;
}

fs::path relative_path(const RunId& id) {
  fs::path path(to_string(id.type));
  if (has_model_level(id.type)) path /= id.model;
  if (has_command_level(id.type)) path /= id.command;
  return path / id.datetime;
}

fs::path RunDirectory::metadata_file() const {
  return path / fmt::format("{}_{}_metadata.json", to_string(id.type), id.datetime);
}
fs::path RunDirectory::timeseries_file() const {
  return path / fmt::format("{}_{}_timeseries.json", to_string(id.type), id.datetime);
}
fs::path RunDirectory::stdout_log() const {
  return path / fmt::format("{}_{}.stdout.log", to_string(id.type), id.command);
}
fs::path RunDirectory::stderr_log() const {
  return path / fmt::format("{}_{}.stderr.log", to_string(id.type), id.command);
}
fs::path RunDirectory::config_dir() const {
  return path / "dlio_config";
}

Result<fs::path> create_stamped_folder(const fs::path& parent, const std::string& stamp) {
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) return errno_error(parent, "create folder", error.value());
  for (int n = 0; n < kMaxSameSecond; ++n) {
    fs::path path = parent / (n == 0 ? stamp : fmt::format("{}_{}", stamp, n));
    // One system call decides, so that of two processes one gets the name.
    if (fs::create_directory(path, error)) return path;
    if (error) return errno_error(path, "create folder", error.value());
  }
  return make_error(Code::kFailed, "{}: {} run directories of the same second exist", parent.string(), kMaxSameSecond);
}

Result<RunDirectory> create_run_directory(const fs::path& results, BenchmarkType type, const std::string& model,
                                          const std::string& command, WallTime now) {
  if (has_model_level(type)) STOKER_TRY(check_level("model", model));
  STOKER_TRY(check_level("command", command));
  RunDirectory run{.path = {}, .id = {.type = type, .model = model, .command = command, .datetime = run_stamp(now)}};
  const fs::path parent = (results / relative_path(run.id)).parent_path();
  STOKER_ASSIGN(run.path, create_stamped_folder(parent, run.id.datetime));
  run.id.datetime = run.path.filename().string();
  return run;
}

std::optional<RunId> parse_run_path(const fs::path& path) {
  std::vector<std::string> parts;
  for (const fs::path& part : path.lexically_normal()) {
    if (!part.empty()) parts.push_back(part.string());
  }
  if (parts.size() < 3 || !is_run_stamp(parts.back())) return std::nullopt;
  const auto from_end = [&parts](std::size_t n) -> const std::string& { return parts[parts.size() - n]; };
  RunId id{.datetime = parts.back()};
  if (parts.size() >= 4) {
    const auto type = parse_benchmark_type(from_end(4));
    // Some tools put a command level below checkpointing as well.
    if (type && has_model_level(*type) && (has_command_level(*type) || from_end(2) == "run")) {
      id.type = *type;
      id.model = from_end(3);
      id.command = from_end(2);
      return id;
    }
  }
  const auto type = parse_benchmark_type(from_end(3));
  if (!type || (has_model_level(*type) && has_command_level(*type))) return std::nullopt;
  id.type = *type;
  (has_model_level(*type) ? id.model : id.command) = from_end(2);
  return id;
}

Result<Scan> scan_runs(const fs::path& results) {
  FolderWalk walk(results);
  return scan_runs(results, walk);
}

Result<Scan> scan_runs(const fs::path& folder, FolderWalk& walk) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return make_error(Code::kNotFound, "{}: is not a folder of results", folder.string());
  }
  Scan scan;
  if (is_run(folder)) {
    scan.runs.push_back(folder);
  } else {
    scan_into(folder, walk, scan);
  }
  return scan;
}

}  // namespace stoker::results
