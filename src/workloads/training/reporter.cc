#include "workloads/training/reporter.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/printable.h"
#include "base/variables.h"
#include "results/timestamp.h"

namespace stoker::training {

Level log_level_from_environment() {
  const std::string name = variable("DLIO_LOG_LEVEL").value_or("");
  if (name == "debug") return Level::kDebug;
  if (name == "info") return Level::kInfo;
  if (name == "error") return Level::kError;
  if (name == "critical") return Level::kCritical;
  return Level::kWarning;
}

Status Reporter::open_log(const std::filesystem::path& path, bool truncate) {
  log_.reset(std::fopen(path.c_str(), truncate ? "w" : "a"));
  if (!log_) {
    return make_error(errno == EACCES ? Code::kPermission : Code::kIo, "{}: cannot open the log: {}", path.string(),
                      std::strerror(errno));
  }
  return {};
}

void Reporter::write(std::FILE* stream, std::string_view raw) {
  const std::string text = printable(raw);
  const std::lock_guard lock(mutex_);
  if (stream != nullptr) {
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
  }
  if (log_) {
    std::fwrite(text.data(), 1, text.size(), log_.get());
    std::fflush(log_.get());
  }
}

std::string Reporter::stamp() const {
  return results::format_timestamp(clock_.wall());
}

void Reporter::output(std::string_view text) {
  if (rank_ != 0) return;
  const bool shown = !quiet_ && level_ <= Level::kOutput;
  write(shown ? stdout : nullptr, fmt::format("[OUTPUT] {} {}\n", stamp(), printable_line(text)));
}

void Reporter::warning(std::string_view text) {
  if (rank_ != 0) return;
  write(level_ <= Level::kWarning ? stderr : nullptr, fmt::format("[WARNING] {}\n", printable_line(text)));
}

void Reporter::info(std::string_view text) {
  if (!wants_info()) return;
  write(quiet_ ? nullptr : stdout, ranks_ > 1
                                       ? fmt::format("[INFO] {} rank {}: {}\n", stamp(), rank_, printable_line(text))
                                       : fmt::format("[INFO] {} {}\n", stamp(), printable_line(text)));
}

void Reporter::plain(std::string_view text) {
  if (rank_ == 0) write(stdout, text);
}

void Reporter::block(std::string_view text) {
  if (rank_ == 0) write(quiet_ ? nullptr : stdout, text);
}

}  // namespace stoker::training
