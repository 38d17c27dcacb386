#include "workloads/training/ceiling_shares.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/host_name.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"

namespace stoker::training {
namespace {

using ::testing::HasSubstr;

results::Ceilings storage() {
  results::Ceilings c;
  c.storage.emplace();
  c.storage->reads = {{.direct = true, .depth = 4, .threads = 1, .bytes_per_second = 990, .knee = true},
                      {.direct = true, .depth = 8, .threads = 1, .bytes_per_second = 1000},
                      {.direct = true, .depth = 4, .threads = 2, .bytes_per_second = 800},
                      {.direct = false, .depth = 2, .threads = 1, .bytes_per_second = 500, .knee = true},
                      {.direct = false, .depth = 2, .threads = 2, .bytes_per_second = 600}};
  return c;
}

results::Ceilings client() {
  results::Ceilings c;
  c.client.emplace();
  c.client->direct.bytes_per_second = 4000;
  c.client->buffered.bytes_per_second = 2000;
  return c;
}

TEST(CeilingShares, AreOfTheWayInWhichTheRunRead) {
  const std::vector<KnownCeilings> known{{"s", storage()}, {"c", client()}};
  const auto direct = ceiling_shares(known, true, 495, 2);
  ASSERT_TRUE(direct);
  EXPECT_DOUBLE_EQ(*direct->storage_share, 0.5);
  EXPECT_EQ(direct->storage_how, "depth 4, O_DIRECT");
  EXPECT_DOUBLE_EQ(*direct->client_share, 495.0 / 8000);
  EXPECT_EQ(direct->files.size(), 2U);
  const auto buffered = ceiling_shares(known, false, 300, 1);
  EXPECT_DOUBLE_EQ(*buffered->storage_share, 0.5);
  EXPECT_EQ(buffered->storage_how, "depth 2 x 2 threads, through the page cache");
  EXPECT_DOUBLE_EQ(*buffered->client_share, 0.15);
}

TEST(CeilingShares, AreNoneWhereNothingIsKnown) {
  EXPECT_EQ(ceiling_shares({}, true, 1, 1), std::nullopt);
  results::Ceilings buffered_only = storage();
  std::erase_if(buffered_only.storage->reads, [](const auto& point) { return point.direct; });
  EXPECT_EQ(ceiling_shares({{"s", buffered_only}}, true, 1, 1), std::nullopt);
  EXPECT_EQ(ceiling_shares({{"c", client()}}, true, 1, 1)->storage_share, std::nullopt);
}

TEST(ReadCeilings, RefusesWhatIsOfAnotherRunAndTwoOfAKind) {
  const stoker::testing::TempDir dir;
  config::Workload w;
  w.dataset.data_folder = (dir.path() / "data").string();
  const auto use = ceiling_use(w);
  ASSERT_OK(use);
  EXPECT_EQ(use->hostname, host_name());
  const auto write = [&](const char* name, results::Ceilings c) {
    c.hostname = use->hostname;
    c.shape = use->shape;
    if (c.storage) c.storage->data_folder = use->data_folder.string();
    EXPECT_OK(results::write_file(dir.path() / name, results::dump(results::to_json(c))));
    return dir.path() / name;
  };
  const auto s = write("s", storage()), c = write("c", client());
  const auto known = read_ceilings({s, c}, w);
  ASSERT_OK(known);
  EXPECT_EQ(known->size(), 2U);
  EXPECT_THAT(read_ceilings({s, c, s}, w).error().message, HasSubstr("are of the same kind"));
  w.reader.chunk_bytes = 4096;
  EXPECT_THAT(read_ceilings({s}, w).error().message, HasSubstr("another shape of data"));
  EXPECT_EQ(read_ceilings({dir.path() / "absent"}, w).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace stoker::training
