// One rank of a small MPI job. Which part it plays is its first argument:
//
//   suite         runs the checks that every communicator must pass; 0 when they hold on this rank
//   barriers N    calls N barriers; rank 0 prints microseconds per barrier, and of agree()
//   cpus          prints on how many CPUs this rank may run
//   late          rank 0 ends 300 ms after the others; each prints how much CPU time it used
//   killed        the last rank kills itself while the others wait
//   gives_up      the last rank aborts with exit code 6 and returns
//   stuck         the last rank aborts with exit code 6 and does not return
//   told          every rank waits in a barrier that one never joins, until SIGTERM makes it abort
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "base/interrupt.h"
#include "cluster/dist/launch_variables.h"
#include "cluster/dist/mpi_module.h"
#include "cluster/dist/testing/communicator_suite.h"

namespace stoker::dist {
namespace {

using Time = std::chrono::steady_clock;

bool is_last(const Communicator& comm) {
  return comm.rank() == comm.size() - 1;
}

int suite(Communicator& comm) {
  int failures = 0;
  for (const testing::Case& check : testing::communicator_cases()) {
    const std::string wrong = check.run(comm);
    if (wrong.empty()) continue;
    fmt::print(stderr, "rank {}: {}: {}\n", comm.rank(), check.name, wrong);
    // The ranks are no longer in step.
    ++failures;
    break;
  }
  if (failures != 0) {
    comm.abort(1);
    return 1;
  }
  if (comm.rank() == 0) fmt::print("all checks hold over {} ranks\n", comm.size());
  return 0;
}

int barriers(Communicator& comm, int count) {
  const auto time = [&](auto call) {
    const auto begin = Time::now();
    for (int i = 0; i < count; ++i) {
      if (!call()) return -1.0;
    }
    return std::chrono::duration<double, std::micro>(Time::now() - begin).count() / count;
  };
  const double barrier_us = time([&] { return comm.barrier().has_value(); });
  const double agree_us = time([&] { return agree(comm, {}).has_value(); });
  if (comm.rank() == 0) fmt::print("barrier {:.1f} us, agree {:.1f} us\n", barrier_us, agree_us);
  return barrier_us >= 0 && agree_us >= 0 ? 0 : 1;
}

int cpus(Communicator& comm) {
  cpu_set_t mask;
  ::sched_getaffinity(0, sizeof mask, &mask);
  fmt::print("rank {} runs on {} CPUs\n", comm.rank(), CPU_COUNT(&mask));
  return 0;
}

int late(Communicator& comm) {
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  if (comm.rank() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(300));
  if (!comm.barrier()) return 1;
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  const auto ms = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  const double used = ms(after.ru_utime) + ms(after.ru_stime) - ms(before.ru_utime) - ms(before.ru_stime);
  fmt::print("rank {} used {:.0f} ms of 300\n", comm.rank(), used);
  // A rank that tested without sleeping would use all of it.
  return used < 200 ? 0 : 1;
}

// The others of a job in which one rank fails: they wait, and must not do so for ever.
int wait_for_the_failed(Communicator& comm) {
  return comm.barrier() ? 0 : 130;
}

int killed(Communicator& comm) {
  if (is_last(comm)) ::raise(SIGKILL);
  return wait_for_the_failed(comm);
}

int gives_up(Communicator& comm) {
  if (!is_last(comm)) return wait_for_the_failed(comm);
  comm.abort(6);
  comm.abort(7);
  return comm.barrier() ? 0 : 6;
}

int stuck(Communicator& comm) {
  if (!is_last(comm)) return wait_for_the_failed(comm);
  comm.abort(6);
  std::this_thread::sleep_for(std::chrono::minutes(10));
  return 0;
}

int told(Communicator& comm) {
  const InterruptGuard guard;
  const std::stop_callback on_stop(guard.token(), [&] { comm.abort(130); });
  fmt::print("rank {} is ready\n", comm.rank());
  std::fflush(stdout);
  if (is_last(comm)) {
    while (!guard.token().stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  } else if (const Status met = comm.barrier(); met.has_value() || met.error().code != Code::kInterrupted) {
    return 1;
  }
  fmt::print("rank {} was told\n", comm.rank());
  std::fflush(stdout);
  return 130;
}

int run(std::span<char*> arguments) {
  const std::string_view part = arguments.size() > 1 ? arguments[1] : "";
  if (!launched_by_mpi()) {
    fmt::print(stderr, "not started by an MPI launcher\n");
    return 2;
  }
  auto comm = make_mpi_communicator();
  if (!comm) {
    fmt::print(stderr, "{} (hint: {})\n", comm.error().message, comm.error().hint);
    return 6;
  }
  Communicator& ranks = **comm;
  if (part == "suite") return suite(ranks);
  if (part == "barriers") return barriers(ranks, arguments.size() > 2 ? std::atoi(arguments[2]) : 1000);
  if (part == "cpus") return cpus(ranks);
  if (part == "late") return late(ranks);
  if (part == "killed") return killed(ranks);
  if (part == "gives_up") return gives_up(ranks);
  if (part == "stuck") return stuck(ranks);
  if (part == "told") return told(ranks);
  fmt::print(stderr, "unknown part '{}'\n", part);
  return 2;
}

}  // namespace
}  // namespace stoker::dist

int main(int argc, char** argv) {
  return stoker::dist::run({argv, static_cast<std::size_t>(argc)});
}
