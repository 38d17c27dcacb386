#include "workloads/training/profiler.h"

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"

namespace stoker::training {
namespace {

using ::testing::ElementsAre;

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(Profiler, AsksIostatForTheDevices) {
  EXPECT_THAT(iostat_command({"sda", "nvme0n1"}),
              ElementsAre("iostat", "-m", "-d", "-x", "-t", "-c", "-y", "-o", "JSON", "sda", "nvme0n1", "1"));
}

TEST(Profiler, EndsTheProgramWithSigintAndKeepsWhatItPrinted) {
  const testing::TempDir dir;
  const auto output = dir.path() / "iostat.json";
  {
    auto profiler =
        Profiler::start({"sh", "-c", "trap 'echo done; exit' INT; echo begun; while :; do sleep 0.01; done"}, output);
    ASSERT_OK(profiler);
    while (content(output).find("begun") == std::string::npos)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_EQ(content(output), "begun\ndone\n");
}

TEST(Profiler, AMissingProgramIsAnError) {
  const testing::TempDir dir;
  EXPECT_ERROR(Profiler::start({"stoker-has-no-such-program"}, dir.path() / "x"), Code::kNotFound,
               "stoker-has-no-such-program");
}

TEST(Profiler, OnesThatCannotWorkHereAreRefused) {
  config::Workload w;
  w.profiling.profiler = config::Profiler::kDarshan;
  EXPECT_OK(check_profiler(w, nullptr)) << "profiling is off";
  w.workflow.profiling = true;
  EXPECT_ERROR(check_profiler(w, nullptr), Code::kConfig, "darshan is not loaded");
  EXPECT_ERROR(check_profiler(w, "/lib/libother.so"), Code::kConfig, "darshan is not loaded");
  EXPECT_OK(check_profiler(w, "/lib/libother.so:/opt/lib/libdarshan.so"));
  w.profiling.profiler = config::Profiler::kTensorboard;
  EXPECT_ERROR(check_profiler(w, nullptr), Code::kUnsupported, "tensorboard");
  w.profiling.profiler = config::Profiler::kIostat;
  EXPECT_OK(check_profiler(w, nullptr));
}

}  // namespace
}  // namespace stoker::training
