#include "workloads/training/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/units.h"
#include "base/variables.h"

namespace stoker::training {
namespace {

constexpr Nanos kLiveInterval{200'000'000};
constexpr Nanos kFirstLine{5'000'000'000};
constexpr Nanos kLineInterval{15'000'000'000};

}  // namespace

bool has_front_end() {
  return variable(kFrontEndVariable).has_value();
}

ProgressMode progress_mode(bool quiet) {
  if (quiet) return ProgressMode::kOff;
  if (const auto front_end = variable(kFrontEndVariable))
    return *front_end == "live" ? ProgressMode::kLive : ProgressMode::kLines;
  const bool dumb = variable("NO_COLOR") || variable("TERM") == "dumb";
  return ::isatty(STDERR_FILENO) == 1 && !dumb ? ProgressMode::kLive : ProgressMode::kLines;
}

void Progress::begin(std::string_view title, std::string_view unit, std::uint64_t total) {
  const std::lock_guard lock(mutex_);
  title_ = title;
  unit_ = unit;
  total_ = total;
  units_.store(0);
  bytes_.store(0);
  au_.store(-1);
  started_ = clock_.now();
  const Nanos first = mode_ == ProgressMode::kLive ? kLiveInterval : kFirstLine;
  next_print_ns_.store((started_ + first).since_start.count());
  active_.store(mode_ != ProgressMode::kOff);
}

void Progress::add(std::uint64_t units, std::uint64_t bytes) {
  units_.fetch_add(units, std::memory_order_relaxed);
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  if (!active_.load(std::memory_order_relaxed)) return;
  const Instant now = clock_.now();
  if (now.since_start.count() < next_print_ns_.load(std::memory_order_relaxed)) return;
  // Whoever gets the lock prints; the others have nothing to add.
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (lock.owns_lock() && now.since_start.count() >= next_print_ns_.load()) print(now);
}

void Progress::print(Instant now) {
  const std::string text = line(now);
  if (mode_ == ProgressMode::kLive) {
    std::fputs(fmt::format("\r{}\x1b[K", text).c_str(), stderr);
    line_open_ = true;
  } else {
    std::fputs((text + "\n").c_str(), stderr);
  }
  std::fflush(stderr);
  const Nanos interval = mode_ == ProgressMode::kLive ? kLiveInterval : kLineInterval;
  next_print_ns_.store((now + interval).since_start.count());
}

std::string Progress::line(Instant now) const {
  const double seconds = to_seconds(now - started_);
  const std::uint64_t units = units_.load();
  const std::uint64_t bytes = bytes_.load();
  std::string text = fmt::format("{}: {} of {} {}", title_, format_count(units), format_count(total_), unit_);
  if (seconds > 0 && bytes > 0) text += fmt::format(", {}/s", format_bytes(static_cast<double>(bytes) / seconds));
  if (seconds > 0 && units > 0 && bytes == 0)
    text += fmt::format(", {:.1f} {}/s", static_cast<double>(units) / seconds, unit_);
  if (units > 0 && units < total_) {
    text += fmt::format(", {} left",
                        format_duration(seconds * static_cast<double>(total_ - units) / static_cast<double>(units)));
  }
  if (const double au = au_.load(); au >= 0) text += fmt::format(", AU {:.1f} %", au);
  return text;
}

void Progress::end() {
  const std::lock_guard lock(mutex_);
  active_.store(false);
  if (line_open_) {
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
    line_open_ = false;
  }
}

}  // namespace stoker::training
