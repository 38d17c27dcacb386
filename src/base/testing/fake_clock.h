// A clock that a test moves. sleep_until moves it to the deadline at once.
#pragma once

#include <mutex>
#include <vector>

#include "base/clock.h"

namespace stoker::testing {

// Safe from many threads. Records every sleep.
class FakeClock : public Clock {
 public:
  [[nodiscard]] Instant now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(now().since_start));
  }
  void sleep_until(Instant deadline, const std::stop_token& stop) const override {
    const std::lock_guard lock(mutex_);
    if (stop.stop_requested() || deadline <= now_) return;
    sleeps_.push_back(deadline - now_);
    now_ = deadline;
  }
  [[nodiscard]] ThreadTimes thread_times() const override {
    const std::lock_guard lock(mutex_);
    return thread_times_;
  }
  // Of every thread, from now on.
  void set_thread_times(const ThreadTimes& times) {
    const std::lock_guard lock(mutex_);
    thread_times_ = times;
  }
  void advance(Nanos d) {
    const std::lock_guard lock(mutex_);
    now_ = now_ + d;
  }
  [[nodiscard]] std::vector<Nanos> sleeps() const {
    const std::lock_guard lock(mutex_);
    return sleeps_;
  }

 private:
  mutable std::mutex mutex_;
  mutable Instant now_{Nanos{1'000'000'000}};
  mutable std::vector<Nanos> sleeps_;
  ThreadTimes thread_times_;
};

}  // namespace stoker::testing
