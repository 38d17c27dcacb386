// Where a run leaves its results: `<results>/training/<model>/<command>/<YYYYMMDD_HHMMSS>/` and its kin.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "results/folder_walk.h"
#include "results/timestamp.h"

namespace stoker::results {

enum class BenchmarkType { kTraining, kCheckpointing, kVectorDatabase, kKvCache };
[[nodiscard]] std::string_view to_string(BenchmarkType type);  // training, checkpointing, vector_database, kv_cache
[[nodiscard]] std::optional<BenchmarkType> parse_benchmark_type(std::string_view text);

struct RunId {
  BenchmarkType type = BenchmarkType::kTraining;
  std::string model;     // "" for vector_database
  std::string command;   // run, datagen, datasize, ...
  std::string datetime;  // run_stamp, with its suffix if it has one
  friend bool operator==(const RunId&, const RunId&) = default;
};

// training_run_unet3d_20250111_143022; empty parts are left out.
[[nodiscard]] std::string to_string(const RunId& id);
// Path below the results folder. Checkpointing has no command level.
[[nodiscard]] std::filesystem::path relative_path(const RunId& id);

struct RunDirectory {
  std::filesystem::path path;
  RunId id;

  [[nodiscard]] std::filesystem::path metadata_file() const;    // <type>_<datetime>_metadata.json
  [[nodiscard]] std::filesystem::path timeseries_file() const;  // <type>_<datetime>_timeseries.json
  [[nodiscard]] std::filesystem::path stdout_log() const;       // <type>_<command>.stdout.log
  [[nodiscard]] std::filesystem::path stderr_log() const;
  [[nodiscard]] std::filesystem::path config_dir() const;  // dlio_config
};

// Makes the directory of a new run. Never takes one that exists: a second run within the same second gets the suffix
// "_1", a third "_2", also when several processes race.
[[nodiscard]] Result<RunDirectory> create_run_directory(const std::filesystem::path& results, BenchmarkType type,
                                                        const std::string& model, const std::string& command,
                                                        WallTime now);

// A new folder `parent`/`stamp` by the same rule.
[[nodiscard]] Result<std::filesystem::path> create_stamped_folder(const std::filesystem::path& parent,
                                                                  const std::string& stamp);

// What the names above a run directory say, or nullopt when they do not follow the layout. `path` may be relative.
[[nodiscard]] std::optional<RunId> parse_run_path(const std::filesystem::path& path);

// Every run directory below `results`, sorted by path: folders that hold a *_metadata.json or a summary.json. Links are
// followed as FolderWalk does, hidden folders are left alone. Folders that cannot be read are errors in `unreadable`,
// not a failure.
struct Scan {
  struct Unreadable {
    std::filesystem::path path;
    Error error;
  };
  std::vector<std::filesystem::path> runs;
  std::vector<Unreadable> unreadable;
};
[[nodiscard]] Result<Scan> scan_runs(const std::filesystem::path& results);
// The same below a folder that a walk has come to.
[[nodiscard]] Result<Scan> scan_runs(const std::filesystem::path& folder, FolderWalk& walk);

}  // namespace stoker::results
