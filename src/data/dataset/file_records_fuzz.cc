// The table of a data set's files and the journals of its ranks. The first byte says how much of the rest is table.
#include <array>

#include "base/testing/fuzz_input.h"
#include "data/dataset/file_records.h"
#include "data/io/testing/mem_storage.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stoker::dataset;  // NOLINT(google-build-using-namespace)
  stoker::testing::FuzzInput in(data, size);
  const std::size_t share = in.take<std::uint8_t>();
  const RecordsKey key{.identity = in.take<std::uint8_t>(), .files = in.take<std::uint8_t>() % 100U};
  const std::size_t table = in.rest().size() * share / 255;
  stoker::io::testing::MemStorage storage;
  if (table > 0) storage.put(std::string(kRecordsName), in.rest().first(table));
  if (share < 255) storage.put(std::string(kJournalPrefix) + "0", in.rest().subspan(table));
  const auto look = [&] {
    const auto records = FileRecords::open(storage, "", key);
    if (!records) return;
    std::array<std::optional<FileRecord>, 100> all;
    static_cast<void>((*records)->read(0, std::span(all).first(key.files)));
    for (std::uint64_t g = 0; g < key.files; ++g) static_cast<void>((*records)->find(g));
  };
  look();
  const auto merged = merge_records(storage, "", key);
  if (merged) STOKER_CHECK(merged->files <= key.files, "not more records than files");
  look();
  return 0;
}
