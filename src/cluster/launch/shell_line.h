// Command lines as text that people read, paste and keep.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace stoker::launch {

// The words as one line, without line ends, that a shell reads back as the same words. Words with control characters
// need a shell that knows $'...' (POSIX 2024; bash, ksh, zsh and busybox long before).
[[nodiscard]] std::string shell_line(std::span<const std::string> words);

// The inverse, also of what people type: words apart by blanks; '...', "...", $'...' and backslashes as in a shell.
// Nothing is expanded: a '$', '*' or '~' stands for itself. kInvalidArgument when a quote or a backslash has no end.
[[nodiscard]] Result<std::vector<std::string>> split_shell_line(std::string_view line);

}  // namespace stoker::launch
