// `<rank>_per_epoch_stats.json`: when the parts of each epoch began and ended.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "results/json.h"

namespace stoker::results {

// One part of an epoch. Blocks and evaluations have their duration written as a string with two decimals, checkpoints
// as a number, with their throughput.
struct EpochPhase {
  std::string name;  // "block1", "eval", "save_ckpt1", "load_ckpt1"
  std::string start, end;
  double duration_seconds = 0;
  std::optional<double> gib_per_second;  // checkpoints only
  friend bool operator==(const EpochPhase&, const EpochPhase&) = default;
};

struct EpochStats {
  std::int64_t epoch = 1;
  std::string start, end;                  // "" is left out
  std::vector<EpochPhase> phases;          // in the order they began
  std::optional<double> duration_seconds;  // of training alone; nullopt without training
  friend bool operator==(const EpochStats&, const EpochStats&) = default;
};

[[nodiscard]] std::string block_name(std::int64_t block);            // "block1": from 1
[[nodiscard]] std::string save_checkpoint_name(std::int64_t block);  // "save_ckpt1"
[[nodiscard]] std::string load_checkpoint_name(std::int64_t block);

[[nodiscard]] Json to_json(const std::vector<EpochStats>& epochs);
// Reads ours and DLIO's, durations as numbers or strings. Code::kCorrupt names `name` and the epoch.
[[nodiscard]] Result<std::vector<EpochStats>> epoch_stats_from_json(const Json& json, const std::string& name);

// `<directory>/<rank>_per_epoch_stats.json`, and for rank 0 also `per_epoch_stats.json`, the old name.
[[nodiscard]] Status write_epoch_stats(const std::filesystem::path& directory, int rank,
                                       const std::vector<EpochStats>& epochs);
[[nodiscard]] Result<std::vector<EpochStats>> read_epoch_stats(const std::filesystem::path& directory, int rank);

}  // namespace stoker::results
