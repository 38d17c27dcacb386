// What the fuzz targets of whole files share: a file in memory, read as training reads it, and what must hold then.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "base/bytes.h"
#include "base/check.h"
#include "base/status.h"
#include "config/workload.h"
#include "data/format/chunk_reader.h"
#include "data/format/file_info.h"
#include "data/format/format.h"
#include "data/format/testing/touch.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::testing {

// The last byte of an input chooses, so that any file is a seed; what stands before it is the file.
struct FuzzFile {
  static constexpr const char* kPath = "f";

  // Two bits of the choice, from `bit` on, are reader.odirect and reader.verify_checksums: a changed checksum hides
  // everything else. At least one byte.
  FuzzFile(const std::uint8_t* data, std::size_t size, unsigned bit)
      : choice(data[size - 1]), content(std::as_bytes(std::span(data, size - 1))) {
    storage.put(kPath, content);
    workload.reader.odirect = (choice >> bit & 1U) != 0;
    workload.reader.verify_checksums = (choice >> bit & 2U) != 0;
  }

  const unsigned choice;
  const Bytes content;
  io::testing::MemStorage storage;
  config::Workload workload;
};

// A file may say that it has 2^58 samples that nobody wrote: at most so many units, and of each its last rows.
struct Reach {
  std::size_t units = std::numeric_limits<std::size_t>::max();
  std::uint64_t rows_of_unit = std::numeric_limits<std::uint64_t>::max();
};

// Reads and looks at every value.
[[nodiscard]] inline Status read_units(FormatReader& reader, const Reach& reach) {
  STOKER_ASSIGN(const auto file, reader.open(FuzzFile::kPath, nullptr));
  ChunkReader chunks;
  Chunk chunk;
  for (std::size_t u = 0; u < std::min(reach.units, file->units().size()); ++u) {
    const Unit& unit = file->units()[u];
    const std::uint64_t rows = std::min(unit.rows, reach.rows_of_unit);
    STOKER_TRY(chunks.read(*file, {u, unit.first_row + unit.rows - rows, rows}, chunk));
    STOKER_TRY(chunks.complete(*file, chunk));
    static_cast<void>(touch(chunk));
  }
  return {};
}

// What a file is refused for is its fault, and what can be read (`read`) can be told of (`info`) by those who look at
// no more than the reader did (`is_due`).
inline void check_told(const Status& read, const Result<FileInfo>& info, bool is_due = true) {
  if (!read) STOKER_CHECK(read.error().code != Code::kInternal, read.error().message.c_str());
  STOKER_CHECK(info.has_value() || !read.has_value() || !is_due, "a file that is read cannot be inspected");
}

}  // namespace stoker::format::testing
