#include "app/cli/stages.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <system_error>
#include <thread>

#include "app/cli/console.h"
#include "base/check.h"

namespace stoker::cli {

// Redraws once a second while it is shown.
struct Stages::Bar {
  explicit Bar(int total_stages, const Clock& the_clock)
      : total(total_stages), clock(the_clock), ticker([this](const std::stop_token& stop) { tick(stop); }) {}

  void show(int stage, std::string_view what) {
    {
      const std::lock_guard lock(mutex);
      number = stage;
      text = what;
      begun = clock.now();
      draw();
    }
    changed.notify_all();
  }
  void hide() {
    const std::lock_guard lock(mutex);
    text.clear();
    set_live_line("");
  }

  void draw() { set_live_line(stage_bar(number, total, text, to_seconds(clock.now() - begun))); }
  void tick(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      if (text.empty()) {
        changed.wait(lock, stop, [this] { return !text.empty(); });
      } else {
        changed.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
        if (!text.empty() && !stop.stop_requested()) draw();
      }
    }
  }

  const int total;
  const Clock& clock;
  std::mutex mutex;
  std::condition_variable_any changed;
  int number = 0;
  std::string text;  // "" : hidden
  Instant begun;
  std::jthread ticker;  // last: it uses all of the above
};

std::string stage_bar(int number, int total, std::string_view text, double elapsed_seconds) {
  constexpr std::size_t kCellsPerStage = 4;
  std::string bar(static_cast<std::size_t>(number) * kCellsPerStage, '=');
  bar.resize(static_cast<std::size_t>(total) * kCellsPerStage, ' ');
  std::string out = fmt::format("[{}] {}/{} {}", bar, number, total, text);
  if (elapsed_seconds >= 1) out += fmt::format(" ({:.0f} s)", elapsed_seconds);
  return out;
}

Stages::Stages(int total, Show show, const Clock& clock) : total_(total), show_(show) {
  if (show_ != Show::kNothing && !shows(Level::kStatus)) show_ = Show::kNothing;
  if (show_ != Show::kBar) return;
  try {
    bar_ = std::make_unique<Bar>(total, clock);
  } catch (const std::system_error&) {
    show_ = Show::kLines;  // no thread can be started
  }
}

Stages::~Stages() {
  yield();
}

void Stages::begin(std::string_view text) {
  ++number_;
  STOKER_CHECK(number_ <= total_, "more stages than announced");
  if (show_ == Show::kBar) bar_->show(number_, text);
  if (show_ == Show::kLines) log(Level::kStatus, fmt::format("Stage {}/{}: {}", number_, total_, text));
}

void Stages::yield() {
  if (bar_) bar_->hide();
}

}  // namespace stoker::cli
