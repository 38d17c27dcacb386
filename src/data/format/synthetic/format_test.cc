// Files that only exist, and samples that cost nothing.
#include "data/format/format.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "data/format/chunk_reader.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format {
namespace {

const Format& synthetic() {
  return **find_format(config::FormatName::kSynthetic);
}

TEST(Synthetic, AFileHoldsItsNumberAsText) {
  io::testing::MemStorage storage;
  auto writer = synthetic().make_writer(config::Workload{});
  ASSERT_OK(writer);
  for (const std::uint64_t index : {0, 41}) {
    auto file = storage.create(fmt::format("{}", index));
    ASSERT_OK(file);
    ASSERT_OK((*writer)->write({.index = index, .rows = 3, .path = ""}, **file, {}));
    ASSERT_OK((*file)->commit());
    const auto content = storage.get(fmt::format("{}", index));
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(content.data()), content.size()), fmt::format("{}", index));
  }
}

TEST(Synthetic, RowsAreThereWithoutAnythingBeingOpenedOrRead) {
  io::testing::MemStorage storage;
  config::Workload w;
  w.dataset.num_samples_per_file = 70;
  auto reader = synthetic().make_reader(w, storage);
  ASSERT_OK(reader);
  EXPECT_EQ((*reader)->outline("absent")->rows, 70U);
  auto file = (*reader)->open("absent", nullptr);
  ASSERT_OK(file);
  ASSERT_EQ((*file)->units().size(), 1U);
  EXPECT_EQ((*file)->units()[0].rows, 70U);
  ChunkReader chunks;
  Chunk chunk;
  ASSERT_OK(chunks.fetch(**file, {0, 10, 25}));
  ASSERT_OK(chunks.decompress(**file));
  ASSERT_OK(chunks.decode(**file, chunk));
  EXPECT_EQ(chunk.rows, 25U);
  EXPECT_EQ(chunk.useful_bytes, 0U);
  EXPECT_TRUE(storage.calls().empty());
}

}  // namespace
}  // namespace stoker::format
