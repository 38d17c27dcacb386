#include "base/clock.h"

#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <cmath>

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
