#include "app/cli/history.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "base/fd.h"
#include "base/variables.h"
#include "cluster/launch/shell_line.h"
#include "results/json.h"
#include "results/timestamp.h"

namespace stoker::cli {
namespace {

namespace fs = std::filesystem;

std::optional<HistoryEntry> parse_line(std::string_view line) {
  const std::size_t first = line.find(',');
  const std::size_t second = first == std::string_view::npos ? first : line.find(',', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  HistoryEntry entry;
  const auto [end, failure] = std::from_chars(line.data(), line.data() + first, entry.id);
  if (failure != std::errc() || end != line.data() + first || entry.id < 0 || entry.id > kLastHistoryId)
    return std::nullopt;
  entry.time = line.substr(first + 1, second - first - 1);
  entry.command = line.substr(second + 1);
  if (!results::is_run_stamp(entry.time) || entry.command.empty()) return std::nullopt;
  return entry;
}

Error history_error(const fs::path& file, std::string_view what, int reason) {
  const Code code = reason == EACCES || reason == EPERM || reason == EROFS ? Code::kPermission
                    : reason == ENOENT || reason == ENOTDIR                ? Code::kNotFound
                    : reason == ENOSPC || reason == EDQUOT                 ? Code::kNoSpace
                                                                           : Code::kIo;
  return make_error(code, "{}: cannot {}: {}", file.string(), what, std::strerror(reason));
}

// Best effort: whoever holds the lock holds it for one short write, unless it has been stopped in the middle.
void lock(int fd) {
  constexpr auto kPause = std::chrono::milliseconds(10);
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0 || (errno != EWOULDBLOCK && errno != EINTR)) return;
    std::this_thread::sleep_for(kPause);
  }
}

Result<std::string> read_all(int fd, const fs::path& file) {
  std::string text;
  std::array<char, 65536> part;
  while (true) {
    const ssize_t n = ::pread(fd, part.data(), part.size(), static_cast<off_t>(text.size()));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return history_error(file, "read it", errno);
    if (n == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace

std::optional<fs::path> history_file() {
  constexpr const char* kName = "mlps_history";
  if (const auto home = variable("HOME")) return fs::path(*home) / kName;
  const passwd* user = ::getpwuid(::getuid());
  if (user == nullptr || user->pw_dir == nullptr || *user->pw_dir == '\0') return std::nullopt;
  return fs::path(user->pw_dir) / kName;
}

History parse_history(std::string_view text) {
  History history;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (auto entry = parse_line(line)) {
      history.entries.push_back(std::move(*entry));
    } else {
      ++history.broken_lines;
    }
  }
  return history;
}

Result<History> read_history(const fs::path& file) {
  auto text = results::read_file(file);
  if (!text && text.error().code == Code::kNotFound) return History{};
  if (!text) return std::move(text).error();
  return parse_history(*text);
}

Result<std::int64_t> append_history(const fs::path& file, const std::string& time, const std::string& command) {
  const Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (fd.get() < 0) return history_error(file, "open it", errno);
  lock(fd.get());
  STOKER_ASSIGN(const std::string text, read_all(fd.get(), file));
  std::int64_t id = 1;
  for (const HistoryEntry& entry : parse_history(text).entries) id = std::max(id, entry.id + 1);
  std::string line = fmt::format("{},{},{}\n", id, time, command);
  // A line that another program broke off stays a line of its own.
  if (!text.empty() && text.back() != '\n') line.insert(0, "\n");
  // One write: with O_APPEND it lands behind everything, whole.
  const ssize_t written = ::write(fd.get(), line.data(), line.size());
  if (written < 0) return history_error(file, "write to it", errno);
  if (static_cast<std::size_t>(written) != line.size()) return history_error(file, "write to it", ENOSPC);
  return id;
}

const HistoryEntry* find_entry(const History& history, std::int64_t id) {
  const auto found = std::find_if(history.entries.rbegin(), history.entries.rend(),
                                  [id](const HistoryEntry& entry) { return entry.id == id; });
  return found == history.entries.rend() ? nullptr : &*found;
}

Result<std::vector<std::string>> words_to_rerun(const HistoryEntry& entry) {
  const auto is_mlpstorage = [](std::string_view word) {
    const std::string name = fs::path(word).filename().string();
    return name == "mlpstorage" || name == "mlpstorage.py";
  };
  std::vector<std::string> words;
  if (is_mlpstorage(entry.command.substr(0, entry.command.find(' ')))) {
    for (std::size_t at = 0; (at = entry.command.find_first_not_of(' ', at)) != std::string::npos;) {
      const std::size_t end = std::min(entry.command.find(' ', at), entry.command.size());
      words.push_back(entry.command.substr(at, end - at));
      at = end;
    }
  } else {
    STOKER_ASSIGN(words, launch::split_shell_line(entry.command));
  }
  // "training run ..." may stand there without a program.
  if (!words.empty() && (is_mlpstorage(words.front()) || fs::path(words.front()).filename() == "stoker")) {
    words.erase(words.begin());
  }
  if (words.empty()) {
    return make_error(Code::kInvalidArgument, "history: entry {} holds no command: {}", entry.id, entry.command);
  }
  return words;
}

}  // namespace stoker::cli
