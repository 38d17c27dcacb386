#include "cluster/dist/launch_variables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error_number.h"
#include "base/testing/status_matchers.h"

namespace stoker::dist {
namespace {

using ::testing::HasSubstr;
using Variables = std::map<std::string, std::string>;

// Takes out of the environment whatever a launcher may have put there, and puts it back.
class LaunchVariables : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<std::string> entries;
    for (char** at = environ; *at != nullptr; ++at) entries.emplace_back(*at);
    for (const std::string& entry : entries) {
      const auto equals = entry.find('=');
      for (const char* begin : {"OMPI_", "PMI", "MPI_LOCALNRANKS", "SLURM_", "PALS_", "FLUX_"}) {
        if (entry.starts_with(begin)) before_[entry.substr(0, equals)] = entry.substr(equals + 1);
      }
    }
    for (const auto& [name, value] : before_) ::unsetenv(name.c_str());
  }
  void TearDown() override {
    forget();
    for (const auto& [name, value] : before_) ::setenv(name.c_str(), value.c_str(), 1);
  }
  // In place of those of the call before.
  void set(const Variables& variables) {
    forget();
    set_ = variables;
    for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
  }
  [[nodiscard]] static bool is_set(const char* name) { return std::getenv(name) != nullptr; }

 private:
  void forget() {
    for (const auto& [name, value] : set_) ::unsetenv(name.c_str());
  }
  Variables before_, set_;
};

TEST_F(LaunchVariables, AloneIsNotMpi) {
  EXPECT_FALSE(launched_by_mpi());
  EXPECT_EQ(launcher_variable(), nullptr);
  // A batch job's shell has these without any launcher.
  set({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}, {"SLURM_JOB_ID", "1"}});
  EXPECT_FALSE(launched_by_mpi());
  EXPECT_OK(check_started_alone());
  EXPECT_OK(leave_launcher("training run"));
}

TEST_F(LaunchVariables, EveryLauncherIsKnown) {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMI_RANK", "PMIX_RANK", "MPI_LOCALNRANKS"}) {
    set({{name, "2"}});
    EXPECT_TRUE(launched_by_mpi()) << name;
    EXPECT_STREQ(launcher_variable(), name);
  }
}

TEST_F(LaunchVariables, TheSizeIsTheLaunchers) {
  set({{"PMI_SIZE", "3"}});
  EXPECT_EQ(launched_size(), 3);
  set({{"OMPI_COMM_WORLD_SIZE", "4"}, {"PMI_SIZE", "3"}});
  EXPECT_EQ(launched_size(), 4);
  for (const char* odd : {"", "0", "-1", "2x", "many", "99999999999"}) {
    set({{"PMI_SIZE", odd}});
    EXPECT_EQ(launched_size(), std::nullopt) << odd;
  }
  set({{"PMIX_RANK", "3"}});
  EXPECT_EQ(launched_size(), std::nullopt);
}

TEST_F(LaunchVariables, ABatchSystemsProcessesWithoutMpiAreRefused) {
  const struct {
    const char* name;
    const char* value;
    const char* system;
    const char* instead;
  } cases[] = {{"SLURM_STEP_NUM_TASKS", "2", "Slurm", "srun --mpi=pmix"},
               {"PALS_RANKID", "0", "PALS", "mpiexec --pmi=pmix"},
               {"FLUX_JOB_SIZE", "16", "Flux", "flux run -o pmi=pmix"}};
  for (const auto& c : cases) {
    set({{c.name, c.value}, {"SLURM_JOB_ID", "1"}, {"SLURM_PROCID", "0"}});
    const Status alone = check_started_alone();
    EXPECT_ERROR(alone, Code::kFailed,
                 fmt::format("{}={}: {} started this process, perhaps beside others, but without MPI", c.name, c.value,
                             c.system));
    EXPECT_EQ(number_of(alone.error()), ErrorNumber::kMpiMissing);
    EXPECT_THAT(alone.error().hint, HasSubstr(c.instead));
    EXPECT_THAT(alone.error().hint, HasSubstr(fmt::format("env -u {}", c.name)));
  }
}

TEST_F(LaunchVariables, OneTaskOfABatchSystemIsAlone) {
  for (const char* name : {"SLURM_STEP_NUM_TASKS", "FLUX_JOB_SIZE"}) {
    for (const char* value : {"1", "", "0", "odd"}) {
      set({{name, value}});
      EXPECT_OK(check_started_alone()) << name << "=" << value;
      EXPECT_OK(leave_launcher("training run")) << name << "=" << value;
    }
  }
}

