// How far the run is, while it runs: one live line on a terminal, a plain line now and then elsewhere.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace stoker::training {

enum class ProgressMode { kOff, kLines, kLive };

// Environment: set by the front end, to "live" or "lines", as its terminal takes progress.
inline constexpr const char* kFrontEndVariable = "STOKER_PROGRESS";
// Whether a front end has started this process: it tells the end of the run, an interruption for one.
[[nodiscard]] bool has_front_end();

// kOff when quiet; kLive when stderr is a terminal, or a parent that owns one says so (STOKER_PROGRESS=live); else
// kLines. NO_COLOR and TERM=dumb turn live lines into plain ones.
[[nodiscard]] ProgressMode progress_mode(bool quiet);

// One per process, shared by its ranks. add() is cheap and for any thread; begin() and end() by one thread at a time.
class Progress {
 public:
  Progress(const Clock& clock, ProgressMode mode) : clock_(clock), mode_(mode) {}

  // A phase of `total` units ("files", "steps").
  void begin(std::string_view title, std::string_view unit, std::uint64_t total);
  void add(std::uint64_t units, std::uint64_t bytes);
  // Accelerator utilisation so far, in percent.
  void set_au(double percent) { au_.store(percent, std::memory_order_relaxed); }
  // Removes the live line. The phase's result is the caller's to print.
  void end();

  // The line as it would be printed now (for tests).
  [[nodiscard]] std::string line(Instant now) const;

 private:
  void print(Instant now);

  const Clock& clock_;
  const ProgressMode mode_;
  std::atomic<std::uint64_t> units_{0}, bytes_{0};
  std::atomic<double> au_{-1};
  std::atomic<std::int64_t> next_print_ns_{0};
  std::atomic<bool> active_{false};
  std::mutex mutex_;  // one printer at a time; also guards title, unit and total between phases
  std::string title_, unit_;
  std::uint64_t total_ = 0;
  Instant started_;
  bool line_open_ = false;
};

}  // namespace stoker::training
