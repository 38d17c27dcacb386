// One form for values that files store in several.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "data/format/file_info.h"

namespace stoker::audit {

// An INT96 (12 bytes) as nanoseconds since 1970-01-01, modulo 2^64, as Arrow has it.
[[nodiscard]] std::int64_t canonical_int96(Bytes int96);

// 16, or 32 above a precision of 38.
[[nodiscard]] std::size_t canonical_decimal_bytes(std::int32_t precision);
// The unscaled value of a decimal (kDecimal or kDecimalBytes) as a two's complement number in little endian that fills
// `out`; of a longer one the lower bytes.
void canonical_decimal(format::ValueType type, Bytes value, MutBytes out);

}  // namespace stoker::audit
