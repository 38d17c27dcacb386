#include "workloads/ceilings/chunks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/testing/status_matchers.h"
#include "data/dataset/layout.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::ceilings {
namespace {

using ::testing::ElementsAre;

TEST(ChooseFiles, TakesAllOfAFewAndSomeOfManyEvenly) {
  EXPECT_THAT(choose_files(3, 1000), ElementsAre(0, 1, 2));
  EXPECT_TRUE(choose_files(0, 1000).empty());
  const auto many = choose_files(100'000'000, 1000);
  ASSERT_EQ(many.size(), kMostFiles);
  EXPECT_EQ(many.front(), 0U);
  EXPECT_EQ(many[1], 390625U);
  EXPECT_LT(many.back(), 100'000'000U);
  // Of huge files fewer, and one at least.
  EXPECT_THAT(choose_files(8, kMostFileBytes / 2), ElementsAre(0, 4));
  EXPECT_THAT(choose_files(8, 2 * kMostFileBytes), ElementsAre(0));
}

// The rows that the chunks cover, each once.
TEST(Chunks, AreThoseOfAnEpoch) {
  io::testing::MemStorage storage;
  ASSERT_OK(storage.make_directories("d/train"));
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.data_folder = "d";
  w.dataset.num_files_train = 3;
  w.dataset.num_samples_per_file = 100;
  w.dataset.record_length_bytes = 1000;
  w.dataset.parquet.row_group_size = 32;
  w.reader.batch_size = 10;
  w.reader.file_shuffle = w.reader.sample_shuffle = config::Shuffle::kSeed;
  const format::Format& format = **format::find_format(w.dataset.format);
  const dataset::Layout layout(w);
  const auto writer = format.make_writer(w);
  ASSERT_OK(writer);
  std::vector<io::Path> files;
  for (std::uint64_t i = 0; i < 3; ++i) {
    const auto spec = layout.file(dataset::Split::kTrain, i);
    auto file = storage.create(spec.path);
    ASSERT_OK(file);
    ASSERT_OK((*writer)->write(spec, **file, {}));
    ASSERT_OK((*file)->commit());
    files.push_back(spec.path);
  }
  const auto chunks = Chunks::open(w, format, storage, files, {});
  ASSERT_OK(chunks);
  std::set<std::pair<const format::FileReader*, std::uint64_t>> rows;
  std::vector<const format::FileReader*> order;
  for (std::uint64_t i = 0; i < chunks->size(); ++i) {
    const format::ChunkRows& chunk = chunks->rows(i);
    if (order.empty() || order.back() != &chunks->file(i)) order.push_back(&chunks->file(i));
    for (std::uint64_t row = 0; row < chunk.rows; ++row)
      EXPECT_TRUE(rows.insert({&chunks->file(i), chunk.first_row + row}).second);
  }
  EXPECT_EQ(rows.size(), 300U);
  EXPECT_EQ(chunks->size(), 3U * 4U);
  EXPECT_EQ(order.size(), 3U);
  EXPECT_GT(chunks->file_bytes(), 300'000U);
}

}  // namespace
}  // namespace stoker::ceilings
