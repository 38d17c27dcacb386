#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <utility>

#include "reports/runs/read_checkpoints_internal.h"
#include "results/epoch_stats.h"
#include "results/timestamp.h"

namespace stoker::reports::internal {

namespace {

namespace fs = std::filesystem;

// Epoch and number of the operation within it: operations of a kind in the order they were done.
using OperationKey = std::pair<std::int64_t, std::int64_t>;

struct Operation {
  rules::CheckpointOperation times;
  bool complete = true;
};

// The ranks that left a file, in order.
Result<std::vector<int>> ranks_in(const fs::path& directory) {
  static constexpr std::string_view kSuffix = "_per_epoch_stats.json";
  std::vector<int> ranks;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!name.ends_with(kSuffix)) continue;
    int rank = 0;
    const char* const stop = name.data() + name.size() - kSuffix.size();
    if (const auto parsed = std::from_chars(name.data(), stop, rank); parsed.ec == std::errc{} && parsed.ptr == stop)
      ranks.push_back(rank);
  }
  if (error) return make_error(Code::kNotFound, "{}: list: {}", directory.string(), error.message());
  std::sort(ranks.begin(), ranks.end());
  return ranks;
}

// "save_ckpt12" -> 12 for the prefix "save_ckpt".
std::optional<std::int64_t> number_after(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || stop != name.data() + name.size()) return std::nullopt;
  return number;
}

std::optional<double> seconds_of(const std::string& stamp) {
  const auto time = results::parse_timestamp(stamp);
  if (!time) return std::nullopt;
  return std::chrono::duration<double>(time->time_since_epoch()).count();
}

void add(const results::EpochPhase& phase, Operation& operation) {
  const auto start = seconds_of(phase.start);
  const auto end = seconds_of(phase.end);
  if (!start || !end) {
    operation.complete = false;
    return;
  }
  operation.times.start.push_back(*start);
  operation.times.end.push_back(*end);
  operation.times.duration.push_back(phase.duration_seconds);
  operation.times.throughput.push_back(phase.gib_per_second.value_or(0));
}

std::vector<rules::CheckpointOperation> finished(const std::map<OperationKey, Operation>& operations, std::size_t ranks,
                                                 std::string_view what, std::vector<std::string>& notes) {
  std::vector<rules::CheckpointOperation> list;
  std::size_t incomplete = 0;
  for (const auto& [key, operation] : operations) {
    if (operation.complete && operation.times.start.size() == ranks) {
      list.push_back(operation.times);
    } else {
      ++incomplete;
    }
  }
  if (incomplete > 0) {
    notes.push_back(fmt::format("{} of {} checkpoint {} did not end on all ranks and are not counted", incomplete,
                                operations.size(), what));
  }
  return list;
}

}  // namespace

Result<std::optional<rules::CheckpointOutcome>> read_checkpoints(const fs::path& directory, std::int64_t processes,
                                                                 std::vector<std::string>& notes) {
  STOKER_ASSIGN(const std::vector<int> ranks, ranks_in(directory));
  if (ranks.empty()) return std::optional<rules::CheckpointOutcome>();
  if (static_cast<std::int64_t>(ranks.size()) != processes) {
    notes.push_back(
        fmt::format("per-epoch files of {} of {} ranks are there; maxima and minima over ranks are of these",
                    ranks.size(), processes));
  }
  std::map<OperationKey, Operation> saves;
  std::map<OperationKey, Operation> loads;
  for (const int rank : ranks) {
    STOKER_ASSIGN(const auto epochs, results::read_epoch_stats(directory, rank));
    for (const results::EpochStats& epoch : epochs) {
      for (const results::EpochPhase& phase : epoch.phases) {
        if (const auto save = number_after(phase.name, "save_ckpt")) add(phase, saves[{epoch.epoch, *save}]);
        if (const auto load = number_after(phase.name, "load_ckpt")) add(phase, loads[{epoch.epoch, *load}]);
      }
    }
  }
  rules::CheckpointOutcome outcome;
  outcome.saves = finished(saves, ranks.size(), "writes", notes);
  outcome.loads = finished(loads, ranks.size(), "reads", notes);
  return std::optional(std::move(outcome));
}

}  // namespace stoker::reports::internal
