// One leaf column of a file's schema: how its values are stored and how they are handed out.
#pragma once

#include <cstdint>
#include <string>

#include "data/format/parquet/wire/parquet_types.h"

namespace stoker::format::parquet {

struct Leaf {
  std::string name;          // path with dots: "latents.list.element" (column_path.h)
  std::string root;          // its field of the table: "latents"
  std::string type_text;     // for messages: "list of float", "int8"
  std::uint32_t column = 0;  // position among the file's leaf columns
  Physical physical = Physical::kInt32;
  std::uint32_t stored_width = 0;  // bytes of one PLAIN value; 0: booleans (bits) and byte arrays
  std::uint32_t width = 0;         // bytes of one value as handed out; 0: byte arrays
  std::int16_t max_definition = 0, max_repetition = 0;
  // > 0: the schema or the configuration promises lists of that many elements. Only needed, and only set, where a row
  // group must be cut into pieces.
  std::uint64_t list_size = 0;

  [[nodiscard]] bool is_bytes() const { return physical == Physical::kByteArray; }
  [[nodiscard]] bool is_narrowed() const { return physical == Physical::kInt32 && width < 4; }
};

}  // namespace stoker::format::parquet
