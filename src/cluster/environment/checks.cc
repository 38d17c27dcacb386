#include "cluster/environment/checks.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/units.h"

namespace stoker::environment {

namespace fs = std::filesystem;

namespace {

bool can_run(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
}

// What lies in the files below `folder`.
struct Content {
  std::uint64_t bytes = 0, files = 0;
};
Content content_of(const fs::path& folder) {
  Content content;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (!it->is_regular_file(ignored)) continue;
    const auto size = it->file_size(ignored);
    if (!ignored) content.bytes += size;
    ++content.files;
  }
  return content;
}

}  // namespace

std::optional<fs::path> find_program(std::string_view program, std::string_view path_variable) {
  if (program.empty()) return std::nullopt;
  if (program.find('/') != std::string_view::npos) {
    if (can_run(program)) return fs::path(program);
    return std::nullopt;
  }
  while (true) {
    const auto colon = path_variable.find(':');
    // An empty entry stands for the working directory.
    const fs::path candidate = fs::path(path_variable.substr(0, colon)) / program;
    if (can_run(candidate)) return candidate;
    if (colon == std::string_view::npos) return std::nullopt;
    path_variable.remove_prefix(colon + 1);
  }
}

fs::path nearest_existing(const fs::path& path) {
  std::error_code error;
  fs::path at = fs::absolute(path, error).lexically_normal();
  while (!fs::exists(at, error) && at.has_relative_path()) at = at.parent_path();
  return at;
}

Findings check_launcher(std::string_view program, std::string_view path_variable, const Os& os) {
  if (find_program(program, path_variable)) return {};
  Error error = make_error(Code::kFailed, "the MPI launcher '{}' was not found{}", program,
                           program.find('/') == std::string_view::npos ? " in PATH" : "");
  error.hint = fmt::format(
      "{}; where it is installed elsewhere, add its folder to PATH, or name it in MPI_RUN_BIN (mpirun) or MPI_EXEC_BIN "
      "(mpiexec)",
      install_hint(Tool::kMpi, os));
  return {numbered(ErrorNumber::kMpiMissing, std::move(error))};
}

Findings check_ssh(std::string_view path_variable, const Os& os) {
  if (find_program("ssh", path_variable) || find_program("rsh", path_variable)) return {};
  Error error =
      make_error(Code::kFailed, "'ssh', with which the MPI launcher reaches other hosts, was not found in PATH");
  error.hint = install_hint(Tool::kSsh, os);
  return {numbered(ErrorNumber::kDependency, std::move(error))};
}

Findings check_writable(std::string_view option, const fs::path& folder) {
  std::error_code error;
  const fs::path existing = nearest_existing(folder);
  if (!fs::is_directory(existing, error)) {
    return {numbered(ErrorNumber::kBadStructure,
                     make_error(Code::kInvalidArgument, "{}: {} is not a folder", option, existing.string()))};
  }
  if (::faccessat(AT_FDCWD, existing.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    return {numbered(ErrorNumber::kAccessDenied, make_error(Code::kPermission, "{}: nothing can be written to {}: {}",
                                                            option, existing.string(), std::strerror(errno)))};
  }
  return {};
}

Findings check_new_folder(std::string_view option, const fs::path& folder) {
  std::error_code error;
  const fs::path whole = fs::absolute(folder, error).lexically_normal();
  // "R/" has an empty last component.
  const fs::path path = whole.has_filename() ? whole : whole.parent_path();
  const fs::path existing = nearest_existing(path);
  Findings blocked = check_writable(option, path);
  // Where folders can be made, only the last is: another missing one is rather a mistyped name.
  if (blocked.empty() && existing != path && existing != path.parent_path()) {
    Error missing = make_error(Code::kNotFound, "{}: {} cannot be made: there is no folder {}", option, path.string(),
                               path.parent_path().string());
    missing.hint = fmt::format("what exists of it is {}; if the rest is meant so: mkdir -p {}", existing.string(),
                               path.parent_path().string());
    return {numbered(ErrorNumber::kFileNotFound, std::move(missing))};
  }
  return blocked;
}

Result<Space> free_space(const fs::path& path) {
  Space space;
  space.holds = nearest_existing(path);
  struct statvfs facts {};
  if (::statvfs(space.holds.c_str(), &facts) != 0)
    return make_error(Code::kIo, "{}: statvfs: {}", space.holds.string(), std::strerror(errno));
  space.free_bytes = static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
  if (facts.f_files > 0) space.free_files = facts.f_favail;
  return space;
}

Findings check_space(std::string_view option, const fs::path& folder, std::uint64_t bytes, std::uint64_t files) {
  const auto space = free_space(folder);
  if (!space) return {};  // where it is not known it is not judged
  const bool bytes_fit = space->free_bytes >= bytes;
  const bool files_fit = !space->free_files || *space->free_files >= files;
  if (bytes_fit && files_fit) return {};
  // Only now, because it may take a while.
  const Content old = content_of(folder);
  if (!bytes_fit && space->free_bytes + old.bytes < bytes) {
    Error error = make_error(Code::kNoSpace, "{}: {} are needed at {}, but only {} are free", option,
                             format_bytes(static_cast<double>(bytes)), folder.string(),
                             format_bytes(static_cast<double>(space->free_bytes + old.bytes)));
    error.hint = "use another file system, remove what is not needed, or write fewer files";
    return {numbered(ErrorNumber::kDiskFull, std::move(error))};
  }
  if (!files_fit && *space->free_files + old.files < files) {
    Error error =
        make_error(Code::kNoSpace, "{}: {} files are needed at {}, but the file system has room for only {}", option,
                   format_count(files), folder.string(), format_count(*space->free_files + old.files));
    error.hint = "use a file system with more inodes, or put more samples into a file";
    return {numbered(ErrorNumber::kDiskFull, std::move(error))};
  }
  return {};
}

}  // namespace stoker::environment
