#include "results/json.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/errno_error.h"

namespace stoker::results {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// Python writes NaN and Infinity, which JSON does not have, where it divided by zero. Such a number is a measurement
// that was not made: null. Nothing inside strings is touched.
std::string without_python_numbers(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\' && i + 1 < text.size()) {
      out += c;
      out += text[++i];
      continue;
    }
    if (c == '"') in_string = !in_string;
    if (!in_string) {
      bool replaced = false;
      for (const std::string_view word : {"NaN", "-Infinity", "Infinity"}) {
        if (text.substr(i, word.size()) != word) continue;
        out += "null";
        i += word.size() - 1;
        replaced = true;
        break;
      }
      if (replaced) continue;
    }
    out += c;
  }
  return out;
}

// No result is nested deeper, and whatever walks a value (copying, comparing, dumping) does so on the stack.
constexpr int kMostLevels = 200;

// The levels of brackets in `text`, whether it is JSON or not.
int levels(std::string_view text) {
  int open = 0;
  int most = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '[' || c == '{')) {
      most = std::max(most, ++open);
    } else if (!in_string && (c == ']' || c == '}')) {
      --open;
    }
  }
  return most;
}

// Into what is there already and cannot be replaced: a device, a pipe.
Status write_through(const std::filesystem::path& path, std::string_view text) {
  File file(std::fopen(path.c_str(), "wbe"));
  if (!file) return errno_error(path, "open", errno);
  const bool written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size();
  if (!written || std::fclose(file.release()) != 0) return errno_error(path, "write", errno);
  return {};
}

// Larger than any file that is read whole; it keeps a device or a runaway log from filling the memory.
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

}  // namespace

Json to_json(const KeyValues& values) {
  Json json = Json::object();
  for (const auto& [key, value] : values) json[key] = value;
  return json;
}

KeyValues key_values(const Json& object) {
  KeyValues values;
  if (!object.is_object()) return values;
  for (const auto& [key, value] : object.items()) {
    if (value.is_string()) values.emplace_back(key, value.get<std::string>());
    if (value.is_number()) values.emplace_back(key, value.dump());
  }
  return values;
}

std::string dump(const Json& value) {
  return value.dump(4, ' ', false, Json::error_handler_t::replace);
}

std::string dump_line(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Json> parse_json(std::string_view text, const std::string& name) {
  if (levels(text) > kMostLevels) {
    return make_error(Code::kCorrupt, "{}: nested more than {} levels deep, which is the most that stoker reads", name,
                      kMostLevels);
  }
  try {
    return Json::parse(text);
  } catch (const Json::exception& e) {
    if (text.find("NaN") != std::string_view::npos || text.find("Infinity") != std::string_view::npos) {
      Json lenient = Json::parse(without_python_numbers(text), nullptr, /*allow_exceptions=*/false);
      if (!lenient.is_discarded()) return lenient;
    }
    // "[json.exception.parse_error.101] parse error at line 3, column 9: ..."
    std::string_view what = e.what();
    if (const auto end = what.find("] "); end != std::string_view::npos) what.remove_prefix(end + 2);
    return make_error(Code::kCorrupt, "{}: {}", name, what);
  }
}

Result<Json> read_json(const std::filesystem::path& path) {
  STOKER_ASSIGN(const std::string text, read_file(path));
  return parse_json(text, path.string());
}

Result<std::string> read_file(const std::filesystem::path& path) {
  // A pipe would be waited for, a device never ends.
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
    return make_error(Code::kCorrupt, "{}: is a device or a pipe, expected a file", path.string());
  }
  const File file(std::fopen(path.c_str(), "rbe"));
  if (!file) return errno_error(path, "open", errno);
  std::string text;
  std::array<char, 65536> part;
  while (const std::size_t n = std::fread(part.data(), 1, part.size(), file.get())) {
    text.append(part.data(), n);
    if (text.size() > kMostBytes) {
      return make_error(Code::kCorrupt, "{}: more than {} bytes, too much for a file of this kind", path.string(),
                        kMostBytes);
    }
  }
  if (std::ferror(file.get()) != 0) return errno_error(path, "read", errno);
  return text;
}

Status write_file(const std::filesystem::path& path, std::string_view text) {
  std::error_code none;
  std::filesystem::path target = path;
  // The file that a link leads to is meant, not the link.
  if (std::filesystem::is_symlink(path, none)) {
    if (auto canonical = std::filesystem::canonical(path, none); !none) target = std::move(canonical);
  }
  struct stat status {};
  if (::stat(target.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
    return write_through(target, text);
  }
  return write_file_atomic(target, text);
}

Status write_file_atomic(const std::filesystem::path& path, std::string_view text) {
  // A name of its own: two programs may write the same report.
  static std::atomic<unsigned> count{0};
  std::filesystem::path temporary = path;
  temporary += fmt::format(".{}.{}.tmp", ::getpid(), count++);
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return errno_error(path, "create", errno);
  File file(::fdopen(fd, "wb"));
  if (!file) {
    const int reason = errno;
    ::close(fd);
    return errno_error(path, "create", reason);
  }
  const bool written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
                       std::fflush(file.get()) == 0 &&
                       // Else a crash after the rename could leave an empty file under the final name.
                       ::fsync(::fileno(file.get())) == 0;
  if (!written || std::fclose(file.release()) != 0) {
    const Error error = errno_error(path, "write", errno);
    file.reset();
    (void)std::remove(temporary.c_str());
    return error;
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    const Error error = errno_error(path, "rename", errno);
    (void)std::remove(temporary.c_str());
    return error;
  }
  return {};
}

}  // namespace stoker::results
