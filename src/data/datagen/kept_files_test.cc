#include "data/datagen/kept_files.h"

#include "base/checksum.h"
#include "data/datagen/sizes.h"
#include "data/datagen/testing/data_set.h"
#include "data/io/testing/faulty_storage.h"
#include "data/io/whole_file.h"

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

// A data set that is complete, with its table.
struct KeptFilesTest : ::testing::Test {
  KeptFilesTest() {
    EXPECT_OK(make_folders(request()));
    EXPECT_OK(write(request()));
    EXPECT_EQ(dataset::merge_records(storage, "/data", kKey)->files, 7U);
  }
  Request request(int rank = 0, int ranks = 1, unsigned threads = 2) {
    return {w, parquet(), layout, storage, rank, ranks, threads};
  }
  io::Path path(std::uint64_t g) { return layout.file(g).path; }
  Result<KeptFiles> look(const Request& r, bool remove_temporary = true) {
    auto records = dataset::FileRecords::open(r.storage, "/data", kKey);
    EXPECT_OK(records);
    return find_kept_files(r, **records, remove_temporary, {});
  }
  Result<KeptFiles> look() { return look(request()); }

  const config::Workload w = workload();
  const dataset::Layout layout{w};
  MemStorage storage;
};

TEST_F(KeptFilesTest, ACompleteDataSetIsKept) {
  const auto kept = look();
  ASSERT_OK(kept);
  EXPECT_EQ(kept->files, 7U);
  std::uint64_t bytes = 0;
  for (std::uint64_t g = 0; g < 7; ++g) {
    EXPECT_TRUE(kept->contains(g));
    bytes += storage.get(path(g)).size();
  }
  EXPECT_EQ(kept->bytes, bytes);
}

TEST_F(KeptFilesTest, RanksLookAtTheirShares) {
  storage.put(path(4), "short");
  const auto first = look(request(0, 2));
  const auto second = look(request(1, 2));
  ASSERT_OK(first);
  ASSERT_OK(second);
  EXPECT_EQ(first->files, 3U);  // 0, 2, 6
  EXPECT_TRUE(first->contains(1));
  EXPECT_FALSE(first->contains(2));
  EXPECT_TRUE(first->contains(3));
  EXPECT_EQ(second->files, 3U);  // 1, 3, 5
}

TEST_F(KeptFilesTest, WhatIsNotWholeIsWrittenAnew) {
  const std::string whole = text_of(storage, path(1));
  const auto is_kept = [&] {
    const auto kept = look();
    EXPECT_OK(kept);
    EXPECT_EQ(kept->files, kept->contains(1) ? 7U : 6U);
    return kept->contains(1);
  };
  EXPECT_TRUE(is_kept());
  storage.put(path(1), whole.substr(0, whole.size() - 1));
  EXPECT_FALSE(is_kept()) << "too short";
  storage.put(path(1), whole + "x");
  EXPECT_FALSE(is_kept()) << "too long";
  storage.put(path(1), std::string(whole.size(), '\0'));
  EXPECT_FALSE(is_kept()) << "the right size, but nothing was written back";
  storage.put(path(1), std::string(100, '\0') + whole.substr(100));
  EXPECT_TRUE(is_kept()) << "the end is looked at, not the whole file";
  ASSERT_OK(storage.remove(path(1)));
  EXPECT_FALSE(is_kept()) << "absent";
}

// Images say nothing of themselves: all their bytes are looked at.
TEST(KeptImages, AreWholeByTheirChecksum) {
  config::Workload w = workload();
  w.dataset.format = config::FormatName::kPng;
  w.dataset.record_length_bytes = 5000;
  const dataset::Layout layout(w);
  MemStorage storage;
  const Request request{w, **format::find_format(w.dataset.format), layout, storage, 0, 1, 1};
  ASSERT_OK(make_folders(request));
  ASSERT_OK(write(request));
  ASSERT_EQ(dataset::merge_records(storage, "/data", kKey)->files, 7U);
  const auto kept = [&] {
    auto records = dataset::FileRecords::open(storage, "/data", kKey);
    EXPECT_OK(records);
    const auto found = find_kept_files(request, **records, false, {});
    EXPECT_OK(found);
    return found->files;
  };
  EXPECT_EQ(kept(), 7U);
  auto changed = storage.get(layout.file(2).path);
  changed[3000] ^= std::byte{1};
  storage.put(layout.file(2).path, changed);
  EXPECT_EQ(kept(), 6U);
  storage.put(layout.file(4).path, std::vector<std::byte>(storage.get(layout.file(4).path).size()));
  EXPECT_EQ(kept(), 5U) << "the right size, but nothing was written back";
}

