#include "data/dataset/file_records.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/checksum.h"
#include "base/testing/status_matchers.h"
#include "data/dataset/record_bytes_internal.h"
#include "data/io/testing/faulty_storage.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::dataset {
namespace {

using io::testing::FaultyStorage;
using io::testing::MemCall;
using io::testing::MemStorage;

const io::Path kFolder = "/data";
const io::Path kTable = "/data/stoker_dataset.files";
constexpr RecordsKey kKey{.identity = 0x1122334455667788, .files = 5};

FileRecord record_of(std::uint64_t g) {
  return {.rows = 100 + g, .bytes = 1000 + g, .checksum = 0xABCDEF0000000000 + g};
}

void write_journal(io::Storage& storage, int rank, const RecordsKey& key, const std::vector<std::uint64_t>& files) {
  auto journal = FileJournal::create(storage, kFolder, rank, key);
  ASSERT_OK(journal);
  for (const std::uint64_t g : files) ASSERT_OK((*journal)->add(g, record_of(g)));
  ASSERT_OK((*journal)->close());
}

std::string text_of(const MemStorage& storage, const io::Path& path) {
  const auto bytes = storage.get(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Fixture : ::testing::Test {
  Fixture() { EXPECT_OK(storage.make_directories(kFolder)); }
  bool there(const io::Path& path) { return *storage.exists(path); }
  MemStorage storage;
};

using FileRecordsTest = Fixture;

TEST_F(FileRecordsTest, JournalsOfAllRanksBecomeOneTable) {
  write_journal(storage, 0, kKey, {4, 0});
  write_journal(storage, 11, kKey, {3});
  const auto merged = merge_records(storage, kFolder, kKey);
  ASSERT_OK(merged);
  EXPECT_EQ(merged->files, 3U);
  EXPECT_EQ(merged->rows, 307U);
  EXPECT_EQ(merged->bytes, 3007U);
  EXPECT_FALSE(there("/data/stoker_dataset.journal.0"));
  EXPECT_FALSE(there("/data/stoker_dataset.journal.11"));
  EXPECT_FALSE(there("/data/stoker_dataset.files.tmp"));

  auto records = FileRecords::open(storage, kFolder, kKey);
  ASSERT_OK(records);
  std::vector<std::optional<FileRecord>> all(5);
  ASSERT_OK((*records)->read(0, all));
  EXPECT_EQ(all, (std::vector<std::optional<FileRecord>>{record_of(0), std::nullopt, std::nullopt, record_of(3),
                                                         record_of(4)}));
  EXPECT_EQ(*(*records)->find(4), record_of(4));
  EXPECT_EQ(*(*records)->find(1), std::nullopt);
  std::vector<std::optional<FileRecord>> two(2);
  ASSERT_OK((*records)->read(2, two));
  EXPECT_EQ(two[1], record_of(3));
  EXPECT_OK((*records)->read(5, {}));
}

TEST_F(FileRecordsTest, ATableTakesThirtyTwoBytesAFile) {
  write_journal(storage, 0, kKey, {0});
  ASSERT_OK(merge_records(storage, kFolder, kKey));
  EXPECT_EQ(storage.get(kTable).size(), 32U + 5 * 32);
}

// Written down once more, so that a change of the bytes is noticed (docs/formats.md).
TEST_F(FileRecordsTest, TheirSpaceIsKnownBefore) {
  write_journal(storage, 0, kKey, {4, 0, 1});
  write_journal(storage, 1, kKey, {3, 2});
  std::uint64_t journals = 0;
  for (const char* rank : {"0", "1"}) {
    journals += storage.get(fmt::format("/data/stoker_dataset.journal.{}", rank)).size();
  }
  ASSERT_OK(merge_records(storage, kFolder, kKey));
  const std::uint64_t table = storage.get(kTable).size();
  EXPECT_EQ(records_bytes(5, 5, 2, 1), table + journals);
  EXPECT_EQ(records_bytes(5, 0, 0, 1), table);
  EXPECT_EQ(records_bytes(5, 0, 2, 1), table + 2U * 32);
  EXPECT_EQ(records_bytes(5, 5, 2, 4096), 3U * 4096);
  // 102 entries of 40 bytes do not fit a block with the header, 101 do.
  EXPECT_EQ(records_bytes(5, 101, 1, 4096), 2U * 4096);
  EXPECT_EQ(records_bytes(5, 102, 1, 4096), 3U * 4096);
  EXPECT_EQ(records_bytes(5, 203, 2, 4096), 4U * 4096) << "only one of the journals has 102";
}

TEST_F(FileRecordsTest, TheBytesAreThoseOfTheDocument) {
  write_journal(storage, 0, {.identity = 0x0102030405060708, .files = 2}, {1});
  const std::string journal = text_of(storage, "/data/stoker_dataset.journal.0");
  ASSERT_EQ(journal.size(), 32U + 40);
  EXPECT_EQ(journal.substr(0, 8), "STKJOURN");
  EXPECT_EQ(journal.substr(8, 8), std::string("\x08\x07\x06\x05\x04\x03\x02\x01", 8));
  EXPECT_EQ(journal.substr(16, 12), std::string("\2\0\0\0\0\0\0\0\1\0\0\0", 12));
  EXPECT_EQ(journal.substr(32, 8), std::string("\1\0\0\0\0\0\0\0", 8));
  ASSERT_OK(merge_records(storage, kFolder, {.identity = 0x0102030405060708, .files = 2}));
  const std::string table = text_of(storage, kTable);
  EXPECT_EQ(table.substr(0, 8), "STKFILES");
  EXPECT_EQ(table.substr(8, 20), journal.substr(8, 20));
  const auto crc = [](const std::string& text) { return crc32(std::as_bytes(std::span(text))); };
  const auto number = [](std::uint32_t n) { return std::string(reinterpret_cast<const char*>(&n), 4); };
  EXPECT_EQ(table.substr(28, 4), number(crc(table.substr(0, 28))));
  const std::string zero(28, '\0');
  EXPECT_EQ(table.substr(32, 32), zero + number(crc(std::string(8, '\0') + zero)));
  EXPECT_EQ(table.substr(64, 32), journal.substr(40, 32));
  EXPECT_EQ(table.substr(64, 28),
            std::string("\x65\0\0\0\0\0\0\0\xE9\3\0\0\0\0\0\0\1\0\0\0\0\xEF\xCD\xAB\1\0\0\0", 28));
  EXPECT_EQ(table.substr(92, 4), number(crc(journal.substr(32, 8) + table.substr(64, 28))));
}

TEST(Journals, AreFilesOfTheirName) {
  using Entries = std::vector<io::DirEntry>;
  EXPECT_FALSE(has_journals({}));
  EXPECT_FALSE(has_journals(Entries{{.name = "stoker_dataset.json"},
                                    {.name = "stoker_dataset.journal.x"},
                                    {.name = "stoker_dataset.journal.1", .is_directory = true}}));
  EXPECT_TRUE(has_journals(Entries{{.name = "stoker_dataset.json"}, {.name = "stoker_dataset.journal.1"}}));
}

// A manifest may claim so many that their bytes are no number of 64 bits.
TEST_F(FileRecordsTest, ATableOfTooManyFilesIsNotMistakenForAWholeOne) {
  const RecordsKey key{.identity = 1, .files = std::uint64_t{1} << 59};
  const internal::HeaderBytes header = internal::header_bytes(internal::kTableMagic, key);
  storage.put(kTable, Bytes(header));
  EXPECT_ERROR(FileRecords::open(storage, kFolder, key), Code::kCorrupt,
               "found 32 bytes, room for 0 files, expected 576460752303423488 files");
}

TEST_F(FileRecordsTest, ATableTakesInTheJournalsOfTheNextRun) {
  write_journal(storage, 0, kKey, {0, 1});
  ASSERT_OK(merge_records(storage, kFolder, kKey));
  auto journal = FileJournal::create(storage, kFolder, 0, kKey);
  ASSERT_OK((*journal)->add(1, record_of(77)));  // written anew
  ASSERT_OK((*journal)->add(2, record_of(2)));
  ASSERT_OK((*journal)->add(2, record_of(22)));  // the last one counts
  const auto merged = merge_records(storage, kFolder, kKey);
  ASSERT_OK(merged);
  EXPECT_EQ(merged->files, 3U);
  auto records = FileRecords::open(storage, kFolder, kKey);
  EXPECT_EQ(*(*records)->find(0), record_of(0));
  EXPECT_EQ(*(*records)->find(1), record_of(77));
  EXPECT_EQ(*(*records)->find(2), record_of(22));
}

TEST_F(FileRecordsTest, ATornEntryEndsAJournalWhereverItIsTorn) {
  write_journal(storage, 0, kKey, {0, 1, 2});
  const std::string whole = text_of(storage, "/data/stoker_dataset.journal.0");
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    storage.put("/data/stoker_dataset.journal.0", whole.substr(0, length));
    ASSERT_OK(remove_records(storage, kFolder));
    storage.put("/data/stoker_dataset.journal.0", whole.substr(0, length));
    const auto merged = merge_records(storage, kFolder, kKey);
    ASSERT_OK(merged);
    ASSERT_EQ(merged->files, length < 32 ? 0 : (length - 32) / 40) << length;
  }
  // A flipped bit in any byte of the second entry: the first file is known, the later ones are not.
  for (std::size_t at = 72; at < 112; ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    ASSERT_OK(remove_records(storage, kFolder));
    storage.put("/data/stoker_dataset.journal.0", flipped);
    ASSERT_EQ(merge_records(storage, kFolder, kKey)->files, 1U) << at;
  }
}

TEST_F(FileRecordsTest, AFileThatTheDataSetDoesNotHaveEndsAJournal) {
  write_journal(storage, 0, kKey, {4, 5, 0});
  EXPECT_EQ(merge_records(storage, kFolder, kKey)->files, 1U);
}

TEST_F(FileRecordsTest, JournalsAndTablesOfAnotherDataSetAreLeftOut) {
  RecordsKey other = kKey;
  ++other.identity;
  write_journal(storage, 0, other, {0});
  ASSERT_OK(merge_records(storage, kFolder, other));
  write_journal(storage, 0, other, {1});
  other.files = 6;
  write_journal(storage, 1, other, {2});
  write_journal(storage, 2, kKey, {3});
  EXPECT_EQ(merge_records(storage, kFolder, kKey)->files, 1U);
  EXPECT_FALSE(there("/data/stoker_dataset.journal.0"));
  EXPECT_FALSE(there("/data/stoker_dataset.journal.1"));
  EXPECT_EQ(*(*FileRecords::open(storage, kFolder, kKey))->find(3), record_of(3));
}

TEST_F(FileRecordsTest, WithoutATableThereIsNone) {
  EXPECT_ERROR(FileRecords::open(storage, kFolder, kKey), Code::kNotFound, "stoker_dataset.files");
  const auto merged = merge_records(storage, kFolder, kKey);
  ASSERT_OK(merged);
  EXPECT_EQ(merged->files, 0U);
  EXPECT_EQ(*(*FileRecords::open(storage, kFolder, kKey))->find(4), std::nullopt);
}

// Such a data set may lie on a read-only mount. More files than are looked at at a time.
TEST_F(FileRecordsTest, AWholeTableWithoutJournalsIsCountedAndNotWrittenAnew) {
  const RecordsKey key{.identity = 7, .files = 20'000};
  write_journal(storage, 0, key, {0, 16'383, 16'384, 19'999});
  ASSERT_OK(merge_records(storage, kFolder, key));
  storage.clear_calls();
  const auto merged = merge_records(storage, kFolder, key);
  ASSERT_OK(merged);
  EXPECT_EQ(merged->files, 4U);
  EXPECT_EQ(merged->rows, 400U + 16'383 + 16'384 + 19'999);
  EXPECT_EQ(merged->bytes, 4000U + 16'383 + 16'384 + 19'999);
  EXPECT_EQ(storage.count(MemCall::Op::kCreate), 0U);
}

TEST_F(FileRecordsTest, DamageIsNamedAndAMergeMendsIt) {
  write_journal(storage, 0, kKey, {0, 1, 2, 3, 4});
  ASSERT_OK(merge_records(storage, kFolder, kKey));
  const std::string whole = text_of(storage, kTable);
  const auto open = [&](const std::string& text) {
    storage.put(kTable, text);
    return FileRecords::open(storage, kFolder, kKey);
  };
  const std::string where = "/data/stoker_dataset.files: ";
  EXPECT_ERROR(open(whole.substr(0, 31)), Code::kCorrupt, where + "found 31 bytes, expected a table of file records");
  EXPECT_ERROR(open(whole.substr(0, 32)), Code::kCorrupt, where + "found 32 bytes, room for 0 files, expected 5 files");
  EXPECT_ERROR(open(whole + "x"), Code::kCorrupt, "found 193 bytes, room for 5 files, expected 5 files");
  EXPECT_ERROR(open("x" + whole.substr(1)), Code::kCorrupt, where + "the header of the table");
  for (std::size_t at = 8; at < 32; ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    EXPECT_ERROR(open(flipped), Code::kCorrupt, "the header of the table of file records is damaged");
  }
  std::string future = whole;
  future[24] = 2;
  const std::uint32_t crc = crc32(std::as_bytes(std::span(future)).first(28));
  std::memcpy(&future[28], &crc, 4);
  EXPECT_ERROR(open(future), Code::kCorrupt, "found version 2 of the table of file records, expected 1");
  EXPECT_FALSE(open(future).error().hint.empty());
  storage.put(kTable, whole);
  EXPECT_ERROR(FileRecords::open(storage, kFolder, {.identity = 1, .files = 5}), Code::kCorrupt, "another data set");

  std::string flipped = whole;
  flipped[32 + 3 * 32] ^= 1;
  auto records = open(flipped);
  ASSERT_OK(records);
  EXPECT_EQ(*(*records)->find(2), record_of(2));
  EXPECT_ERROR((*records)->find(3), Code::kCorrupt, where + "the entry of file 3 at offset 128 does not match its");
  std::vector<std::optional<FileRecord>> all(5);
  EXPECT_ERROR((*records)->read(0, all), Code::kCorrupt, "the entry of file 3");
  EXPECT_EQ(merge_records(storage, kFolder, kKey)->files, 4U);
  records = FileRecords::open(storage, kFolder, kKey);
  ASSERT_OK((*records)->read(0, all));
  EXPECT_EQ(all[3], std::nullopt);
  EXPECT_EQ(all[4], record_of(4));
  // An entry in another's place.
  std::string moved = whole;
  moved.replace(32, 32, whole.substr(64, 32));
  EXPECT_ERROR((*open(moved))->find(0), Code::kCorrupt, "the entry of file 0 at offset 32");
}

TEST_F(FileRecordsTest, ATableIsSafeBeforeTheJournalsAreRemoved) {
  write_journal(storage, 0, kKey, {0});
  storage.clear_calls();
  ASSERT_OK(merge_records(storage, kFolder, kKey));
  std::vector<MemCall> order;
  for (const MemCall& call : storage.calls()) {
    if (call.op == MemCall::Op::kCommit || call.op == MemCall::Op::kRemove) order.push_back(call);
  }
  EXPECT_EQ(order,
            (std::vector<MemCall>{{.op = MemCall::Op::kCommit, .path = "/data/stoker_dataset.files", .durable = true},
                                  {.op = MemCall::Op::kRemove, .path = "/data/stoker_dataset.journal.0"}}));
}

TEST_F(FileRecordsTest, AFullStorageLeavesTheOldTableAndTheJournals) {
  write_journal(storage, 0, kKey, {0});
  ASSERT_OK(merge_records(storage, kFolder, kKey));
  const std::string before = text_of(storage, kTable);
  write_journal(storage, 0, kKey, {1});
  io::testing::Faults faults;
  faults.space_bytes = 100;
  FaultyStorage full(storage, faults);
  EXPECT_ERROR(merge_records(full, kFolder, kKey), Code::kNoSpace, "stoker_dataset.files");
  EXPECT_EQ(text_of(storage, kTable), before);
  EXPECT_FALSE(there("/data/stoker_dataset.files.tmp"));
  EXPECT_EQ(merge_records(storage, kFolder, kKey)->files, 2U);
}

TEST_F(FileRecordsTest, ErrorsOfTheStorageAreNotTakenForDamage) {
  write_journal(storage, 0, kKey, {0, 1});
  ASSERT_OK(merge_records(storage, kFolder, kKey));
  write_journal(storage, 0, kKey, {2});
  // Reads: header and block of the journal, header of the table, its entries, the block again.
  for (std::uint64_t read = 1; read <= 5; ++read) {
    io::testing::Faults faults;
    faults.fail_read = read;
    FaultyStorage faulty(storage, faults);
    EXPECT_ERROR(merge_records(faulty, kFolder, kKey), Code::kIo, "/data/stoker_dataset.");
  }
  EXPECT_EQ(merge_records(storage, kFolder, kKey)->files, 3U);
}

TEST_F(FileRecordsTest, RemovingLeavesOtherFiles) {
  write_journal(storage, 0, kKey, {0});
  ASSERT_OK(merge_records(storage, kFolder, kKey));
  write_journal(storage, 3, kKey, {0});
  storage.put("/data/stoker_dataset.files.tmp", "x");
  storage.put("/data/stoker_dataset.json", "{}");
  storage.put("/data/mine", "x");
  ASSERT_OK(remove_records(storage, kFolder));
  std::vector<std::string> names;
  for (const auto& entry : *storage.list(kFolder)) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"mine", "stoker_dataset.json"}));
  EXPECT_OK(remove_records(storage, kFolder));
  EXPECT_OK(remove_records(storage, "/nowhere"));
}

TEST_F(FileRecordsTest, ManyThreadsShareAJournal) {
  const RecordsKey key{.identity = 7, .files = 4000};
  auto journal = FileJournal::create(storage, kFolder, 0, key);
  ASSERT_OK(journal);
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t g = t; g < key.files; g += 4) EXPECT_OK((*journal)->add(g, record_of(g)));
      });
    }
  }
  ASSERT_OK((*journal)->close());
  EXPECT_EQ(merge_records(storage, kFolder, key)->files, 4000U);
}

