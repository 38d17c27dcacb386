// A whole PNG or JPEG file, read as training reads it: checksums of chunks (which are ours) compared, pixels decoded.
#include <algorithm>

#include "data/format/image/image_internal.h"
#include "data/format/image/png_chunks.h"
#include "data/format/testing/fuzz_file.h"

namespace {

using namespace stoker;  // NOLINT(google-build-using-namespace)

Status read_all(format::testing::FuzzFile& fuzz, format::Chunk& chunk, format::ChunkReader& chunks) {
  STOKER_ASSIGN(const auto reader, format::image::make_reader(fuzz.workload, fuzz.storage));
  STOKER_ASSIGN(const auto file, reader->open(fuzz.kPath, nullptr));
  STOKER_TRY(chunks.read(*file, {0, 0, file->rows()}, chunk));
  static_cast<void>(format::testing::touch(chunk));
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  format::testing::FuzzFile fuzz(data, size, 1);
  fuzz.workload.dataset.format = (fuzz.choice & 1U) != 0 ? config::FormatName::kPng : config::FormatName::kJpeg;
  fuzz.workload.dataset.num_samples_per_file = 1'000'000;
  fuzz.workload.reader.decode_images = (fuzz.choice & 8U) != 0;

  format::Chunk chunk;
  format::ChunkReader chunks;
  const Status status = read_all(fuzz, chunk, chunks);
  if (!status) {
    STOKER_CHECK(status.error().code != Code::kInternal, status.error().message.c_str());
    STOKER_CHECK(status.error().message.starts_with("f: "), "an error without the path");
    return 0;
  }
  // What was read is what lies there, and what is decoded is what is counted.
  STOKER_CHECK(std::ranges::equal(chunk.stored, fuzz.content), "other bytes than those of the file");
  STOKER_CHECK(chunk.columns.size() == 1 && chunk.columns[0].segments.size() == 1, "views for each sample");
  STOKER_CHECK(chunk.useful_bytes == chunk.columns[0].segments[0].values.size(), "other bytes than those counted");
  if (fuzz.workload.reader.verify_checksums && format::image::is_png(fuzz.content)) {
    STOKER_CHECK(format::image::check_png(fuzz.content).has_value(), "a broken file is read");
  }
  return 0;
}
