// A whole file, read as training reads it: every depth of decoding, whole row groups and pieces of them. The last byte
// chooses, so that any Parquet file is a seed.
#include <array>
#include <utility>

#include "base/testing/fuzz_input.h"
#include "data/format/chunk_reader.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/testing/touch.h"
#include "data/io/testing/mem_storage.h"

namespace {

using namespace stoker;  // NOLINT(google-build-using-namespace)

Status read_all(io::Storage& storage, const config::Workload& workload, std::uint64_t piece) {
  STOKER_ASSIGN(const auto reader, format::parquet::make_parquet_reader(workload, storage));
  STOKER_ASSIGN(const auto file, reader->open("f.parquet", nullptr));
  format::ChunkReader chunks;
  format::Chunk chunk;
  for (std::size_t unit = 0; unit < file->units().size(); ++unit) {
    const auto [first_row, rows] = std::pair(file->units()[unit].first_row, file->units()[unit].rows);
    // A few pieces of each unit: a footer may say that there are 2^60 rows.
    const std::uint64_t step = piece == 0 ? rows : std::max<std::uint64_t>(1, rows / piece);
    for (std::uint64_t row = 0; row < rows; row += step) {
      STOKER_TRY(chunks.fetch(*file, {unit, first_row + row, std::min(step, rows - row)}));
      STOKER_TRY(chunks.decompress(*file));
      STOKER_TRY(chunks.decode(*file, chunk));
      static_cast<void>(format::testing::touch(chunk));
    }
  }
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[size - 1];
  io::testing::MemStorage storage;
  storage.put("f.parquet", stoker::testing::FuzzInput(data, size - 1).rest());
  config::Workload workload;
  workload.reader.chunk_bytes = (choice & 1U) != 0 ? 4000 : 16 << 20;
  workload.reader.odirect = (choice & 2U) != 0;
  constexpr std::array kDepths = {config::Decode::kArrays, config::Decode::kArrays, config::Decode::kDecompress,
                                  config::Decode::kNone};
  workload.dataset.parquet.decode = kDepths[choice >> 2U & 3U];
  const Status status = read_all(storage, workload, choice >> 4U & 7U);
  if (!status) STOKER_CHECK(status.error().code != Code::kInternal, status.error().message.c_str());
  return 0;
}
