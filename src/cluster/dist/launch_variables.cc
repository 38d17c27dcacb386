#include "cluster/dist/launch_variables.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error_number.h"

namespace stoker::dist {

namespace {

// Variables that only a process started by an MPI launcher has.
constexpr std::array kRankVariables{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMI_RANK", "PMIX_RANK", "MPI_LOCALNRANKS"};
// Those of them that hold the number of ranks.
constexpr std::array kSizeVariables{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};
// What a batch system hands to MPI, by the beginnings of the names.
constexpr std::array<std::string_view, 3> kPmi{"PMI_", "PMI2_", "PMIX_"};

// What a batch system's own launcher sets for each process that it starts, whether MPI is used or not. A batch script
// has SLURM_NTASKS, but not these.
struct BatchLaunch {
  const char* variable;
  bool is_count;  // the number of processes; else any value says that there may be several
  const char* system;
  const char* with_mpi;
};
constexpr auto kBatchLaunches = std::to_array<BatchLaunch>({
    {"SLURM_STEP_NUM_TASKS", true, "Slurm", "`srun --mpi=pmix` (`srun --mpi=list` shows what there is)"},
    {"PALS_RANKID", false, "PALS", "`mpiexec --pmi=pmix`"},
    {"FLUX_JOB_SIZE", true, "Flux", "`flux run -o pmi=pmix`"},
});

std::optional<int> count_of(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  const std::string_view digits(text);
  int value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failure != std::errc() || end != digits.data() + digits.size() || value < 1) return std::nullopt;
  return value;
}

// The batch launch that may have started several processes like this one.
const BatchLaunch* launch_of_several() {
  const auto at = std::ranges::find_if(kBatchLaunches, [](const BatchLaunch& launch) {
    return launch.is_count ? count_of(launch.variable).value_or(1) > 1 : std::getenv(launch.variable) != nullptr;
  });
  return at == kBatchLaunches.end() ? nullptr : &*at;
}

// One task of a batch system's: its PMI says that there is one rank, which this process need not be.
bool is_single_task() {
  if (std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr || launched_size().value_or(1) != 1) return false;
  return std::ranges::any_of(
      kBatchLaunches, [](const BatchLaunch& launch) { return launch.is_count && count_of(launch.variable) == 1; });
}

void forget_pmi() {
  std::vector<std::string> names;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry(*at);
    if (std::ranges::any_of(kPmi, [entry](std::string_view begin) { return entry.starts_with(begin); }))
      names.emplace_back(entry.substr(0, entry.find('=')));
  }
  for (const std::string& name : names) ::unsetenv(name.c_str());
}

std::string setting(const char* variable) {
  return fmt::format("{}={}", variable, std::getenv(variable));
}

}  // namespace

bool launched_by_mpi() {
  return launcher_variable() != nullptr;
}

const char* launcher_variable() {
  const auto at = std::ranges::find_if(kRankVariables, [](const char* name) { return std::getenv(name) != nullptr; });
  return at == kRankVariables.end() ? nullptr : *at;
}

std::optional<int> launched_size() {
  for (const char* name : kSizeVariables) {
    if (const auto size = count_of(name)) return size;
  }
  return std::nullopt;
}

Status check_started_alone() {
  const BatchLaunch* launch = launch_of_several();
  if (launch == nullptr) return {};
  return Error{
      .code = Code::kFailed,
      .message = fmt::format("{}: {} started this process, perhaps beside others, but without MPI: each would run "
                             "alone, in the same folders",
                             setting(launch->variable), launch->system),
      .hint = fmt::format("start the ranks with {} or mpirun; where this process is meant to run alone: env -u {}",
                          launch->with_mpi, launch->variable),
      .number = ErrorNumber::kMpiMissing};
}

Status leave_launcher(std::string_view command) {
  const char* variable = launcher_variable();
  if (const BatchLaunch* launch = launch_of_several(); launch != nullptr) {
    variable = launch->variable;
  } else if (variable == nullptr) {
    return {};
  } else if (is_single_task()) {
    forget_pmi();
    return {};
  }
  return Error{
      .code = Code::kInvalidArgument,
      .message = fmt::format("{} starts the ranks itself, but a launcher started it ({})", command, setting(variable)),
      .hint = fmt::format("leave mpirun or srun out, or start `mpirun stoker dlio`, which is one rank each; in a "
                          "shell that a launcher opened: unset {}",
                          variable),
      .number = ErrorNumber::kIncompatible};
}

}  // namespace stoker::dist
