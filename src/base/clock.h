// Time as a value that is passed in, so that a test owns it.
#pragma once

#include <chrono>
#include <stop_token>

namespace stoker {

using Nanos = std::chrono::nanoseconds;

// A monotonic instant: nanoseconds since an arbitrary start of the clock that made it.
struct Instant {
  Nanos since_start{0};
  friend Nanos operator-(Instant a, Instant b) { return a.since_start - b.since_start; }
  friend Instant operator+(Instant a, Nanos b) { return Instant{a.since_start + b}; }
  friend auto operator<=>(const Instant&, const Instant&) = default;
};

inline double to_seconds(Nanos d) {
  return std::chrono::duration<double>(d).count();
}
// Saturates at 292 years, where Nanos end; what is no number is 0.
[[nodiscard]] Nanos from_seconds(double s);

// What became of a thread's time since it began. The rest it slept, or waited for others: devices, locks.
struct ThreadTimes {
  Nanos cpu{0};       // on a core, user and system
  Nanos runnable{0};  // it had work and no core; 0 where the kernel does not tell
};

// Safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  // Wall-clock time, for time stamps in results only (never for durations).
  [[nodiscard]] virtual std::chrono::system_clock::time_point wall() const = 0;
  // Returns at the deadline, or early when a stop is requested (checked at least every 50 ms). Accurate to about 1 us
  // on an idle core: sleeps until 60 us before the deadline and spins the rest; measured in docs/metrics.md.
  virtual void sleep_until(Instant deadline, const std::stop_token& stop) const = 0;
  // For how long now() stood still while time went on, since an arbitrary moment: the host was suspended.
  [[nodiscard]] virtual Nanos suspended() const { return Nanos{0}; }
  // Of the calling thread. System calls, 1 us in all: for once per chunk, not once per row.
  [[nodiscard]] virtual ThreadTimes thread_times() const { return {}; }
};

// CLOCK_MONOTONIC. Stateless; one shared instance will do.
class SteadyClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override;
  void sleep_until(Instant deadline, const std::stop_token& stop) const override;
  [[nodiscard]] Nanos suspended() const override;
  [[nodiscard]] ThreadTimes thread_times() const override;
};

}  // namespace stoker
