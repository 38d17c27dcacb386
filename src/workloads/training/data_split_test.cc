#include "workloads/training/data_split.h"

#include <gmock/gmock.h>

#include "base/testing/status_matchers.h"
#include "workloads/training/testing/outline_reader.h"
#include "workloads/training/testing/ranks.h"

namespace stoker::training {
namespace {

using dataset::RowCounts;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::OutlineReader;

// A split of files that lie in memory under the names f0, f1, ... and whose rows are those of the reader.
struct Prepared {
  Result<DataSplit> data = make_error(Code::kInternal, "not prepared");
  std::vector<std::string> warnings;
};

Prepared prepare(OutlineReader& reader, std::int64_t samples_per_file, int ranks = 2) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.data_folder = "data";
  w.dataset.num_files_train = static_cast<std::int64_t>(reader.rows.size());
  w.dataset.num_samples_per_file = samples_per_file;
  io::testing::MemStorage storage;
  for (std::size_t i = 0; i < reader.rows.size(); ++i) storage.put(fmt::format("data/train/f{}.parquet", i), "x");
  Prepared prepared;
  testing::on_ranks(ranks, storage, w, [&](Context& c) {
    auto data = prepare_split(c, {.layout = dataset::Layout(w)}, dataset::Split::kTrain, reader);
    if (!c.root()) return;
    prepared.data = std::move(data);
    prepared.warnings = c.warnings;
  });
  return prepared;
}

TEST(PrepareSplit, FilesAsConfiguredAreUsedWithoutAWord) {
  OutlineReader reader;
  reader.rows = {10, 10, 10};
  const Prepared p = prepare(reader, 10);
  ASSERT_OK(p.data);
  EXPECT_EQ(p.data->used, *RowCounts::equal(3, 10));
  EXPECT_EQ(p.data->unused_rows(), 0U);
  EXPECT_TRUE(p.warnings.empty());
}

TEST(PrepareSplit, OfLongerFilesTheFirstRowsAreUsedAndTheOthersCounted) {
  OutlineReader reader;
  reader.rows = {15, 15, 15};
  const Prepared p = prepare(reader, 10);
  ASSERT_OK(p.data);
  EXPECT_EQ(p.data->used, *RowCounts::equal(3, 10));
  EXPECT_EQ(p.data->counted.rows, *RowCounts::equal(3, 15));
  EXPECT_EQ(p.data->unused_rows(), 15U);
  EXPECT_THAT(p.warnings, ElementsAre("the files have 15 samples each, dataset.num_samples_per_file is 10: only the "
                                      "first 10 are used, 15 samples in 3 files left out"));
  EXPECT_THAT(prepare(reader, 1).warnings, ElementsAre(HasSubstr("only the first is used, 42 samples in 3 files")));
}

TEST(PrepareSplit, ShorterFilesAreUsedAsTheyAre) {
  OutlineReader reader;
  reader.rows = {9, 9};
  const Prepared p = prepare(reader, 10);
  ASSERT_OK(p.data);
  EXPECT_EQ(p.data->used, *RowCounts::equal(2, 9));
  EXPECT_THAT(p.warnings, ElementsAre("the files have 9 samples each, not 10 as dataset.num_samples_per_file says: 9 "
                                      "is used everywhere"));
}

TEST(PrepareSplit, FilesThatDifferAreAllUsedAndTheFirstOtherIsNamed) {
  OutlineReader reader;
  reader.rows = {100, 100, 150, 1200};
  const Prepared p = prepare(reader, 100);
  ASSERT_OK(p.data);
  EXPECT_EQ(p.data->used, *RowCounts::of({100, 100, 150, 1200}));
  EXPECT_EQ(p.data->unused_rows(), 0U);
  EXPECT_THAT(
      p.warnings,
      ElementsAre("the files differ in rows: data/train/f0.parquet has 100, data/train/f2.parquet has 150; "
                  "every row is planned as it is, 1,550 rows in 4 files (dataset.num_samples_per_file is 100)"));
}

TEST(PrepareSplit, FilesWithoutRowsAreAnError) {
  OutlineReader reader;
  reader.rows = {0, 0};
  EXPECT_ERROR(prepare(reader, 10).data, Code::kCorrupt, "data/train: the files have no rows");
}

TEST(PrepareSplit, TheFirstFileIsOpenedAsAnEpochWould) {
  OutlineReader reader;
  reader.rows = {10, 10};
  reader.fails_open = 0;
  EXPECT_ERROR(prepare(reader, 10).data, Code::kCorrupt, "data/train/f0.parquet: opening fails on purpose");
}

TEST(DataSplit, AFileThatChangedIsAnErrorWithPathFoundAndPlanned) {
  OutlineReader reader;
  reader.rows = {10, 2000, 10};
  Prepared p = prepare(reader, 10);
  ASSERT_OK(p.data);
  EXPECT_OK(p.data->open(reader, 1, nullptr));
  reader.rows[1] = 1999;
  const auto fewer = p.data->open(reader, 1, nullptr);
  EXPECT_ERROR(fewer, Code::kCorrupt, "data/train/f1.parquet: has 1,999 rows, but 2,000 were planned");
  EXPECT_THAT(fewer.error().hint, HasSubstr("the file was changed while the run was under way"));
  reader.rows[1] = 2001;
  EXPECT_ERROR(p.data->open(reader, 1, nullptr), Code::kCorrupt, "has 2,001 rows, but 2,000 were planned");
  reader.rows[1] = 2000;
  reader.column_numbers[1] = 9;
  EXPECT_ERROR(p.data->open(reader, 1, nullptr), Code::kCorrupt,
               "data/train/f1.parquet: has other columns than data/train/f0.parquet: 'x' is type 9 here and type 1 "
               "there");
}

// So that a format need not read again what was counted.
TEST(DataSplit, FilesAreOpenedWithWhatIsKnownOfThem) {
  class KnowingReader final : public OutlineReader {
   public:
    Result<std::unique_ptr<format::FileReader>> open_known(const io::Path& path, const format::Outline& known,
                                                           io::ReadObserver* observer) override {
      told.emplace_back(known.rows, known.columns);
      return open(path, observer);
    }
    std::vector<std::pair<std::uint64_t, std::uint64_t>> told;
  };
  KnowingReader reader;
  reader.rows = {10, 2000};
  reader.column_numbers = {{0, 7}, {1, 7}};
  const Prepared p = prepare(reader, 10);
  ASSERT_OK(p.data);
  EXPECT_THAT(reader.told, ::testing::IsEmpty()) << "the first file is looked into";
  EXPECT_OK(p.data->open(reader, 1, nullptr));
  EXPECT_OK(p.data->open(reader, 0, nullptr));
  EXPECT_THAT(reader.told, ElementsAre(::testing::Pair(2000U, 7U), ::testing::Pair(10U, 7U)));
}

TEST(DataSplit, AFileThatWasReplacedIsAnErrorWhenItIsOpenedAgain) {
  OutlineReader reader;
  reader.rows = {10, 10};
  Prepared p = prepare(reader, 10);
  ASSERT_OK(p.data);
  reader.versions = {{0, 7}, {1, 8}};
  for (int epoch = 0; epoch < 2; ++epoch) {
    EXPECT_OK(p.data->open(reader, 0, nullptr));
    EXPECT_OK(p.data->open(reader, 1, nullptr));
  }
  reader.versions[1] = 0;
  EXPECT_OK(p.data->open(reader, 1, nullptr)) << "a storage that does not know";
  reader.versions[1] = 9;
  EXPECT_ERROR(p.data->open(reader, 1, nullptr), Code::kCorrupt,
               "data/train/f1.parquet: was written or replaced since it was opened first in this run");
  EXPECT_OK(p.data->open(reader, 0, nullptr));
}

TEST(FileVersions, TakesWhatFoldsToNothingForAVersion) {
  FileVersions versions(2);
  const std::uint64_t folds_to_0 = 0x0000'0005'0000'0005;
  EXPECT_TRUE(versions.is_same(1, folds_to_0));
  EXPECT_TRUE(versions.is_same(1, folds_to_0));
  EXPECT_FALSE(versions.is_same(1, 77));
  EXPECT_TRUE(versions.is_same(0, 77));
}

TEST(SourceHint, SaysWhatToDo) {
  EXPECT_THAT(source_hint(RowSource::kManifest, 4), HasSubstr("the data set's manifest says"));
  EXPECT_THAT(source_hint(RowSource::kSample, 200'000), HasSubstr("of 200,000 files only some were counted"));
  EXPECT_THAT(source_hint(RowSource::kSample, 200'000), HasSubstr("at most 100,000 files"));
  EXPECT_THAT(source_hint(RowSource::kFooters, 4), HasSubstr("start it again"));
}

}  // namespace
}  // namespace stoker::training