// A file whose index is lost, or another one, is written anew with it.
TEST(KeptSides, BelongToTheirFiles) {
  for (const auto format : {config::FormatName::kIndexedBinary, config::FormatName::kTfrecord}) {
    config::Workload w = workload();
    w.dataset.format = format;
    w.dataset.record_length_bytes = 500;
    const dataset::Layout layout(w);
    MemStorage storage;
    const Request request{w, **format::find_format(format), layout, storage, 0, 1, 1};
    ASSERT_OK(make_folders(request));
    const auto stats = write(request);
    ASSERT_OK(stats);
    ASSERT_EQ(dataset::merge_records(storage, "/data", kKey)->files, 7U);
    std::uint64_t bytes = 0;
    for (std::uint64_t g = 0; g < 7; ++g) {
      bytes += storage.get(layout.file(g).path).size();
      for (std::size_t side = 0; side < layout.side_files(); ++side)
        bytes += storage.get(layout.side_path(layout.file(g), side)).size();
    }
    EXPECT_EQ(stats->bytes, bytes);
    EXPECT_EQ(total_bytes(request)->most, bytes);
    const auto look = [&] {
      auto records = dataset::FileRecords::open(storage, "/data", kKey);
      EXPECT_OK(records);
      auto found = find_kept_files(request, **records, true, {});
      EXPECT_OK(found);
      return std::move(*found);
    };
    EXPECT_EQ(look().files, 7U);
    EXPECT_EQ(look().bytes, bytes);
    for (std::size_t side = 0; side < layout.side_files(); ++side) {
      const io::Path path = layout.side_path(layout.file(3), side);
      const std::string whole = text_of(storage, path);
      std::string changed = whole;
      changed[9] ^= 1;
      for (const std::string& other : {changed, whole + "x", whole.substr(1), std::string()}) {
        storage.put(path, other);
        const KeptFiles kept = look();
        EXPECT_EQ(kept.files, 6U);
        EXPECT_FALSE(kept.contains(3));
        ASSERT_OK(write(request, kept));
        ASSERT_EQ(dataset::merge_records(storage, "/data", kKey)->files, 7U);
        EXPECT_EQ(text_of(storage, path), whole);
      }
      storage.put(io::temporary_name(path), "left by a writer that was killed");
      EXPECT_EQ(look().files, 7U);
      EXPECT_FALSE(*storage.exists(io::temporary_name(path)));
      FaultyStorage unreadable(storage, {.fail_open = path.string()});
      auto records = dataset::FileRecords::open(storage, "/data", kKey);
      EXPECT_ERROR(find_kept_files({w, request.format, layout, unreadable, 0, 1, 1}, **records, true, {}),
                   Code::kPermission, path.string());
    }
  }
}

TEST_F(KeptFilesTest, AFileOfOtherRowsIsWrittenAnew) {
  auto journal = dataset::FileJournal::create(storage, "/data", 0, kKey);
  ASSERT_OK((*journal)->add(3, {.rows = 49, .bytes = storage.get(path(3)).size(), .checksum = 0}));
  ASSERT_OK(dataset::merge_records(storage, "/data", kKey));
  const auto kept = look();
  ASSERT_OK(kept);
  EXPECT_EQ(kept->files, 6U);
  EXPECT_FALSE(kept->contains(3));
}

TEST_F(KeptFilesTest, AFileWithoutARecordIsWrittenAnew) {
  ASSERT_OK(dataset::remove_records(storage, "/data"));
  auto journal = dataset::FileJournal::create(storage, "/data", 0, kKey);
  ASSERT_OK((*journal)->add(3, {.rows = 50, .bytes = storage.get(path(3)).size(), .checksum = 0}));
  ASSERT_OK(dataset::merge_records(storage, "/data", kKey));
  storage.clear_calls();
  const auto kept = look();
  ASSERT_OK(kept);
  EXPECT_EQ(kept->files, 1U);
  EXPECT_TRUE(kept->contains(3));
  EXPECT_EQ(kept->bytes, storage.get(path(3)).size());
}

TEST_F(KeptFilesTest, RemainsOfWritersAreRemoved) {
  const io::Path remains = io::temporary_name(path(2));
  EXPECT_EQ(remains, "/data/train/img_2_of_5.parquet.tmp");
  storage.put(remains, "half");
  ASSERT_OK(look(request(), false));
  EXPECT_TRUE(*storage.exists(remains));
  ASSERT_OK(look(request(), true));
  EXPECT_FALSE(*storage.exists(remains));
}

