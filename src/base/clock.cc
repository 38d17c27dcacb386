#include "base/clock.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/cpu_time.h"
#include "base/fd.h"

namespace stoker {

Nanos from_seconds(double s) {
  constexpr double kMost = 9.2e9;  // below the end of Nanos, and a number of nanoseconds that a double holds
  if (std::isnan(s)) return Nanos{0};
  if (s > kMost) return Nanos::max();
  if (s < -kMost) return Nanos::min();
  return std::chrono::duration_cast<Nanos>(std::chrono::duration<double>(s));
}

namespace {

// The kernel may wake a sleeper late by its timer slack (50 us by default), so the last stretch is spun. Longer spins
// make tails worse where cores are shared: a spinner uses up its time slice just before it needs it.
constexpr Nanos kSpin{60'000};
constexpr Nanos kStopPoll{50'000'000};

void nanosleep_until(Instant deadline) {
  const auto count = deadline.since_start.count();
  timespec ts{.tv_sec = static_cast<time_t>(count / 1'000'000'000),
              .tv_nsec = static_cast<long>(count % 1'000'000'000)};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, nullptr);
}

Nanos read_clock(clockid_t clock) {
  timespec ts{};
  ::clock_gettime(clock, &ts);
  return Nanos{static_cast<std::int64_t>(ts.tv_sec) * 1'000'000'000 + ts.tv_nsec};
}

}  // namespace

Instant SteadyClock::now() const {
  return Instant{read_clock(CLOCK_MONOTONIC)};
}

Nanos SteadyClock::suspended() const {
  const Nanos running = read_clock(CLOCK_MONOTONIC);
  return std::max(Nanos{0}, read_clock(CLOCK_BOOTTIME) - running);
}

std::chrono::system_clock::time_point SteadyClock::wall() const {
  return std::chrono::system_clock::now();
}

ThreadTimes SteadyClock::thread_times() const {
  // "time on cores, time in run queues, time slices", in ns; not there in kernels without scheduler statistics.
  thread_local const Fd stat(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC));
  ThreadTimes times{.cpu = thread_cpu_time()};
  std::array<char, 96> text{};
  const ssize_t n = stat.valid() ? ::pread(stat.get(), text.data(), text.size() - 1, 0) : 0;
  const std::string_view line(text.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  const auto space = line.find(' ');
  std::int64_t runnable = 0;
  if (space != std::string_view::npos) {
    std::from_chars(line.data() + space + 1, line.data() + line.size(), runnable);
    times.runnable = Nanos{runnable};
  }
  return times;
}

void SteadyClock::sleep_until(Instant deadline, const std::stop_token& stop) const {
  // Timer slack is a property of the thread; setting it again costs 0.1 us.
  thread_local const bool precise = ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL) == 0;
  static_cast<void>(precise);
  for (Instant t = now(); t < deadline && !stop.stop_requested(); t = now()) {
    const Nanos left = deadline - t;
    if (left > kSpin) nanosleep_until(t + std::min(left - kSpin, kStopPoll));
  }
}

}  // namespace stoker
