#include "workloads/training/profiler.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace stoker::training {

Result<std::unique_ptr<Profiler>> Profiler::start(const std::vector<std::string>& command,
                                                  const std::filesystem::path& output) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  // In a group of its own, so that Ctrl-C reaches the run and not iostat, whose document would end too early.
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  pid_t pid = -1;
  const int failed = ::posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return make_error(failed == ENOENT ? Code::kNotFound : Code::kFailed, "{} could not be started: {}",
                      command.front(), std::strerror(failed));
  }
  return std::unique_ptr<Profiler>(new Profiler(pid));
}

Profiler::~Profiler() {
  ::kill(pid_, SIGINT);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::vector<std::string> iostat_command(const std::vector<std::string>& devices) {
  std::vector<std::string> command{"iostat", "-m", "-d", "-x", "-t", "-c", "-y", "-o", "JSON"};
  command.insert(command.end(), devices.begin(), devices.end());
  command.emplace_back("1");
  return command;
}

Status check_profiler(const config::Workload& w, const char* ld_preload) {
  if (!w.workflow.profiling) return {};
  if (w.profiling.profiler == config::Profiler::kTensorboard) {
    return Error{Code::kUnsupported,
                 "profiling.profiler: found tensorboard, which profiles TensorFlow's own loader only",
                 "use iostat, darshan or none"};
  }
  if (w.profiling.profiler == config::Profiler::kDarshan &&
      (ld_preload == nullptr || std::strstr(ld_preload, "libdarshan") == nullptr)) {
    return Error{Code::kConfig, "profiling.profiler: darshan is not loaded into this process",
                 "start with LD_PRELOAD=<path of libdarshan.so> in the environment of every rank (and "
                 "DARSHAN_ENABLE_NONMPI=1 without MPI), or use iostat"};
  }
  return {};
}

std::unique_ptr<Profiler> start_profiler(Context& c) {
  if (!c.root() || !c.workload.workflow.profiling || c.workload.profiling.profiler != config::Profiler::kIostat)
    return nullptr;
  auto profiler = Profiler::start(iostat_command(c.workload.profiling.iostat_devices), c.output_dir / "iostat.json");
  if (!profiler) {
    c.warn(profiler.error().message + "; the run goes on without it (Debian's package: sysstat)");
    return nullptr;
  }
  return std::move(*profiler);
}

}  // namespace stoker::training
