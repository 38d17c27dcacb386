#include "data/datagen/generate.h"

#include <map>
#include <set>
#include <string>
#include <thread>

#include "base/checksum.h"
#include "data/datagen/testing/data_set.h"
#include "data/io/testing/faulty_storage.h"

namespace stoker::datagen {
namespace {

using io::testing::FaultyStorage;
using io::testing::MemCall;
using io::testing::MemStorage;
using testing::kKey;
using testing::parquet;
using testing::text_of;
using testing::workload;
using testing::write;

// All files by path, written by `ranks` ranks with `threads` threads each.
std::map<std::string, std::string> generate(int ranks, unsigned threads) {
  const config::Workload w = workload();
  const dataset::Layout layout(w);
  MemStorage storage;
  std::uint64_t files = 0;
  for (int rank = 0; rank < ranks; ++rank) {
    const Request request{w, parquet(), layout, storage, rank, ranks, threads};
    if (rank == 0) {
      EXPECT_OK(make_folders(request));
    }
    auto stats = write(request);
    EXPECT_OK(stats);
    files += stats->files;
    EXPECT_EQ(stats->rows, stats->files * 50);
  }
  EXPECT_EQ(files, 7U);
  std::map<std::string, std::string> all;
  for (std::uint64_t g = 0; g < layout.total_files(); ++g) {
    const auto path = layout.file(g).path;
    all[path.string()] = text_of(storage, path);
  }
  return all;
}

TEST(Generate, WritesTheSameBytesForAnyNumberOfRanksAndThreads) {
  const auto one = generate(1, 1);
  ASSERT_EQ(one.size(), 7U);
  EXPECT_EQ(generate(3, 2), one);
  EXPECT_EQ(generate(9, 4), one);  // more ranks than files
  std::set<std::string> distinct;
  for (const auto& [path, bytes] : one) distinct.insert(bytes);
  EXPECT_EQ(distinct.size(), 7U) << "two files hold the same bytes";
}

TEST(Generate, CountsWhatItWrote) {
  const config::Workload w = workload();
  const dataset::Layout layout(w);
  MemStorage storage;
  const Request request{w, parquet(), layout, storage, 0, 1, 2};
  ASSERT_OK(make_folders(request));
  std::atomic<std::uint64_t> files{0}, bytes{0};
  const auto stats = write(request, {}, [&](std::uint64_t f, std::uint64_t b) { files += f, bytes += b; });
  ASSERT_OK(stats);
  EXPECT_EQ(files.load(), 7U);
  EXPECT_EQ(bytes.load(), stats->bytes);
  std::uint64_t on_storage = 0;
  for (std::uint64_t g = 0; g < 7; ++g) on_storage += storage.get(layout.file(g).path).size();
  EXPECT_EQ(on_storage, stats->bytes);
}

TEST(Generate, EntersRowsBytesAndChecksumOfEachFile) {
  const config::Workload w = workload();
  const dataset::Layout layout(w);
  MemStorage storage;
  for (int rank = 0; rank < 2; ++rank) {
    const Request request{w, parquet(), layout, storage, rank, 2, 2};
    ASSERT_OK(make_folders(request));
    ASSERT_OK(write(request));
  }
  const auto merged = dataset::merge_records(storage, "/data", kKey);
  ASSERT_OK(merged);
  EXPECT_EQ(merged->files, 7U);
  EXPECT_EQ(merged->rows, 350U);
  const auto records = dataset::FileRecords::open(storage, "/data", kKey);
  ASSERT_OK(records);
  for (std::uint64_t g = 0; g < 7; ++g) {
    const auto bytes = storage.get(layout.file(g).path);
    const auto record = (*records)->find(g);
    ASSERT_OK(record);
    EXPECT_EQ(*record, (dataset::FileRecord{.rows = 50, .bytes = bytes.size(), .checksum = checksum(bytes)}));
  }
}

TEST(Generate, AFileThatIsNotInTheJournalIsAnError) {
  const config::Workload w = workload();
  const dataset::Layout layout(w);
  MemStorage memory;
  const Request request{w, parquet(), layout, memory, 0, 1, 1};
  ASSERT_OK(make_folders(request));
  io::testing::Faults faults;
  faults.space_bytes = 32 + 40 + 39;
  FaultyStorage full(memory, faults);
  auto journal = dataset::FileJournal::create(full, "/data", 0, kKey);
  ASSERT_OK(journal);
  EXPECT_ERROR(write_share(request, {}, **journal, [](std::uint64_t, std::uint64_t) {}, {}), Code::kNoSpace,
               "stoker_dataset.journal.0");
  EXPECT_EQ(dataset::merge_records(memory, "/data", kKey)->files, 1U);
}

TEST(Generate, AFullStorageLeavesNoHalfFile) {
  const config::Workload w = workload();
  const dataset::Layout layout(w);
  MemStorage memory;
  io::testing::Faults faults;
  faults.space_bytes = 8'000;
  FaultyStorage storage(memory, faults);
  const Request request{w, parquet(), layout, storage, 0, 1, 2};
  ASSERT_OK(make_folders(request));
  // The journal has room of its own: else the one error that is told may be that of its thread.
  auto journal = dataset::FileJournal::create(memory, "/data", 0, kKey);
  ASSERT_OK(journal);
  EXPECT_ERROR(write_share(request, {}, **journal, [](std::uint64_t, std::uint64_t) {}, {}), Code::kNoSpace,
               ".parquet");
  std::uint64_t complete = 0;
  for (const auto& entry : *memory.list(layout.split_folder(dataset::Split::kTrain))) {
    EXPECT_EQ(entry.name.find(".tmp"), std::string::npos) << entry.name;
    ++complete;
  }
  EXPECT_LT(complete, 5U);
}

TEST(Generate, AFileThatCannotBeClosedGetsNoName) {
  const config::Workload w = workload();
  const dataset::Layout layout(w);
  MemStorage memory;
  io::testing::Faults faults;
  faults.fail_commit = true;
  FaultyStorage storage(memory, faults);
  const Request request{w, parquet(), layout, storage, 0, 1, 1};
  ASSERT_OK(make_folders(request));
  EXPECT_ERROR(write(request), Code::kIo, "close");
  EXPECT_TRUE(memory.list(layout.split_folder(dataset::Split::kTrain))->empty());
}

TEST(Generate, AStopLeavesOnlyCompleteFiles) {
  const config::Workload w = workload();
  const dataset::Layout layout(w);
  MemStorage storage;
  const Request request{w, parquet(), layout, storage, 0, 1, 1};
  ASSERT_OK(make_folders(request));
  std::stop_source stop;
  const auto added = [&](std::uint64_t files, std::uint64_t) {
    if (files == 1) stop.request_stop();  // after the first file
  };
  EXPECT_ERROR(write(request, {}, added, stop.get_token()), Code::kInterrupted,
               "interrupted after 1 of 7 files of this rank");
  EXPECT_EQ(storage.list(layout.split_folder(dataset::Split::kTrain))->size(), 1U);
}

TEST(Generate, MakesOneFolderForEachPartition) {
  config::Workload w = workload();
  w.dataset.num_subfolders_train = 3;
  const dataset::Layout layout(w);
  MemStorage storage;
  const Request request{w, parquet(), layout, storage, 0, 1, 1};
  ASSERT_OK(make_folders(request));
  EXPECT_EQ(storage.list(layout.split_folder(dataset::Split::kTrain))->size(), 3U);
  ASSERT_OK(write(request));
}

// One file lies in a folder below, too, when there are any.
TEST(Generate, MakesTheFolderOfASingleFile) {
  for (const bool eval : {false, true}) {
    config::Workload w = workload();
    w.dataset.num_files_train = eval ? 4 : 1;
    w.dataset.num_files_eval = 1;
    w.dataset.num_subfolders_train = w.dataset.num_subfolders_eval = 2;
    const dataset::Layout layout(w);
    MemStorage storage;
    const Request request{w, parquet(), layout, storage, 0, 1, 1};
    ASSERT_OK(make_folders(request));
    for (std::uint64_t g = 0; g < layout.total_files(); ++g) {
      EXPECT_TRUE(*storage.exists(layout.file(g).path.parent_path())) << layout.file(g).path;
    }
    EXPECT_EQ(storage.list(layout.split_folder(dataset::Split::kEval))->size(), 1U);
    ASSERT_OK(write(request));
  }
}

}  // namespace
}  // namespace stoker::datagen
