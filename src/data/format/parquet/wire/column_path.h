// Names of leaf columns. A path is written with dots between its parts; a part that holds a dot is told apart from two
// parts by backquotes: `a.b` is one field, a.b the field b of a (a backquote inside is doubled).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoker::format::parquet {

// "a.b", whatever the parts hold.
[[nodiscard]] std::string dotted_path(std::span<const std::string> parts);
// The same with backquotes round parts that hold a dot or a backquote: no two paths have the same.
[[nodiscard]] std::string quoted_path(std::span<const std::string> parts);
// The parts of a text that has backquotes; nullopt when it has none, or they do not match.
[[nodiscard]] std::optional<std::vector<std::string>> parse_quoted_path(std::string_view text);

}  // namespace stoker::format::parquet
