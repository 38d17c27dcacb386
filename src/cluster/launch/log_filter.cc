#include "cluster/launch/log_filter.h"

#include <algorithm>
#include <array>

namespace stoker::launch {
namespace {

// No line of progress is longer; of a longer one only the beginning is looked at and kept.
constexpr std::size_t kUpdateLimit = std::size_t{16} * 1024;

constexpr std::array<std::string_view, 2> kEraseLine{"\x1b[K", "\x1b[2K"};

// What stays of an update when its line ends.
std::string_view lasting(std::string_view update) {
  for (std::string_view erase : kEraseLine) {
    if (update.starts_with(erase)) return update.substr(erase.size());
  }
  return {};
}

}  // namespace

void LogFilter::feed(std::string_view piece, std::string& kept) {
  while (!piece.empty()) {
    const std::size_t at = piece.find_first_of("\r\n");
    const std::string_view text = piece.substr(0, at);
    if (!live_) {
      kept += text;
      printed_ = printed_ || !text.empty();
    } else {
      update_ += text.substr(0, kUpdateLimit - std::min(kUpdateLimit, update_.size()));
    }
    if (at == std::string_view::npos) return;
    if (piece[at] == '\n') {
      end_line(kept);
    } else {
      live_ = true;
      update_.clear();
    }
    piece.remove_prefix(at + 1);
  }
}

// The update's last words, on a line of their own.
void LogFilter::keep_lasting(std::string& kept) {
  const std::string_view stays = live_ ? lasting(update_) : std::string_view();
  if (stays.empty()) return;
  if (printed_) kept += '\n';
  kept += stays;
  printed_ = true;
}

void LogFilter::end_line(std::string& kept) {
  keep_lasting(kept);
  if (printed_ || !live_) kept += '\n';
  live_ = false;
  printed_ = false;
  update_.clear();
}

void LogFilter::finish(std::string& kept) {
  keep_lasting(kept);
  *this = LogFilter();
}

}  // namespace stoker::launch
