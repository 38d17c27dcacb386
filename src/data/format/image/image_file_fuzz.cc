// A whole PNG or JPEG file, read as training reads it: checksums of chunks (which are ours) compared, pixels decoded.
// The last byte chooses, so that any file is a seed.
#include <algorithm>

#include "base/testing/fuzz_input.h"
#include "data/format/chunk_reader.h"
#include "data/format/image/image_internal.h"
#include "data/format/image/png_chunks.h"
#include "data/format/testing/touch.h"
#include "data/io/testing/mem_storage.h"

namespace {

using namespace stoker;  // NOLINT(google-build-using-namespace)

Status read_all(io::Storage& storage, const config::Workload& workload, format::Chunk& chunk,
                format::ChunkReader& chunks) {
  STOKER_ASSIGN(const auto reader, format::image::make_reader(workload, storage));
  STOKER_ASSIGN(const auto file, reader->open("f", nullptr));
  STOKER_TRY(chunks.read(*file, {0, 0, file->rows()}, chunk));
  static_cast<void>(format::testing::touch(chunk));
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[size - 1];
  const Bytes file = std::as_bytes(std::span(data, size - 1));
  io::testing::MemStorage storage;
  storage.put("f", file);
  config::Workload workload;
  workload.dataset.format = (choice & 1U) != 0 ? config::FormatName::kPng : config::FormatName::kJpeg;
  workload.dataset.num_samples_per_file = 1'000'000;
  workload.reader.odirect = (choice & 2U) != 0;
  // A changed checksum hides everything else.
  workload.reader.verify_checksums = (choice & 4U) != 0;
  workload.reader.decode_images = (choice & 8U) != 0;

  format::Chunk chunk;
  format::ChunkReader chunks;
  const Status status = read_all(storage, workload, chunk, chunks);
  if (!status) {
    STOKER_CHECK(status.error().code != Code::kInternal, status.error().message.c_str());
    STOKER_CHECK(status.error().message.starts_with("f: "), "an error without the path");
    return 0;
  }
  // What was read is what lies there, and what is decoded is what is counted.
  STOKER_CHECK(std::ranges::equal(chunk.stored, file), "other bytes than those of the file");
  STOKER_CHECK(chunk.columns.size() == 1 && chunk.columns[0].segments.size() == 1, "views for each sample");
  STOKER_CHECK(chunk.useful_bytes == chunk.columns[0].segments[0].values.size(), "other bytes than those counted");
  if (workload.reader.verify_checksums && format::image::is_png(file)) {
    STOKER_CHECK(format::image::check_png(file).has_value(), "a broken file is read");
  }
  return 0;
}
