// Errors as parts of findings, beside which the path stands already.
#pragma once

#include <filesystem>
#include <string>

#include "base/status.h"

namespace stoker::reports::internal {

// "message (file:line:column)", as far as the error says where.
[[nodiscard]] std::string text_with_place(const Error& error);

// The same without `path` at its beginning, and with the line alone where that is in the file `path`.
[[nodiscard]] std::string reason_at(const std::filesystem::path& path, const Error& error);

}  // namespace stoker::reports::internal
