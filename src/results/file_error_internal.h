// Failed system calls on files as Errors.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/status.h"

namespace stoker::results::internal {

// "path: action: reason", the kind of failure taken from the errno value.
[[nodiscard]] Error file_error(const std::filesystem::path& path, std::string_view action, int error_number);

}  // namespace stoker::results::internal
