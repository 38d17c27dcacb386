#include "workloads/ceilings/fio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/testing/status_matchers.h"

namespace stoker::ceilings {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kAnswer = R"(fio: a warning
{"jobs": [{"usr_cpu": 2.5, "sys_cpu": 7.5, "job_runtime": 4000,
  "read": {"io_bytes": 2000000000, "runtime": 4000,
           "clat_ns": {"percentile": {"50.000000": 1500000, "99.000000": 9000000}}},
  "write": {"io_bytes": 0, "runtime": 0}}]})";

// Answers each command from a list, and remembers them.
class FakeLauncher final : public launch::Launcher {
 public:
  struct Reply {
    int exit_code = 0;
    std::string out, err;
  };
  explicit FakeLauncher(std::vector<Reply> replies) : replies_(std::move(replies)) {}
  Result<int> run(const launch::ProcessSpec& spec, const std::stop_token&) override {
    commands.push_back(spec.command);
    if (replies_.size() < commands.size()) return make_error(Code::kNotFound, "cannot start 'fio'");
    const Reply& reply = replies_[commands.size() - 1];
    std::ofstream(spec.stdout_log) << reply.out;
    std::ofstream(spec.stderr_log) << reply.err;
    return reply.exit_code;
  }
  std::vector<std::vector<std::string>> commands;

 private:
  std::vector<Reply> replies_;
};

TEST(FioCommand, ReadsOnlyAndMakesNoFile) {
  const auto words = fio_command(
      {.files = {"/a:b", "/c"}, .direct = true, .depth = 8, .request_bytes = 70'000, .seconds = 2}, "io_uring");
  for (const char* word : {"--readonly", "--rw=randread", "--allow_file_create=0", "--filename=/a\\:b:/c",
                           "--iodepth=8", "--bs=69632", "--direct=1", "--runtime=2", "--output-format=json"}) {
    EXPECT_THAT(words, Contains(word));
  }
}

TEST(FioCommand, WritesUntilAllIsOnTheStorage) {
  const auto words = fio_command({.writes = true, .files = {"/own/f"}, .file_bytes = 10, .request_bytes = 1}, "libaio");
  for (const char* word : {"--rw=write", "--end_fsync=1", "--filesize=10", "--bs=4096", "--ioengine=libaio"})
    EXPECT_THAT(words, Contains(word));
  EXPECT_THAT(words, Not(Contains("--readonly")));
}

TEST(ParseFio, TakesRateLatencyAndCpu) {
  const auto point = parse_fio(kAnswer, false);
  ASSERT_OK(point);
  EXPECT_DOUBLE_EQ(point->bytes_per_second, 5e8);
  EXPECT_DOUBLE_EQ(point->cpu_seconds_per_gb, 0.2);
  EXPECT_DOUBLE_EQ(point->p50_ms, 1.5);
  EXPECT_DOUBLE_EQ(point->p99_ms, 9);
}

TEST(ParseFio, RefusesWhatSaysNothing) {
  EXPECT_FALSE(parse_fio(kAnswer, true));
  for (const char* text : {"", "fio: no", "{}", "{\"jobs\": []}", "{\"jobs\": 3}", "{\"jobs\": [{\"read\": 1}]}", "{"})
    EXPECT_FALSE(parse_fio(text, false)) << text;
}

TEST(Fio, IsTriedWithAnotherEngineWhereTheFirstIsRefused) {
  FakeLauncher launcher({{1, "", "fio: engine io_uring not loadable\n"}, {0, kAnswer, ""}, {0, kAnswer, ""}});
  Fio fio(launcher, {});
  const FioJob job{.files = {"/small", "/large"}, .depth = 4, .request_bytes = 8192};
  ASSERT_OK(fio.run(job, {4096, 100'000}));
  EXPECT_THAT(launcher.commands.at(0), Contains("--ioengine=io_uring"));
  EXPECT_THAT(launcher.commands.at(1), Contains("--ioengine=libaio"));
  // No request fits into the small file.
  EXPECT_THAT(launcher.commands.at(1), Contains("--filename=/large"));
  ASSERT_OK(fio.run(job, {4096, 100'000}));
  EXPECT_THAT(launcher.commands.at(2), Contains("--ioengine=libaio"));
}

TEST(Fio, FailingIsAReasonAndAbsenceAnother) {
  FakeLauncher failing({{1, "", "one\ntwo\n"}, {1, "", "three\nfour\n"}});
  EXPECT_THAT(Fio(failing, {}).run({.files = {"/f"}}, {1 << 20}).error().message, HasSubstr("exit code 1: four"));
  FakeLauncher absent({});
  EXPECT_EQ(Fio(absent, {}).version().error().code, Code::kNotFound);
  EXPECT_THAT(Fio(absent, {}).run({.files = {"/f"}}, {100}).error().message, HasSubstr("no file is as large"));
}

}  // namespace
}  // namespace stoker::ceilings
