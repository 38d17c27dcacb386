// A clock that moves by itself, for programs of many threads: when every thread of the process sleeps, it is the time
// of the earliest deadline. So what takes minutes by the clock takes as long as its computing does, and is the same on
// a machine that others use.
//
// What a thread does otherwise takes no time. Time on a core, and time without one, are planted: work(), starve().
//
// Whether every thread sleeps is asked of the kernel, so that condition variables, futexes and barriers need not know
// of the clock: all threads are found asleep in two looks in turn, and none was switched to in between. Nothing else in
// the process may wake threads by real time.
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/fd.h"

namespace stoker::testing {

// The threads of this process but for the caller, which is always the same one.
class OtherThreads {
 public:
  // What the kernel counts of them, if all are asleep: whoever has run since is seen in it.
  [[nodiscard]] std::optional<std::string> all_asleep() {
    std::string counts;
    ::rewinddir(tasks_.get());
    while (const dirent* entry = ::readdir(tasks_.get())) {
      const std::string name = entry->d_name;
      if (name == self_ || name.front() == '.') continue;
      if (!add(name, counts)) return std::nullopt;
    }
    return counts;
  }

 private:
  bool add(const std::string& thread, std::string& counts) {
    Fd& status = status_[thread];
    if (!status.valid()) status = Fd(::open(("/proc/self/task/" + thread + "/status").c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 4096> buffer{};
    const ssize_t n = status.valid() ? ::pread(status.get(), buffer.data(), buffer.size(), 0) : 0;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    const auto switches = text.find("\nvoluntary_ctxt_switches:");
    if (switches == std::string_view::npos) status_.erase(thread);  // it has ended
    if (switches == std::string_view::npos || text.find("\nState:\tS") == std::string_view::npos) return false;
    counts += thread;
    counts += text.substr(switches);
    return true;
  }

  const std::unique_ptr<DIR, int (*)(DIR*)> tasks_{::opendir("/proc/self/task"), &::closedir};
  const std::string self_ = std::to_string(::gettid());
  std::map<std::string, Fd> status_;
};

// Safe from many threads.
class VirtualClock final : public Clock {
 public:
  VirtualClock() : mover_([this](const std::stop_token& stop) { move(stop); }) {}

  [[nodiscard]] Instant now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(now().since_start));
  }
  void sleep_until(Instant deadline, const std::stop_token& stop) const override {
    std::unique_lock lock(mutex_);
    if (deadline <= now_) return;
    const auto sleeper = sleepers_.emplace(sleepers_.end());
    sleeper->deadline = deadline;
    slept_.notify_one();
    sleeper->woken.wait(lock, stop, [&] { return deadline <= now_; });
    sleepers_.erase(sleeper);
    // A kernel that tells for how long threads wanted for a core; by so much they always do.
    times_[std::this_thread::get_id()].runnable += Nanos{1};
  }
  [[nodiscard]] ThreadTimes thread_times() const override {
    const std::lock_guard lock(mutex_);
    const auto it = times_.find(std::this_thread::get_id());
    return it == times_.end() ? ThreadTimes{} : it->second;
  }

  // The calling thread is on a core for so long, or has something to do and none.
  void work(Nanos d) const { pass(d, &ThreadTimes::cpu); }
  void starve(Nanos d) const { pass(d, &ThreadTimes::runnable); }

 private:
  struct Sleeper {
    Instant deadline;
    std::condition_variable_any woken;
  };

  void pass(Nanos d, Nanos ThreadTimes::*as) const {
    if (d <= Nanos{0}) return;
    sleep_until(now() + d, {});
    const std::lock_guard lock(mutex_);
    times_[std::this_thread::get_id()].*as += d;
  }

  void move(const std::stop_token& stop) {
    OtherThreads others;
    std::unique_lock lock(mutex_);
    while (slept_.wait(lock, stop, [&] { return !sleepers_.empty(); })) {
      lock.unlock();
      const auto before = others.all_asleep();
      const bool all_sleep = before && before == others.all_asleep();
      if (!all_sleep) std::this_thread::sleep_for(std::chrono::microseconds(20));  // leaves them the core
      lock.lock();
      if (all_sleep) wake_next();
    }
  }
  void wake_next() {
    const auto due = [&](const Sleeper& sleeper) { return sleeper.deadline <= now_; };
    if (sleepers_.empty() || std::any_of(sleepers_.begin(), sleepers_.end(), due)) return;
    const auto next = std::min_element(sleepers_.begin(), sleepers_.end(),
                                       [](const Sleeper& a, const Sleeper& b) { return a.deadline < b.deadline; });
    now_ = next->deadline;
    for (Sleeper& sleeper : sleepers_) {
      if (due(sleeper)) sleeper.woken.notify_one();
    }
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable_any slept_;
  mutable std::list<Sleeper> sleepers_;  // who waits for a deadline
  mutable std::map<std::thread::id, ThreadTimes> times_;
  Instant now_{Nanos{1'000'000'000}};
  std::jthread mover_;
};

}  // namespace stoker::testing
