#include "workloads/training/count_rows.h"

#include <gmock/gmock.h>

#include <numeric>

#include "base/testing/status_matchers.h"
#include "workloads/training/data_split.h"
#include "workloads/training/testing/outline_reader.h"
#include "workloads/training/testing/ranks.h"

namespace stoker::training {
namespace {

using dataset::FileTable;
using dataset::RowCounts;
using dataset::Split;
using testing::OutlineReader;

config::Workload workload(std::int64_t files, std::int64_t samples = 10) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.data_folder = "data";
  w.dataset.num_files_train = files;
  w.dataset.num_samples_per_file = samples;
  return w;
}

FileTable table(const config::Workload& w) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < w.dataset.num_files_train; ++i) names.push_back(fmt::format("train/f{}", i));
  return FileTable::listed(dataset::Layout(w), Split::kTrain, names);
}

// What each rank learns of files with these rows.
std::vector<Result<CountedRows>> count_on(int ranks, OutlineReader& reader, const config::Workload& w,
                                          std::stop_token stop = {}) {
  io::testing::MemStorage storage;
  std::vector<Result<CountedRows>> results(static_cast<std::size_t>(ranks), Result<CountedRows>(CountedRows{}));
  testing::on_ranks(
      ranks, storage, w,
      [&](Context& c) {
        const FileTable files = table(w);
        results[static_cast<std::size_t>(c.comm.rank())] = count_rows(c, reader, {.layout = dataset::Layout(w)}, files);
      },
      std::move(stop));
  return results;
}

TEST(Sample, IsTheFirstTheLastAndEveryThousandth) {
  EXPECT_EQ(Sample::all(7).size(), 7U);
  EXPECT_EQ(Sample::all(7).file(6), 6U);
  EXPECT_EQ(Sample::all(0).size(), 0U);
  const Sample some = Sample::some(100'002);
  ASSERT_EQ(some.size(), 102U);
  EXPECT_EQ(some.file(0), 0U);
  EXPECT_EQ(some.file(1), 1000U);
  EXPECT_EQ(some.file(100), 100'000U);
  EXPECT_EQ(some.file(101), 100'001U);
  EXPECT_EQ(Sample::some(100'001).size(), 101U);
  EXPECT_EQ(Sample::some(100'000'000).size(), 256U);
  EXPECT_EQ(Sample::some(100'000'000).file(255), 99'999'999U);
}

TEST(CountRows, OfAllFilesIsTheSameOnEveryRankAndLooksAtEachOnce) {
  for (const int ranks : {1, 2, 3, 5}) {
    for (const std::int64_t files : {1, 4, 100}) {
      OutlineReader reader;
      for (std::int64_t i = 0; i < files; ++i) reader.rows.push_back(static_cast<std::uint64_t>(i * i % 7));
      for (const auto& counted : count_on(ranks, reader, workload(files))) {
        ASSERT_OK(counted);
        EXPECT_EQ(counted->rows, *RowCounts::of(reader.rows));
        EXPECT_EQ(static_cast<int>(counted->source), static_cast<int>(RowSource::kFooters));
      }
      EXPECT_EQ(reader.looked_at.size(), static_cast<std::size_t>(files));
      for (const auto& [file, times] : reader.looked_at) EXPECT_EQ(times, 1) << file;
    }
  }
}

TEST(CountRows, AnErrorOfOneFileIsTheErrorOfAll) {
  OutlineReader reader;
  reader.rows.assign(40, 3);
  reader.fails = 37;
  for (const auto& counted : count_on(3, reader, workload(40)))
    EXPECT_ERROR(counted, Code::kCorrupt, "data/train/f37: fails on purpose");
}

TEST(CountRows, FilesThatDifferInColumnsAreNamedWithThem) {
  OutlineReader reader;
  reader.rows.assign(40, 3);
  reader.column_numbers = {{17, 5}, {30, 6}};
  for (const auto& counted : count_on(2, reader, workload(40))) {
    EXPECT_ERROR(counted, Code::kCorrupt,
                 "data/train/f17: has other columns than data/train/f0: 'x' is type 5 here and type 1 there");
    EXPECT_THAT(counted.error().hint, ::testing::HasSubstr("must have the same columns"));
  }
}

TEST(CountRows, MoreFilesThanTheLimitAreSampled) {
  OutlineReader reader;
  reader.rows.assign(kMostCountedFiles + 1, 12);
  for (const auto& counted : count_on(3, reader, workload(kMostCountedFiles + 1))) {
    ASSERT_OK(counted);
    EXPECT_EQ(counted->rows, *RowCounts::equal(kMostCountedFiles + 1, 12));
    EXPECT_EQ(static_cast<int>(counted->source), static_cast<int>(RowSource::kSample));
  }
  EXPECT_EQ(reader.looked_at.size(), 101U);
}

TEST(CountRows, AsManyFilesAsTheLimitAreAllCounted) {
  OutlineReader reader;
  reader.rows.assign(kMostCountedFiles, 12);
  reader.rows[77'777] = 13;
  for (const auto& counted : count_on(2, reader, workload(kMostCountedFiles))) {
    ASSERT_OK(counted);
    EXPECT_EQ(counted->rows.total(), 12 * kMostCountedFiles + 1);
  }
  EXPECT_EQ(reader.looked_at.size(), kMostCountedFiles);
}

TEST(CountRows, ASampleThatDiffersMakesAllFilesCount) {
  OutlineReader reader;
  reader.rows.assign(kMostCountedFiles + 1, 12);
  reader.rows[5000] = 13;
  reader.rows[5001] = 14;
  for (const auto& counted : count_on(2, reader, workload(kMostCountedFiles + 1))) {
    ASSERT_OK(counted);
    EXPECT_EQ(counted->rows, *RowCounts::of(reader.rows));
    EXPECT_EQ(static_cast<int>(counted->source), static_cast<int>(RowSource::kFooters));
  }
}

TEST(CountRows, AStopEndsTheCounting) {
  OutlineReader reader;
  reader.rows.assign(40, 3);
  std::stop_source stop;
  stop.request_stop();
  for (const auto& counted : count_on(2, reader, workload(40), stop.get_token()))
    EXPECT_ERROR(counted, Code::kInterrupted, "interrupted while the rows of the files were counted");
}

TEST(CountRows, NothingIsLookedAtWhereNothingIsRead) {
  OutlineReader reader;
  config::Workload w = workload(30, 8);
  w.reader.data_loader = config::DataLoaderName::kSynthetic;
  for (const auto& counted : count_on(2, reader, w)) {
    ASSERT_OK(counted);
    EXPECT_EQ(counted->rows, *RowCounts::equal(30, 8));
  }
  EXPECT_TRUE(reader.looked_at.empty());
}

TEST(CountRows, AManifestIsBelieved) {
  OutlineReader reader;
  const config::Workload w = workload(1'000'000, 8);
  io::testing::MemStorage storage;
  testing::on_ranks(2, storage, w, [&](Context& c) {
    const DataSet set{.layout = dataset::Layout(w), .has_manifest = true, .rows_per_file = 9};
    const auto counted = count_rows(c, reader, set, FileTable::computed(set.layout, Split::kTrain));
    ASSERT_OK(counted);
    EXPECT_EQ(counted->rows, *RowCounts::equal(1'000'000, 9));
    EXPECT_EQ(static_cast<int>(counted->source), static_cast<int>(RowSource::kManifest));
  });
  EXPECT_TRUE(reader.looked_at.empty());
}

}  // namespace
}  // namespace stoker::training