// More files than a window and than a read hold: every border of the two is crossed.
TEST_F(FileRecordsTest, TablesLargerThanAWindow) {
  const RecordsKey key{.identity = 7, .files = (1U << 20) + 40'000};
  for (int rank = 0; rank < 3; ++rank) {
    auto journal = FileJournal::create(storage, kFolder, rank, key);
    ASSERT_OK(journal);
    for (std::uint64_t g = static_cast<std::uint64_t>(rank); g < key.files; g += 3) {
      if (g % 1000 == 999) continue;
      ASSERT_OK((*journal)->add(g, record_of(g)));
    }
  }
  storage.clear_calls();
  const auto merged = merge_records(storage, kFolder, key);
  ASSERT_OK(merged);
  EXPECT_EQ(merged->files, key.files - key.files / 1000);
  // Each block is read once to see what it holds and once for its window; those on the border once more.
  std::uint64_t read = 0;
  for (const MemCall& call : storage.calls()) read += call.op == MemCall::Op::kRead ? call.length : 0;
  EXPECT_LT(read, 2.1 * 40 * static_cast<double>(key.files));
  auto records = FileRecords::open(storage, kFolder, key);
  ASSERT_OK(records);
  std::vector<std::optional<FileRecord>> all(key.files);
  ASSERT_OK((*records)->read(0, all));
  for (std::uint64_t g = 0; g < key.files; ++g) {
    if (g % 1000 == 999) {
      ASSERT_EQ(all[g], std::nullopt) << g;
    } else {
      ASSERT_EQ(all[g], record_of(g)) << g;
    }
  }
}

}  // namespace
}  // namespace stoker::dataset
