#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "config/node.h"
#include "config/yaml.h"
#include "reports/runs/config_copy.h"
#include "reports/runs/error_text.h"
#include "reports/submission/package_files_internal.h"
#include "results/json.h"

namespace stoker::reports::internal {

namespace {

namespace fs = std::filesystem;
using results::BenchmarkType;

constexpr std::string_view kCopyAgain = "copy it again from where the run was made, or repeat the run";

// Files of ranks may be large and many; what is beyond is looked at from outside only.
constexpr std::uintmax_t kMostParsedBytes = std::uintmax_t{4} << 20;
constexpr std::uintmax_t kMostParsedBytesOfRun = std::uintmax_t{64} << 20;

// `pattern` begins with '*' or has none.
bool fits(const std::string& name, const std::string& pattern) {
  return pattern.front() == '*' ? name.ends_with(std::string_view(pattern).substr(1)) : name == pattern;
}

// The first and the last bytes of a file, `window` of each or what there is; empty when it cannot be read.
std::pair<std::string, std::string> ends_of(const fs::path& file, std::streamoff window) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return {};
  const std::streamoff size = in.tellg();
  const auto window_at = [&](std::streamoff begin) {
    std::string text(static_cast<std::size_t>(std::min(window, size)), '\0');
    in.seekg(begin);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    return in ? text : std::string();
  };
  std::string head = window_at(0);
  return {std::move(head), window_at(std::max<std::streamoff>(0, size - window))};
}

// Why a name is no file that can be read; "": it is one.
std::string no_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return "is a link that leads nowhere";
  if (status.type() == fs::file_type::none) return "cannot be read: " + error.message();
  if (fs::is_directory(status)) return "is a folder, expected a file";
  if (!fs::is_regular_file(status)) return "is a device or a pipe, expected a file";
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0)
    return std::string("cannot be read: ") + std::strerror(errno);
  return "";
}

// Whether a file begins and ends as JSON does, apart from white space near its ends.
bool looks_like_json(const fs::path& path) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto [head, tail] = ends_of(path, 4096);
  const auto first = head.find_first_not_of(kSpace);
  const auto last = tail.find_last_not_of(kSpace);
  if (first == std::string::npos || last == std::string::npos) return false;
  return (head[first] == '{' && tail[last] == '}') || (head[first] == '[' && tail[last] == ']');
}

class FileCheck {
 public:
  FileCheck(const fs::path& run, std::vector<FileFault>& faults) : run_(run), faults_(faults) {}

  // `shown`: what a missing one is called below the run.
  void require(const fs::path& folder, const std::vector<std::string>& names, const std::string& pattern,
               const std::string& shown) {
    bool any = false;
    for (const std::string& name : names) {
      if (!fits(name, pattern)) continue;
      any = true;
      content(folder / name);
    }
    if (!any) missing_.push_back(shown);
  }

  void finish() {
    if (missing_.empty()) return;
    faults_.insert(faults_.begin(), {run_, fmt::format("lacks {}", fmt::join(missing_, ", ")),
                                     "copy the whole result directory of the run, also hidden folders and empty logs"});
  }

 private:
  void content(const fs::path& path) {
    std::string why = no_file(path);
    if (!why.empty()) {
      faults_.push_back({path, why, std::string(kCopyAgain)});
      return;
    }
    const std::string extension = path.extension().string();
    if (extension != ".json" && extension != ".yaml") return;
    std::error_code unknown;
    const std::uintmax_t size = fs::file_size(path, unknown);
    const bool whole = !unknown && size <= kMostParsedBytes && parsed_bytes_ + size <= kMostParsedBytesOfRun;
    if (whole) {
      parsed_bytes_ += size;
      why = extension == ".json" ? json(path) : yaml(path);
    } else if (extension == ".json" && !looks_like_json(path)) {
      why = "does not begin and end as JSON does";
    }
    if (!why.empty()) faults_.push_back({path, "is damaged: " + why, std::string(kCopyAgain)});
  }

  static std::string json(const fs::path& path) {
    const auto parsed = results::read_json(path);
    return parsed ? "" : reason_at(path, parsed.error());
  }
  static std::string yaml(const fs::path& path) {
    const auto text = results::read_file(path);
    if (!text) return reason_at(path, text.error());
    const auto parsed = config::parse_yaml(*text, path.string());
    return parsed ? "" : reason_at(path, parsed.error());
  }

  const fs::path& run_;
  std::vector<FileFault>& faults_;
  std::vector<std::string> missing_;
  std::uintmax_t parsed_bytes_ = 0;
};

}  // namespace

