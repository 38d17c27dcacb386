// Spans of raw bytes.
#pragma once

#include <cstddef>
#include <span>

namespace stoker {

using Bytes = std::span<const std::byte>;
using MutBytes = std::span<std::byte>;

}  // namespace stoker
