// What a run tells its user, line by line: on stdout and in dlio.log. Line form of DLIO: "[OUTPUT] <time stamp> text".
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"

namespace stoker::training {

// DLIO_LOG_LEVEL. kOutput, between warning and error, are the report lines: shown by default.
enum class Level { kDebug = 10, kInfo = 20, kWarning = 30, kOutput = 35, kError = 40, kCritical = 50 };
[[nodiscard]] Level log_level_from_environment();

// One per rank. Report lines come from rank 0 only; per-rank lines (info) from every rank, with its number.
// Thread-safe.
class Reporter {
 public:
  Reporter(const Clock& clock, int rank, int ranks, bool quiet)
      : clock_(clock), rank_(rank), ranks_(ranks), quiet_(quiet) {}

  // Every rank appends to the same file; rank 0 has emptied it before the others open it.
  [[nodiscard]] Status open_log(const std::filesystem::path& path, bool truncate);

  // Rank 0: a report line.
  void output(std::string_view text);
  // Rank 0: something the user should know; stderr and the log.
  void warning(std::string_view text);
  // Every rank: detail, only with DLIO_LOG_LEVEL=info or lower.
  void info(std::string_view text);
  [[nodiscard]] bool wants_info() const { return level_ <= Level::kInfo; }
  // Rank 0: text without a prefix (the final summary); to stdout also when quiet.
  void plain(std::string_view text);
  // Rank 0: text without prefix, not when quiet.
  void block(std::string_view text);

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void write(std::FILE* stream, std::string_view text);
  [[nodiscard]] std::string stamp() const;

  const Clock& clock_;
  const int rank_, ranks_;
  const bool quiet_;
  const Level level_ = log_level_from_environment();
  std::mutex mutex_;
  std::unique_ptr<std::FILE, CloseFile> log_;
};

}  // namespace stoker::training
