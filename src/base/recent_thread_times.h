// What became of a thread's time, for those who ask several times in a few microseconds.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/clock.h"

namespace stoker {

// Clock::thread_times() is system calls: asked at every border of its stages, a chunk of a few kilobytes would cost
// more to time than to read. So what was read a moment ago counts as if the thread had been on a core since. What a
// thread waits for a device is between two borders that are read exactly. For one thread at a time.
class RecentThreadTimes {
 public:
  static constexpr std::chrono::microseconds kMoment{10};

  explicit RecentThreadTimes(const Clock& clock) : clock_(clock) {}

  // Neither number ever goes back.
  [[nodiscard]] ThreadTimes now() {
    const Instant now = clock_.now();
    if (!read_at_ || now - *read_at_ > kMoment) {
      read_at_ = now;
      read_ = clock_.thread_times();
    }
    told_.cpu = std::max(told_.cpu, read_.cpu + (now - *read_at_));
    told_.runnable = std::max(told_.runnable, read_.runnable);
    return told_;
  }
  // Read now, whatever was read before: for the borders of a wait.
  [[nodiscard]] ThreadTimes exact() {
    read_at_ = clock_.now();
    read_ = clock_.thread_times();
    told_.cpu = std::max(told_.cpu, read_.cpu);
    told_.runnable = std::max(told_.runnable, read_.runnable);
    return read_;
  }
  // Before another thread asks.
  void reset() {
    read_at_.reset();
    told_ = {};
  }

 private:
  const Clock& clock_;
  std::optional<Instant> read_at_;
  ThreadTimes read_, told_;
};

}  // namespace stoker
