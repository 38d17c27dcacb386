// A whole HDF5 file, read as training and as tools read it. The last byte chooses, so that any file is a seed.
#include "base/testing/fuzz_input.h"
#include "data/format/chunk_reader.h"
#include "data/format/hdf5/hdf5_internal.h"
#include "data/format/testing/touch.h"
#include "data/io/testing/mem_storage.h"

namespace {

using namespace stoker;  // NOLINT(google-build-using-namespace)

Status read_all(io::Storage& storage, const config::Workload& workload) {
  STOKER_ASSIGN(const auto reader, format::hdf5::make_reader(workload, storage));
  STOKER_ASSIGN(const auto file, reader->open("f", nullptr));
  format::ChunkReader chunks;
  format::Chunk chunk;
  std::size_t number = 0;
  for (const format::Unit& unit : file->units()) {
    // A file may say that it has 2^58 samples that nobody wrote.
    if (number == 8) break;
    const std::uint64_t rows = std::min<std::uint64_t>(unit.rows, 16);
    STOKER_TRY(chunks.read(*file, {number++, unit.first_row + unit.rows - rows, rows}, chunk));
    STOKER_TRY(chunks.complete(*file, chunk));
    static_cast<void>(format::testing::touch(chunk));
  }
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[size - 1];
  io::testing::MemStorage storage;
  storage.put("f", stoker::testing::FuzzInput(data, size - 1).rest());
  config::Workload workload;
  workload.dataset.format = config::FormatName::kHdf5;
  workload.reader.odirect = (choice & 2U) != 0;
  // A changed checksum hides everything else.
  workload.reader.verify_checksums = (choice & 4U) != 0;
  const Status status = read_all(storage, workload);
  if (!status) STOKER_CHECK(status.error().code != Code::kInternal, status.error().message.c_str());
  const auto info = format::hdf5::inspect(storage, "f", format::Detail::kStorage);
  // What can be read can be told of, by those who look at checksums as well.
  STOKER_CHECK(info.has_value() || !status.has_value() || !workload.reader.verify_checksums,
               "a file that is read cannot be inspected");
  return 0;
}
