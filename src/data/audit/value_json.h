// Values of a data file as a user sees them.
#pragma once

#include "base/bytes.h"
#include "data/format/file_info.h"
#include "results/json.h"

namespace stoker::audit {

// Numbers and booleans as such, text as text, decimals as text ("-12.50"), binary values and text that is not UTF-8 as
// "0x6162", INT96 as nanoseconds since 1970, floats that are no number as "nan", "inf" and "-inf". Of text and bytes
// longer than 4 KiB an object with the beginning ("first") and the length ("bytes").
[[nodiscard]] results::Json value_json(const format::ColumnInfo& column, Bytes value);

}  // namespace stoker::audit
