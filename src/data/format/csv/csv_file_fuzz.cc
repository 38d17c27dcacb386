// A whole file, as text or compressed, read as training and as tools read it. The last byte chooses, so that any file
// is a seed.
#include "base/testing/fuzz_input.h"
#include "data/format/chunk_reader.h"
#include "data/format/csv/csv_internal.h"
#include "data/format/testing/touch.h"
#include "data/io/testing/mem_storage.h"

namespace {

using namespace stoker;  // NOLINT(google-build-using-namespace)

constexpr config::DType kTypes[] = {
    config::DType::kUint8,  config::DType::kInt8,    config::DType::kUint16,  config::DType::kInt32,
    config::DType::kUint64, config::DType::kInt64,   config::DType::kFloat16, config::DType::kFloat32,
    config::DType::kBool,   config::DType::kFloat64,
};

Status read_all(io::Storage& storage, const config::Workload& workload) {
  STOKER_ASSIGN(const auto reader, format::csv::make_reader(workload, storage));
  STOKER_ASSIGN(const format::Outline outline, reader->outline("f"));
  if (outline.rows == 0) return make_error(Code::kCorrupt, "nothing to read");
  STOKER_ASSIGN(const auto file, reader->open("f", nullptr));
  file->expect_rows(outline.rows);
  format::ChunkReader chunks;
  format::Chunk chunk;
  STOKER_TRY(chunks.read(*file, {0, 0, outline.rows}, chunk));
  static_cast<void>(format::testing::touch(chunk));
  STOKER_CHECK(chunk.rows == outline.rows, "rows that were counted are not there");
  // A part is the same as of the whole.
  const Bytes values = chunk.columns.front().segments.front().values;
  const std::vector<std::byte> last(values.end() - static_cast<std::ptrdiff_t>(values.size() / outline.rows),
                                    values.end());
  STOKER_TRY(chunks.read(*file, {0, outline.rows - 1, 1}, chunk));
  STOKER_CHECK(std::ranges::equal(chunk.columns.front().segments.front().values, last), "a line is read otherwise");
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[size - 1];
  io::testing::MemStorage storage;
  storage.put("f", stoker::testing::FuzzInput(data, size - 1).rest());
  config::Workload workload;
  workload.dataset.format = config::FormatName::kCsv;
  workload.dataset.record_element_type = kTypes[(choice >> 2U) % std::size(kTypes)];
  workload.reader.odirect = (choice & 1U) != 0;
  // A changed checksum hides everything else.
  workload.reader.verify_checksums = (choice & 2U) != 0;
  const Status status = read_all(storage, workload);
  if (!status) STOKER_CHECK(status.error().code != Code::kInternal, status.error().message.c_str());
  const auto info = format::csv::inspect(storage, "f", format::Detail::kStorage);
  // What can be read can be told of, unless it was read with a wrong checksum.

  STOKER_CHECK(info.has_value() || !status.has_value() || !workload.reader.verify_checksums,
               "a file that is read cannot be inspected");
  return 0;
}
