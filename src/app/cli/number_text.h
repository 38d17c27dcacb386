// Numbers as people type them into options.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace stoker::cli {

// The number without sign and leading zeros (010 is ten, as people read it, and 0x10 is none). kInvalidArgument with
// what was found and what was expected, for the name of the option to stand in front.
[[nodiscard]] Result<std::string> whole_number(std::string_view text, std::int64_t least, std::int64_t most);

// The same for a number that may have a fraction; "nan" and "inf" are none.
[[nodiscard]] Result<std::string> real_number(std::string_view text, double least, double most);

}  // namespace stoker::cli
