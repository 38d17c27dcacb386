#include "cluster/launch/process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "cluster/launch/testing/fake_launcher.h"

namespace stoker::launch {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Time = std::chrono::steady_clock;

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Runs shell scripts; "terminal" is a pair of files, so that a test can read what was shown.
class Processes : public ::testing::Test {
 protected:
  Processes() {
    shown_out_ = ::open((dir_.path() / "shown_out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    shown_err_ = ::open((dir_.path() / "shown_err").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  }
  ~Processes() override {
    ::close(shown_out_);
    ::close(shown_err_);
  }

  ProcessSpec script(const std::string& text) {
    ProcessSpec spec;
    spec.command = {"sh", "-c", text};
    spec.terminal_out = shown_out_;
    spec.terminal_err = shown_err_;
    spec.stdout_log = dir_.path() / "out.log";
    spec.stderr_log = dir_.path() / "err.log";
    return spec;
  }
  Result<int> run(const ProcessSpec& spec) { return ProcessLauncher().run(spec, {}); }
  std::string shown_out() { return content(dir_.path() / "shown_out"); }
  std::string shown_err() { return content(dir_.path() / "shown_err"); }
  std::string out_log() { return content(dir_.path() / "out.log"); }
  std::string err_log() { return content(dir_.path() / "err.log"); }
  // Waits for a script to leave a file.
  void await(const std::filesystem::path& path) {
    const auto deadline = Time::now() + std::chrono::seconds(20);
    while (!std::filesystem::exists(path) && Time::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    ASSERT_TRUE(std::filesystem::exists(path));
  }

  // Runs it, and stops it once the script has left a file.
  Result<int> run_until(const std::filesystem::path& ready, const ProcessSpec& spec) {
    std::stop_source source;
    std::jthread stopper([&] {
      await(ready);
      source.request_stop();
    });
    return ProcessLauncher().run(spec, source.get_token());
  }
  // Gone, or a zombie that its new parent has not reaped yet. The signal is sent, but the kernel may take a moment to
  // carry it out.
  static bool await_end(pid_t pid) {
    const auto deadline = Time::now() + std::chrono::seconds(20);
    while (Time::now() < deadline) {
      const std::string stat = content("/proc/" + std::to_string(pid) + "/stat");
      if (stat.empty() || stat.find(") Z ") != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

  stoker::testing::TempDir dir_;
  int shown_out_ = -1;
  int shown_err_ = -1;
};

TEST_F(Processes, AProgramThatTakesTooLongIsStopped) {
  ProcessSpec spec = script("sleep 60");
  spec.timeout = std::chrono::milliseconds(100);
  const auto begin = Time::now();
  EXPECT_ERROR(run(spec), Code::kTimeout, "'sh' did not end within 0.1 s and was stopped");
  EXPECT_LT(Time::now() - begin, std::chrono::seconds(5));
  // One that is deaf to SIGTERM is killed after the grace, with all that it started.
  spec = script("trap '' TERM; sleep 60 & wait");
  spec.timeout = std::chrono::milliseconds(100);
  spec.grace = std::chrono::milliseconds(100);
  EXPECT_ERROR(run(spec), Code::kTimeout, "was stopped");
  EXPECT_LT(Time::now() - begin, std::chrono::seconds(10));
  spec = script("exit 3");
  spec.timeout = std::chrono::seconds(60);
  EXPECT_EQ(*run(spec), 3) << "in time";
}

TEST_F(Processes, ShortAnswersAreKeptInsteadOfShown) {
  ProcessLauncher launcher;
  const auto answer = ask(launcher, script("echo yes; echo but >&2; exit 4"), {});
  ASSERT_OK(answer);
  EXPECT_EQ(answer->exit_code, 4);
  EXPECT_EQ(answer->out, "yes\n");
  EXPECT_EQ(answer->err, "but\n");
  EXPECT_EQ(shown_out() + shown_err(), "");
  ProcessSpec slow = script("echo first >&2; echo waiting for a host >&2; sleep 60");
  slow.timeout = std::chrono::milliseconds(300);
  EXPECT_ERROR(ask(launcher, slow, {}), Code::kTimeout, "its last words: waiting for a host");
  ProcessSpec missing;
  missing.command = {"no-such-program-here"};
  EXPECT_ERROR(ask(launcher, missing, {}), Code::kNotFound, "no-such-program-here");
}

TEST_F(Processes, ExitCodesComeBack) {
  for (int code : {0, 1, 6, 127, 255}) {
    const auto result = run(script("exit " + std::to_string(code)));
    ASSERT_OK(result);
    EXPECT_EQ(*result, code);
  }
}

TEST_F(Processes, ASignalIsAnExitCodeToo) {
  EXPECT_EQ(*run(script("kill -KILL $$")), 137);
  EXPECT_EQ(*run(script("kill -TERM $$")), 143);
}

TEST_F(Processes, AProgramThatDoesNotExistIsAnError) {
  ProcessSpec spec = script("");
  spec.command = {"no-such-program-anywhere"};
  const auto missing = run(spec);
  EXPECT_ERROR(missing, Code::kNotFound, "cannot start 'no-such-program-anywhere'");
  EXPECT_THAT(missing.error().hint, HasSubstr("PATH"));
  spec.command = {(dir_.path() / "nothing").string()};
  const auto no_file = run(spec);
  EXPECT_ERROR(no_file, Code::kNotFound, "nothing");
  EXPECT_THAT(no_file.error().hint, HasSubstr("path"));
}

TEST_F(Processes, AFileThatIsNoProgramIsRefused) {
  ProcessSpec spec = script("");
  std::ofstream(dir_.path() / "data") << "text";
  spec.command = {(dir_.path() / "data").string()};
  EXPECT_ERROR(run(spec), Code::kPermission, "data");
}

TEST_F(Processes, OutputIsShownAndKept) {
  ASSERT_EQ(*run(script("echo to out; echo to err >&2")), 0);
  EXPECT_EQ(shown_out(), "to out\n");
  EXPECT_EQ(shown_err(), "to err\n");
  EXPECT_EQ(out_log(), "to out\n");
  EXPECT_EQ(err_log(), "to err\n");
}

TEST_F(Processes, LiveProgressIsShownButNotKept) {
  ASSERT_EQ(*run(script(R"(printf 'start\n\r10 %%\r20 %%\n'; printf 'end\n')")), 0);
  EXPECT_EQ(shown_out(), "start\n\r10 %\r20 %\nend\n");
  EXPECT_EQ(out_log(), "start\nend\n");
}

TEST_F(Processes, OutputIsPrintable) {
  ASSERT_EQ(*run(script(R"(printf '\033[2J\377\303\n'; printf '\033]0;x\007\n' >&2)")), 0);
  EXPECT_EQ(shown_out(), "\\x1b[2J\\xff\\xc3\n");
  EXPECT_EQ(out_log(), "\\x1b[2J\\xff\\xc3\n");
  EXPECT_EQ(shown_err(), "\\x1b]0;x\\x07\n");
}

TEST_F(Processes, OutputIsShownWhileTheProgramRuns) {
  const auto seen = dir_.path() / "seen";
  ProcessSpec spec = script("echo hello; while [ ! -e '" + seen.string() + "' ]; do sleep 0.01; done");
  std::jthread watcher([&] {
    const auto deadline = Time::now() + std::chrono::seconds(20);
    while (shown_out() != "hello\n" && Time::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_EQ(out_log(), "hello\n");
    std::ofstream(seen) << "x";
  });
  EXPECT_EQ(*run(spec), 0);
}

TEST_F(Processes, LogsAreOptionalAndReplaced) {
  std::ofstream(dir_.path() / "out.log") << "something older and longer\n";
  ProcessSpec spec = script("echo new; echo err >&2");
  spec.stderr_log.clear();
  ASSERT_EQ(*run(spec), 0);
  EXPECT_EQ(out_log(), "new\n");
  EXPECT_FALSE(std::filesystem::exists(dir_.path() / "err.log"));
}

TEST_F(Processes, ALogThatCannotBeCreatedStartsNothing) {
  ProcessSpec spec = script("touch '" + (dir_.path() / "ran").string() + "'");
  spec.stderr_log = dir_.path() / "no" / "such" / "folder";
  EXPECT_ERROR(run(spec), Code::kNotFound, "cannot create the log file");
  EXPECT_FALSE(std::filesystem::exists(dir_.path() / "ran"));
}

TEST_F(Processes, ALogOnAFullDiskDoesNotStopTheProgram) {
  ProcessSpec spec = script("echo one; echo two");
  spec.stdout_log = "/dev/full";
  EXPECT_EQ(*run(spec), 0);
  EXPECT_EQ(shown_out(), "one\ntwo\n");
}

TEST_F(Processes, MuchOutputOnBothStreams) {
  // Far more than two pipes hold, in turns that would block a reader of one stream after the other.
  ASSERT_EQ(*run(script("i=0; while [ $i -lt 20 ]; do head -c 200000 /dev/zero | tr '\\0' 'o'; "
                        "head -c 200000 /dev/zero | tr '\\0' 'e' >&2; i=$((i+1)); done")),
            0);
  EXPECT_EQ(out_log(), std::string(4'000'000, 'o'));
  EXPECT_EQ(err_log(), std::string(4'000'000, 'e'));
  EXPECT_EQ(shown_out().size(), 4'000'000U);
  EXPECT_EQ(shown_err().size(), 4'000'000U);
}

TEST_F(Processes, TheLastOutputBeforeTheEndIsNotLost) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(*run(script("head -c 60000 /dev/zero | tr '\\0' 'x'; echo last")), 0);
    ASSERT_EQ(out_log(), std::string(60'000, 'x') + "last\n");
  }
}

TEST_F(Processes, AChildMayCloseItsOutputEarly) {
  EXPECT_EQ(*run(script("echo one; exec >&- 2>&-; sleep 0.1; exit 9")), 9);
  EXPECT_EQ(out_log(), "one\n");
}

TEST_F(Processes, ADescendantThatHoldsThePipeIsNotWaitedFor) {
  const auto begin = Time::now();
  EXPECT_EQ(*run(script("echo $$; (sleep 30)& exit 4")), 4);
  EXPECT_LT(Time::now() - begin, std::chrono::seconds(15));
  // The descendant is in the child's process group, whose number the script has printed.
  EXPECT_EQ(::kill(-std::stoi(out_log()), SIGKILL), 0);
}

TEST_F(Processes, TheEnvironmentIsOursWithAdditions) {
  ::setenv("STOKER_TEST_OURS", "ours", 1);
  ::setenv("STOKER_TEST_BOTH", "old", 1);
  ProcessSpec spec =
      script("echo $STOKER_TEST_OURS $STOKER_TEST_BOTH $STOKER_TEST_NEW; env | grep -c STOKER_TEST_BOTH");
  spec.environment = {{"STOKER_TEST_BOTH", "new"}, {"STOKER_TEST_NEW", "a=b c"}};
  ASSERT_EQ(*run(spec), 0);
  EXPECT_EQ(out_log(), "ours new a=b c\n1\n");
  ::unsetenv("STOKER_TEST_OURS");
  ::unsetenv("STOKER_TEST_BOTH");
}

TEST_F(Processes, TheChildHasAGroupOfItsOwnAndNoInput) {
  ASSERT_EQ(*run(script("cat; ps -o pgid= -p $$ | tr -d ' '; echo $$")), 0);
  std::istringstream lines(out_log());
  std::string group;
  std::string self;
  lines >> group >> self;
  EXPECT_EQ(group, self);
}

TEST_F(Processes, BlockedSignalsAreNotInherited) {
  sigset_t term;
  sigset_t before;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &term, &before);
  EXPECT_EQ(*run(script("kill -TERM $$; sleep 0.1; exit 0")), 143);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_F(Processes, ATerminalThatHasGoneDoesNotStopTheProgram) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  ::close(ends[0]);
  ProcessSpec spec = script("echo one; sleep 0.05; echo two; exit 3");
  spec.terminal_out = ends[1];
  EXPECT_EQ(*run(spec), 3);
  EXPECT_EQ(out_log(), "one\ntwo\n");
  ::close(ends[1]);
}

TEST_F(Processes, NoChildIsLeftUnreaped) {
  ASSERT_EQ(*run(script("exit 0")), 0);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(Processes, AStopIsPassedOnAsATerminate) {
  const auto ready = dir_.path() / "ready";
  ProcessSpec spec =
      script("trap 'echo told; exit 12' TERM; touch '" + ready.string() + "'; while :; do sleep 0.01; done");
  EXPECT_EQ(*run_until(ready, spec), 12);
  EXPECT_EQ(out_log(), "told\n");
}

TEST_F(Processes, AChildThatIgnoresTheStopIsKilledWithItsGroup) {
  const auto ready = dir_.path() / "ready";
  ProcessSpec spec =
      script("trap '' TERM; sleep 600 & echo $!; touch '" + ready.string() + "'; while :; do sleep 0.01; done");
  spec.grace = std::chrono::milliseconds(100);
  const auto begin = Time::now();
  EXPECT_EQ(*run_until(ready, spec), 137);
  EXPECT_LT(Time::now() - begin, std::chrono::seconds(20));
  EXPECT_TRUE(await_end(std::stoi(out_log()))) << "the sleeping grandchild goes with it";
}

TEST_F(Processes, WhatAKilledChildLeavesBehindIsKilled) {
  EXPECT_EQ(*run(script("sleep 600 & echo $!; kill -KILL $$")), 137);
  EXPECT_TRUE(await_end(std::stoi(out_log())));
}

// The test's process is the child of one that is killed while it runs a script.
TEST_F(Processes, AChildDoesNotOutliveThisProcess) {
  for (const std::string ignoring : {"", "trap '' TERM; "}) {
    const auto ready = dir_.path() / "ready";
    std::filesystem::remove(ready);
    ProcessSpec spec = script(ignoring + "sleep 600 & echo $$ $!; touch '" + ready.string() + "'; wait; sleep 600");
    spec.grace = std::chrono::milliseconds(200);
    const pid_t parent = ::fork();
    if (parent == 0) {
      (void)ProcessLauncher().run(spec, {});
      ::_exit(0);
    }
    await(ready);
    ::kill(parent, SIGKILL);
    ::waitpid(parent, nullptr, 0);
    std::istringstream words(out_log());
    for (pid_t pid = 0; words >> pid;) EXPECT_TRUE(await_end(pid)) << ignoring << pid;
  }
}

TEST_F(Processes, AStoppedChildHearsTheStop) {
  const auto ready = dir_.path() / "ready";
  ProcessSpec spec = script("touch '" + ready.string() + "'; kill -STOP $$; sleep 600");
  EXPECT_EQ(*run_until(ready, spec), 143);
}

TEST_F(Processes, WhatAStoppedChildLeavesBehindIsKilledAtOnce) {
  const auto ready = dir_.path() / "ready";
  ProcessSpec spec = script("sleep 600 & touch '" + ready.string() + "'; wait");
  const auto begin = Time::now();
  EXPECT_EQ(*run_until(ready, spec), 143);
  // Neither the grace nor the drain was waited for.
  EXPECT_LT(Time::now() - begin, std::chrono::seconds(4));
}

TEST_F(Processes, StoppedBeforeItBegan) {
  std::stop_source source;
  source.request_stop();
  EXPECT_ERROR(ProcessLauncher().run(script("exit 0"), source.get_token()), Code::kInterrupted,
               "before 'sh' was started");
}

TEST(ExitCodeHint, ForTheKnownOnes) {
  EXPECT_THAT(exit_code_hint(127), StartsWith("program not found"));
  EXPECT_THAT(exit_code_hint(137), HasSubstr("out of memory"));
  EXPECT_THAT(exit_code_hint(126), HasSubstr("permissions"));
  EXPECT_THAT(exit_code_hint(139), HasSubstr("crashed"));
  EXPECT_THAT(exit_code_hint(134), HasSubstr("internal error"));
  EXPECT_EQ(exit_code_hint(0), "");
  EXPECT_EQ(exit_code_hint(6), "");
}

TEST(CurrentExecutable, IsThisTest) {
  EXPECT_EQ(current_executable().filename(), "stoker_cluster_launch_test");
}

TEST(FakeLauncher, RecordsAndAnswers) {
  testing::FakeLauncher fake;
  int effects = 0;
  fake.answer(7);
  fake.answer(make_error(Code::kNotFound, "no mpirun"));
  fake.on_run([&](const ProcessSpec&) { ++effects; });
  ProcessSpec spec;
  spec.command = {"mpirun"};
  EXPECT_EQ(*fake.run(spec, {}), 7);
  EXPECT_ERROR(fake.run(spec, {}), Code::kNotFound, "no mpirun");
  EXPECT_EQ(*fake.run(spec, {}), 0);
  EXPECT_EQ(effects, 3);
  ASSERT_EQ(fake.specs.size(), 3U);
  EXPECT_EQ(fake.specs[0].command, spec.command);
}

}  // namespace
}  // namespace stoker::launch
