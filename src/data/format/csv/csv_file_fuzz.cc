// A whole file, as text or compressed, read as training and as tools read it.
#include <algorithm>
#include <vector>

#include "data/format/csv/csv_internal.h"
#include "data/format/testing/fuzz_file.h"

namespace {

using namespace stoker;  // NOLINT(google-build-using-namespace)

constexpr config::DType kTypes[] = {
    config::DType::kUint8,  config::DType::kInt8,    config::DType::kUint16,  config::DType::kInt32,
    config::DType::kUint64, config::DType::kInt64,   config::DType::kFloat16, config::DType::kFloat32,
    config::DType::kBool,   config::DType::kFloat64,
};

// A file is one unit, whose rows are counted first.
Status read_all(format::testing::FuzzFile& fuzz) {
  STOKER_ASSIGN(const auto reader, format::csv::make_reader(fuzz.workload, fuzz.storage));
  STOKER_ASSIGN(const format::Outline outline, reader->outline(fuzz.kPath));
  if (outline.rows == 0) return make_error(Code::kCorrupt, "nothing to read");
  STOKER_ASSIGN(const auto file, reader->open_known(fuzz.kPath, outline, nullptr));
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
  format::testing::FuzzFile fuzz(data, size, 0);
  fuzz.workload.dataset.format = config::FormatName::kCsv;
  fuzz.workload.dataset.record_element_type = kTypes[(fuzz.choice >> 2U) % std::size(kTypes)];
  const Status status = read_all(fuzz);
  const auto info = format::csv::inspect(fuzz.storage, fuzz.kPath, format::Detail::kStorage);
  // Those who tell look at checksums as well.
  format::testing::check_told(status, info, fuzz.workload.reader.verify_checksums);
  return 0;
}
