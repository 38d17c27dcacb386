// Values of single keys: from a Node into the Workload, and back to text. What is right or wrong about one key alone is
// decided here; rules between keys stand in validate.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/fields.h"
#include "config/node.h"

namespace stoker::config {

// Parses `node`, checks the row's bounds and choices, and stores the value. `key` is the name that was used (it may be
// an alias). Nothing may be null here; StdevAccess rows are left to apply_stdev.
[[nodiscard]] Status set_value(const Field&, std::string_view key, const Node&, Workload&);

// "key: found '', expected a text that is not empty": for rows whose text is needed; `found` is as it shall be printed.
[[nodiscard]] Error empty_error(std::string_view key, std::string_view found, const std::optional<SourcePos>& where);

// "key: found 'x', expected WHAT", pointing at the node.
[[nodiscard]] Error value_error(std::string_view key, const Node&, std::string_view expected);

// The effective value as text, None when unset: True, 4, 0.5, [1, 2], {mean: 0.3, stdev: 0.1}...
[[nodiscard]] std::string text_of(const Field&, const Workload&);
// "integer, at least 1", "off, seed, random"...: for the reference and for messages.
[[nodiscard]] std::string type_text(const Field&);

// The row's bounds and choices once more, for a Workload that was changed after loading.
[[nodiscard]] Status check_bounds(const Field&, const Workload&);

// Emulated times (spec 3.8): a number, or a map with an optional `type`. The row's bounds are those of the number; what
// a map has in seconds is at least 0 and at most the row's most, its mean too.
[[nodiscard]] Result<Duration> parse_duration(const Field&, std::string_view key, const Node&);
// "at least 1", "between 0 and 2": the row's bounds in words; empty when it has none.
[[nodiscard]] std::string bounds_text(const Field&);
[[nodiscard]] std::string to_text(const Duration&);

[[nodiscard]] Result<std::vector<ColumnSpec>> parse_columns(std::string_view key, const Node&);
[[nodiscard]] std::string to_text(const std::vector<ColumnSpec>&);

// A text; scalars of any kind are taken as they are written. Refuses interpolations (${...}).
[[nodiscard]] Result<std::string> parse_text(std::string_view key, const Node&);

}  // namespace stoker::config
