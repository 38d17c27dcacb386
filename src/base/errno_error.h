// From errno to an Error, in one place.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/status.h"

namespace stoker {

// "<path>: <what>: <text of error_number>". The code tells apart what a caller may want to tell apart: kNotFound
// (ENOENT, ENOTDIR), kPermission (EACCES, EPERM, EROFS), kNoSpace (ENOSPC, EDQUOT), kLimit (EMFILE, ENFILE, ENOMEM),
// else kIo. Pass errno as it was right after the call that failed.
[[nodiscard]] Error errno_error(const std::filesystem::path& path, std::string_view what, int error_number);

}  // namespace stoker
