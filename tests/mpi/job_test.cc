// How MPI jobs end, and what they cost, seen from the process that starts them: mpirun with ranks of
// communicator_ranks.cc.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "cluster/launch/process.h"

namespace stoker::launch {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Time = std::chrono::steady_clock;

class MpiJob : public ::testing::Test {
 protected:
  static ProcessSpec mpirun(int ranks) {
    ProcessSpec spec;
    spec.command = {STOKER_MPIRUN, "--allow-run-as-root", "--oversubscribe", "-np", std::to_string(ranks)};
    return spec;
  }
  // Runs the part on `ranks` ranks; `parameters` go to mpirun.
  int run(int ranks, const std::string& part, const std::vector<std::string>& parameters = {},
          const std::stop_token& stop = {}) {
    ProcessSpec spec = mpirun(ranks);
    spec.command.insert(spec.command.end(), parameters.begin(), parameters.end());
    spec.command.insert(spec.command.end(), {STOKER_MPI_RANKS, part});
    return run(spec, stop);
  }
  int run(ProcessSpec spec, const std::stop_token& stop = {}) {
    // MPI keeps memory to the end of the process.
    spec.environment.emplace_back("ASAN_OPTIONS", "detect_leaks=0");
    if (std::none_of(spec.environment.begin(), spec.environment.end(),
                     [](const auto& variable) { return variable.first == "STOKER_MPI_MODULE"; })) {
      spec.environment.emplace_back("STOKER_MPI_MODULE", STOKER_MPI_MODULE);
    }
    spec.stdout_log = dir_.path() / "out";
    spec.stderr_log = dir_.path() / "err";
    const auto begin = Time::now();
    const auto code = ProcessLauncher().run(spec, stop);
    took_ = Time::now() - begin;
    EXPECT_OK(code);
    return code ? *code : -1;
  }
  std::string out() { return content("out"); }
  std::string err() { return content("err"); }
  std::string content(const std::string& name) {
    std::ifstream file(dir_.path() / name);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  stoker::testing::TempDir dir_;
  Time::duration took_{};
};

TEST_F(MpiJob, AKilledRankEndsTheJob) {
  EXPECT_NE(run(3, "killed"), 0);
  EXPECT_LT(took_, std::chrono::seconds(30));
}

TEST_F(MpiJob, ARankThatGivesUpEndsTheJobWithItsExitCode) {
  EXPECT_EQ(run(3, "gives_up"), 6);
  EXPECT_LT(took_, std::chrono::seconds(30));
}

TEST_F(MpiJob, ARankThatIsStuckAfterAnAbortEndsTheJobAfterTheGrace) {
  EXPECT_EQ(run(3, "stuck"), 6);
  EXPECT_GE(took_, std::chrono::seconds(2));
  EXPECT_LT(took_, std::chrono::seconds(30));
}

TEST_F(MpiJob, AStopReachesWaitingRanks) {
  std::stop_source source;
  std::jthread stopper([&] {
    const auto deadline = Time::now() + std::chrono::seconds(30);
    while (Time::now() < deadline) {
      const std::string text = out();
      if (text.find("rank 0 is ready") != std::string::npos && text.find("rank 1 is ready") != std::string::npos) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    source.request_stop();
  });
  EXPECT_NE(run(2, "told", {}, source.get_token()), 0);
  // Both are told; the launcher may end the second one when the first has left, before it could say so.
  EXPECT_THAT(out(), ::testing::AnyOf(HasSubstr("rank 0 was told"), HasSubstr("rank 1 was told")));
  EXPECT_LT(took_, std::chrono::seconds(30));
}

TEST_F(MpiJob, WaitingRanksLeaveTheCoresToOthers) {
  EXPECT_EQ(run(2, "late"), 0) << out();
}

TEST_F(MpiJob, ALauncherThatBindsToCoresIsOverruled) {
  const std::string all = "on " + std::to_string(std::thread::hardware_concurrency()) + " CPUs";
  ASSERT_EQ(run(2, "cpus", {"--bind-to", "core"}), 0);
  EXPECT_THAT(out(), HasSubstr("rank 0 runs " + all));
  EXPECT_THAT(out(), HasSubstr("rank 1 runs " + all));
}

TEST_F(MpiJob, UnlessTheUserWantsTheBinding) {
  if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "one CPU: nothing to bind to";
  ASSERT_EQ(run(2, "cpus", {"--bind-to", "core", "-x", "STOKER_KEEP_BINDING=1"}), 0);
  EXPECT_THAT(out(), Not(HasSubstr("on " + std::to_string(std::thread::hardware_concurrency()) + " CPUs")));
}

TEST_F(MpiJob, ALauncherOfAnotherMpiIsAnError) {
  // As when another MPI's mpiexec starts the program: each process is told of four ranks, and its own MPI finds it
  // alone.
  ProcessSpec spec;
  spec.command = {STOKER_MPI_RANKS, "suite"};
  spec.environment = {{"PMI_SIZE", "4"}, {"PMI_RANK", "0"}};
  EXPECT_EQ(run(spec), 6);
  EXPECT_THAT(err(), HasSubstr("the launcher started 4 ranks, but the MPI library sees 1"));
}

TEST_F(MpiJob, TheModuleIsFoundWhereItCanBeInstalled) {
  namespace fs = std::filesystem;
  for (const std::string& place :
       {std::string("bin"), std::string("lib/stoker"), STOKER_INSTALL_LIBDIR + std::string("/stoker")}) {
    const fs::path prefix = dir_.path() / "prefix";
    fs::create_directories(prefix / "bin");
    fs::create_directories(prefix / place);
    fs::copy_file(STOKER_MPI_RANKS, prefix / "bin/ranks");
    fs::copy_file(STOKER_MPI_MODULE, prefix / place / "libstoker_mpi.so");
    ProcessSpec spec = mpirun(1);
    spec.command.insert(spec.command.end(), {(prefix / "bin/ranks").string(), "cpus"});
    spec.environment = {{"STOKER_MPI_MODULE", ""}};
    EXPECT_EQ(run(spec), 0) << place;
    fs::remove(prefix / place / "libstoker_mpi.so");
    spec.command = {(prefix / "bin/ranks").string(), "cpus"};
    spec.environment.emplace_back("PMI_RANK", "0");
    EXPECT_EQ(run(spec), 6) << place;
    EXPECT_THAT(err(), HasSubstr((prefix / place / "libstoker_mpi.so").string()));
    fs::remove_all(prefix);
  }
}

}  // namespace
}  // namespace stoker::launch
