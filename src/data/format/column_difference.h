// How the columns of two files differ, for messages.
#pragma once

#include <span>
#include <string>

#include "data/format/format.h"

namespace stoker::format {

// "'a' is int32 here and int64 there; 'b' is only there; 'c' is only here", in order of `here` and then of `there`; of
// many differences the first few and how many more there are. Empty when the columns are the same but for their order.
[[nodiscard]] std::string column_difference(std::span<const NamedColumn> here, std::span<const NamedColumn> there);

}  // namespace stoker::format
