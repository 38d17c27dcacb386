#include "base/errno_error.h"

#include <cerrno>
#include <system_error>

namespace stoker {
namespace {

Code code_of(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR: return Code::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS: return Code::kPermission;
    case ENOSPC:
    case EDQUOT: return Code::kNoSpace;
    case EMFILE:
    case ENFILE:
    case ENOMEM: return Code::kLimit;
    default: return Code::kIo;
  }
}

std::string_view hint_of(int error_number) {
  switch (error_number) {
    case ENOSPC: return "free some space, or choose a folder on a larger file system";
    case EDQUOT: return "the quota of this user or project is used up; raise it or choose another folder";
    case EMFILE: return "raise the limit of open files (ulimit -n)";
    case ENFILE: return "the host's limit of open files is reached (sysctl fs.file-max)";
    case EROFS: return "the file system is mounted read-only";
    default: return "";
  }
}

}  // namespace

Error errno_error(const std::filesystem::path& path, std::string_view what, int error_number) {
  return Error{.code = code_of(error_number),
               .message = fmt::format("{}: {}: {}", path.string(), what, std::generic_category().message(error_number)),
               .hint = std::string(hint_of(error_number))};
}

}  // namespace stoker