Result<std::vector<std::string>> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    names.push_back(it->path().filename().string());
  if (error) {
    const bool absent = error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
    const bool refused = error == std::errc::permission_denied;
    return make_error(absent    ? Code::kNotFound
                      : refused ? Code::kPermission
                                : Code::kIo,
                      "{}: cannot be listed: {}", folder.string(), error.message());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<bool> holds_a_file(const fs::path& folder) {
  STOKER_ASSIGN(const std::vector<std::string> names, names_in(folder));
  std::optional<Error> unread;
  for (const std::string& name : names) {
    const fs::path path = folder / name;
    std::error_code ignored;
    const bool link = fs::is_symlink(path, ignored);
    if (fs::is_directory(path, ignored) && !link) {
      const Result<bool> below = holds_a_file(path);
      if (below && *below) return true;
      if (!below && !unread) unread = below.error();
    } else if (fs::exists(path, ignored)) {
      return true;
    }
  }
  if (unread) return *unread;
  return false;
}

std::vector<FileFault> check_files(const fs::path& run, BenchmarkType type, const std::string& command) {
  std::vector<FileFault> faults;
  if (type != BenchmarkType::kTraining && type != BenchmarkType::kCheckpointing) return faults;
  std::vector<std::string> required{fmt::format("{}_{}.stdout.log", results::to_string(type), command),
                                    fmt::format("{}_{}.stderr.log", results::to_string(type), command), "dlio.log"};
  if (command == "run") required.insert(required.end(), {"*output.json", "*per_epoch_stats.json", "summary.json"});
  const auto unlisted = [&faults](const fs::path& folder, const Error& error) {
    faults.push_back({folder, reason_at(folder, error), "make the folder readable for the user who validates"});
  };
  const auto names = names_in(run);
  if (!names) {
    unlisted(run, names.error());
    return faults;
  }
  FileCheck check(run, faults);
  for (const std::string& pattern : required) check.require(run, *names, pattern, pattern);
  const fs::path config = find_config_dir(run);
  const auto copies = config.empty() ? Result<std::vector<std::string>>(std::vector<std::string>()) : names_in(config);
  if (copies) {
    for (const char* name : {"config.yaml", "hydra.yaml", "overrides.yaml"})
      check.require(config, *copies, name, fmt::format("dlio_config/{}", name));
  } else {
    unlisted(config, copies.error());
  }
  check.finish();
  return faults;
}

fs::path find_results_json(const fs::path& folder, const fs::path& top) {
  std::error_code ignored;
  for (fs::path at = folder;; at = at.parent_path()) {
    if (fs::exists(at / "results.json", ignored)) return at / "results.json";
    if (at == top || !at.has_relative_path()) return {};
  }
}

Result<std::set<std::string>> run_ids_in(const fs::path& results_json) {
  STOKER_ASSIGN(const results::Json json, results::read_json(results_json));
  if (!json.is_array()) {
    return make_error(Code::kCorrupt, "{}: found {}, expected a list of runs", results_json.string(), json.type_name());
  }
  std::set<std::string> ids;
  for (const results::Json& entry : json) {
    if (!entry.is_object()) continue;
    const auto id = entry.find("run_id");
    if (id != entry.end() && id->is_string()) ids.insert(id->get<std::string>());
  }
  return ids;
}

std::string find_system_file(const std::vector<std::string>& names, const std::string& system,
                             const std::string& extension, const std::set<std::string>& systems, bool& exact) {
  exact = true;
  const std::string wanted = config::lower(system);
  std::string similar;
  for (const std::string& name : names) {
    const fs::path path(name);
    if (name.front() == '.' || config::lower(path.extension().string()) != extension) continue;
    if (path.stem() == system) return name;
    if (systems.contains(path.stem().string())) continue;
    const std::string stem = config::lower(path.stem().string());
    if (stem == wanted || stem.find(wanted) != std::string::npos || wanted.find(stem) != std::string::npos) {
      if (similar.empty() || stem == wanted) similar = name;
    }
  }
  exact = false;
  return similar;
}

bool is_whole_pdf(const fs::path& file) {
  // A pipe would be waited for.
  if (std::error_code unknown; !fs::is_regular_file(file, unknown)) return false;
  const auto [head, tail] = ends_of(file, 1024);
  return head.find("%PDF-") != std::string::npos && tail.find("%%EOF") != std::string::npos;
}

}  // namespace stoker::reports::internal
