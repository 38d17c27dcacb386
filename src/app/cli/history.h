// `mlps_history` in the home directory: the command lines of the benchmark, one per line as
// "id,YYYYMMDD_HHMMSS,command". mlpstorage keeps its own there in the same form (its lines have lost their quotes).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace stoker::cli {

// A line with a larger id is broken: the next id must be a number, too.
constexpr std::int64_t kLastHistoryId = 999'999'999'999;

struct HistoryEntry {
  std::int64_t id = 0;
  std::string time;     // "20250111_143022"
  std::string command;  // one line that a shell reads
  friend bool operator==(const HistoryEntry&, const HistoryEntry&) = default;
};

struct History {
  std::vector<HistoryEntry> entries;  // in the file's order
  int broken_lines = 0;               // skipped here, kept in the file
};

// $HOME, else what the system says of the user; nullopt when neither knows a home.
[[nodiscard]] std::optional<std::filesystem::path> history_file();

// No file is an empty history.
[[nodiscard]] Result<History> read_history(const std::filesystem::path& file);
[[nodiscard]] History parse_history(std::string_view text);

// Adds one line with the next id and returns that. Safe from several processes at once: a lock is waited for up to a
// second, and where the file system has none the line still arrives whole, though perhaps with an id that another has.
// Lines that are broken, the last one included, stay as they are.
[[nodiscard]] Result<std::int64_t> append_history(const std::filesystem::path& file, const std::string& time,
                                                  const std::string& command);

// The newest entry with this id, or null.
[[nodiscard]] const HistoryEntry* find_entry(const History& history, std::int64_t id);

// The words to parse again, without the program's name. Lines of mlpstorage are split at blanks, since they were
// written without quotes.
[[nodiscard]] Result<std::vector<std::string>> words_to_rerun(const HistoryEntry& entry);

}  // namespace stoker::cli