TEST_F(LaunchVariables, ACommandThatStartsRanksIsNotOne) {
  for (const Variables& variables :
       {Variables{{"OMPI_COMM_WORLD_SIZE", "2"}}, Variables{{"OMPI_COMM_WORLD_SIZE", "1"}},
        Variables{{"PMI_SIZE", "1"}}, Variables{{"PMIX_RANK", "0"}}, Variables{{"SLURM_STEP_NUM_TASKS", "2"}},
        Variables{{"FLUX_JOB_SIZE", "2"}}, Variables{{"PALS_RANKID", "0"}}}) {
    set(variables);
    const auto& [name, value] = *variables.begin();
    const Status left = leave_launcher("training run");
    EXPECT_ERROR(left, Code::kInvalidArgument,
                 fmt::format("training run starts the ranks itself, but a launcher started it ({}={})", name, value));
    EXPECT_EQ(number_of(left.error()), ErrorNumber::kIncompatible);
    EXPECT_THAT(left.error().hint, HasSubstr("leave mpirun or srun out, or start `mpirun stoker dlio`"));
    EXPECT_THAT(left.error().hint, HasSubstr("unset " + name));
    EXPECT_TRUE(is_set(name.c_str()));
  }
}

// `srun -n 1` and the shell of `srun --pty`: the engine must not take itself for the task of Slurm's MPI.
TEST_F(LaunchVariables, OfASingleTaskThePmiIsForgotten) {
  for (const char* system : {"SLURM_STEP_NUM_TASKS", "FLUX_JOB_SIZE"}) {
    set({{system, "1"},
         {"PMIX_RANK", "0"},
         {"PMIX_NAMESPACE", "x"},
         {"PMI_SIZE", "1"},
         {"PMI_FD", "9"},
         {"PMI2_X", "1"},
         {"PMIRROR", "1"}});
    EXPECT_OK(leave_launcher("training run"));
    for (const char* name : {"PMIX_RANK", "PMIX_NAMESPACE", "PMI_SIZE", "PMI_FD", "PMI2_X"})
      EXPECT_FALSE(is_set(name)) << name;
    EXPECT_TRUE(is_set("PMIRROR"));
    EXPECT_TRUE(is_set(system));
    EXPECT_FALSE(launched_by_mpi());
  }
}

// Launchers start their daemons through the batch system, one on each host: the single task is theirs.
TEST_F(LaunchVariables, ALauncherInsideASingleTaskIsALauncher) {
  set({{"SLURM_STEP_NUM_TASKS", "1"}, {"OMPI_COMM_WORLD_SIZE", "1"}, {"PMIX_RANK", "0"}});
  EXPECT_ERROR(leave_launcher("training run"), Code::kInvalidArgument, "(OMPI_COMM_WORLD_SIZE=1)");
  set({{"SLURM_STEP_NUM_TASKS", "1"}, {"PMI_SIZE", "2"}, {"PMI_RANK", "0"}});
  EXPECT_ERROR(leave_launcher("training run"), Code::kInvalidArgument, "(PMI_SIZE=2)");
  EXPECT_TRUE(is_set("PMI_RANK"));
}

// What launchers really set: testing/launches/ holds the environment of rank 0 of two (or of a batch script's shell)
// under Open MPI 4.1.4 and 5.0.11, MPICH 4.0.2 and 5.0 and Slurm 22.05, as recorded; the host's name and paths are
// changed.
TEST_F(LaunchVariables, RecordedLaunches) {
  struct Launch {
    const char* file;
    const char* variable;     // that says that MPI launched the process; nullptr: none
    std::optional<int> size;  // as it tells
    bool refused_alone;       // it must not take itself for the only one
    bool refused_front_end;   // a command that starts ranks itself
  };
  const Launch launches[] = {
      {"openmpi4", "OMPI_COMM_WORLD_SIZE", 2, false, true},
      {"openmpi5", "OMPI_COMM_WORLD_SIZE", 2, false, true},
      {"mpich4_hydra", "PMI_SIZE", 2, false, true},
      {"mpich5_hydra", "PMI_SIZE", 2, false, true},
      {"slurm_pmi2", "PMI_SIZE", 2, true, true},
      {"slurm_pmix", "PMIX_RANK", std::nullopt, true, true},
      {"slurm_none", nullptr, std::nullopt, true, true},
      {"slurm_one_task", nullptr, std::nullopt, false, false},
      {"slurm_batch", nullptr, std::nullopt, false, false},
      {"slurm_salloc", nullptr, std::nullopt, false, false},
  };
  const auto folder = std::filesystem::path(STOKER_SOURCE_DIR) / "src/cluster/dist/testing/launches";
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(folder)) ++files;
  EXPECT_EQ(files, std::size(launches)) << "each recording has its row";
  for (const Launch& launch : launches) {
    SCOPED_TRACE(launch.file);
    std::ifstream in(folder / (std::string(launch.file) + ".env"));
    Variables variables;
    for (std::string line; std::getline(in, line);) {
      const auto equals = line.find('=');
      ASSERT_NE(equals, std::string::npos) << line;
      variables[line.substr(0, equals)] = line.substr(equals + 1);
    }
    ASSERT_FALSE(variables.empty());
    set(variables);
    if (launch.variable == nullptr) {
      EXPECT_EQ(launcher_variable(), nullptr);
    } else {
      EXPECT_STREQ(launcher_variable(), launch.variable);
    }
    EXPECT_EQ(launched_size(), launch.size);
    EXPECT_EQ(!check_started_alone().has_value(), launch.refused_alone);
    EXPECT_EQ(!leave_launcher("training run").has_value(), launch.refused_front_end);
  }
}

}  // namespace
}  // namespace stoker::dist