TEST_F(KeptFilesTest, NothingIsChangedWhereNothingMayBe) {
  storage.clear_calls();
  ASSERT_OK(look(request(), false));
  EXPECT_EQ(storage.count(MemCall::Op::kRemove), 0U);
  EXPECT_EQ(storage.count(MemCall::Op::kCreate), 0U);
}

TEST_F(KeptFilesTest, AStorageThatDoesNotAnswerIsAnError) {
  for (const std::uint64_t read : {2U, 3U, 4U}) {  // the first is the table's header
    io::testing::Faults faults;
    faults.fail_read = read;
    FaultyStorage faulty(storage, faults);
    EXPECT_ERROR(look({w, parquet(), layout, faulty, 0, 1, 1}), Code::kIo, "/data/");
  }
  io::testing::Faults faults;
  faults.fail_open = "img_3_of_5";
  FaultyStorage faulty(storage, faults);
  EXPECT_ERROR(look({w, parquet(), layout, faulty, 0, 1, 1}), Code::kPermission, "img_3_of_5");
}

TEST_F(KeptFilesTest, AStopIsToldAsOne) {
  std::stop_source stop;
  stop.request_stop();
  auto records = dataset::FileRecords::open(storage, "/data", kKey);
  EXPECT_ERROR(find_kept_files(request(), **records, true, stop.get_token()), Code::kInterrupted,
               "interrupted while looking which files are complete");
}

TEST(KeptFiles, NoneAreKeptByDefault) {
  const KeptFiles none;
  EXPECT_FALSE(none.contains(0));
  EXPECT_FALSE(none.contains(1000));
}

TEST(KeptFiles, EachPositionHasABit) {
  for (const std::uint64_t size : {1U, 63U, 64U, 65U, 200U}) {
    KeptFiles kept(size);
    kept.add(size - 1);
    for (std::uint64_t i = 0; i < size; ++i) EXPECT_EQ(kept.contains(i), i == size - 1) << i << " of " << size;
  }
}

// The whole way: interrupted, then resumed by other numbers of ranks and threads.
TEST_F(KeptFilesTest, AResumedDataSetIsThatOfAnUndisturbedRun) {
  std::map<io::Path, std::string> undisturbed;
  for (std::uint64_t g = 0; g < 7; ++g) undisturbed[path(g)] = text_of(storage, path(g));
  const std::string table = text_of(storage, "/data/stoker_dataset.files");

  for (std::uint64_t stop_after = 1; stop_after < 6; ++stop_after) {
    MemStorage fresh;
    const Request interrupted{w, parquet(), layout, fresh, 0, 1, 1};
    ASSERT_OK(make_folders(interrupted));
    std::stop_source stop;
    std::uint64_t done = 0;
    const auto added = [&](std::uint64_t files, std::uint64_t) {
      done += files;
      if (done == stop_after) stop.request_stop();
    };
    EXPECT_ERROR(write(interrupted, {}, added, stop.get_token()), Code::kInterrupted, "of this rank");
    fresh.put(io::temporary_name(path(0)), "half");
    fresh.put(io::temporary_name(path(6)), "half");

    EXPECT_EQ(dataset::merge_records(fresh, "/data", kKey)->files, stop_after);
    std::uint64_t kept_files = 0, written = 0;
    for (int rank = 0; rank < 3; ++rank) {
      const Request resumed{w, parquet(), layout, fresh, rank, 3, 2};
      const auto kept = look(resumed);
      ASSERT_OK(kept);
      kept_files += kept->files;
      const auto stats = write(resumed, *kept);
      ASSERT_OK(stats);
      written += stats->files;
    }
    EXPECT_EQ(kept_files, stop_after);
    EXPECT_EQ(written, 7 - stop_after);
    EXPECT_EQ(dataset::merge_records(fresh, "/data", kKey)->files, 7U);
    for (const auto& [where, text] : undisturbed) EXPECT_EQ(text_of(fresh, where), text) << where;
    EXPECT_EQ(text_of(fresh, "/data/stoker_dataset.files"), table);
    EXPECT_EQ(fresh.list("/data/train")->size(), 5U);
    EXPECT_EQ(fresh.list("/data/valid")->size(), 2U);
    EXPECT_EQ(fresh.list("/data")->size(), 3U);
  }
}

}  // namespace
}  // namespace stoker::datagen
