// JSON as this folder writes it: keys in the order they were set, never NaN or Infinity.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace stoker::results {

using Json = nlohmann::ordered_json;

// Text pairs in order, as /proc/cpuinfo and /proc/meminfo give them.
using KeyValues = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] Json to_json(const KeyValues& values);
// Pairs of an object whose values are strings or numbers; other members are left out.
[[nodiscard]] KeyValues key_values(const Json& object);

// Indented by 4 as DLIO writes it, no newline at the end; text that is not UTF-8 gets replacement characters, and a
// number that is not finite becomes null.
[[nodiscard]] std::string dump(const Json& value);
// The same without white space, on one line.
[[nodiscard]] std::string dump_line(const Json& value);

// Code::kCorrupt naming `name` (a path) and the place, also for more than 200 levels. Python's NaN and Infinity are
// read as null.
[[nodiscard]] Result<Json> parse_json(std::string_view text, const std::string& name);
[[nodiscard]] Result<Json> read_json(const std::filesystem::path& path);

// Whole files. read_file: kCorrupt above 1 GiB, and for a device or a pipe. write_file_atomic writes a temporary file
// beside it and renames, so that a reader sees the old content or the new; it is for files whose place the program
// chose. write_file is for those that the user named: it follows links, and writes into a device or a pipe.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path);
[[nodiscard]] Status write_file(const std::filesystem::path& path, std::string_view text);
[[nodiscard]] Status write_file_atomic(const std::filesystem::path& path, std::string_view text);

}  // namespace stoker::results
