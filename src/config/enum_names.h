// The names of the enumerations of workload.h as they stand in YAML. The first name of a value is the one we print;
// further names of the same value are accepted only.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "config/workload.h"

namespace stoker::config {

template <class E>
using EnumName = std::pair<std::string_view, E>;

[[nodiscard]] std::span<const EnumName<Framework>> names_of(Framework);
[[nodiscard]] std::span<const EnumName<FormatName>> names_of(FormatName);
[[nodiscard]] std::span<const EnumName<Compression>> names_of(Compression);
[[nodiscard]] std::span<const EnumName<Shuffle>> names_of(Shuffle);
[[nodiscard]] std::span<const EnumName<DataLoaderName>> names_of(DataLoaderName);
[[nodiscard]] std::span<const EnumName<ReadType>> names_of(ReadType);
[[nodiscard]] std::span<const EnumName<Decode>> names_of(Decode);
[[nodiscard]] std::span<const EnumName<WriteDirect>> names_of(WriteDirect);
[[nodiscard]] std::span<const EnumName<Profiler>> names_of(Profiler);
[[nodiscard]] std::span<const EnumName<StorageType>> names_of(StorageType);

// The value called `name` (lower case), or nothing.
template <class E>
[[nodiscard]] std::optional<E> parse_enum(std::string_view name) {
  for (const auto& [text, value] : names_of(E{})) {
    if (text == name) return value;
  }
  return std::nullopt;
}

}  // namespace stoker::config
