#include "workloads/training/data_space.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "data/dataset/folder_lock.h"
#include "data/io/forwarding_storage.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::training {
namespace {

// 6 files of one digit: 6 bytes, 6 blocks.
config::Workload workload(std::int64_t files = 6) {
  config::Workload w;
  w.dataset.format = config::FormatName::kSynthetic;
  w.dataset.data_folder = "/data";
  w.dataset.num_files_train = files;
  return w;
}

class SmallStorage final : public io::ForwardingStorage {
 public:
  SmallStorage(io::Storage& inner, io::SpaceInfo space) : ForwardingStorage(inner), space_(space) {}
  Result<std::optional<io::SpaceInfo>> space(const io::Path&) override { return std::optional(space_); }

 private:
  io::SpaceInfo space_;
};

Status check(const config::Workload& w, io::SpaceInfo space, Part kept = {}, Part freed = {}) {
  io::testing::MemStorage memory;
  SmallStorage storage(memory, space);
  const dataset::Layout layout(w);
  const datagen::Request request{w, **format::find_format(w.dataset.format), layout, storage, 0, 1, 1};
  return check_space(request, results::manifest_of(w, "1"), kept, freed);
}

std::uint64_t manifest_bytes(const config::Workload& w) {
  return results::manifest_text(results::manifest_of(w, "1")).size();
}

// The lock, two manifests and the table of records; or, where that is more, the lock, a manifest, the table and the
// rank's journal.
constexpr std::uint64_t kBlocksBeside = 4;

TEST(DataSpace, AFileSystemOfAsManyBlocksAsAreNeededIsEnough) {
  const config::Workload w = workload();
  const std::uint64_t blocks = 6 + kBlocksBeside;
  EXPECT_OK(check(w, {.free_bytes = blocks * 4096, .block_bytes = 4096}));
  const Status status = check(w, {.free_bytes = blocks * 4096 - 1, .block_bytes = 4096});
  EXPECT_ERROR(status, Code::kNoSpace, "/data: the data set needs ");
  EXPECT_ERROR(status, Code::kNoSpace, " KiB (6 files in blocks of 4.0 KiB), but only ");
  EXPECT_EQ(status.error().hint, "free space, choose another dataset.data_folder, or lower dataset.num_files_train");
}

TEST(DataSpace, WithoutBlocksBytesCount) {
  const config::Workload w = workload();
  const std::uint64_t bytes = 6 + dataset::kLockBytes + 2 * manifest_bytes(w) + 32 + 6 * 32;
  EXPECT_OK(check(w, {.free_bytes = bytes}));
  EXPECT_ERROR(check(w, {.free_bytes = bytes - 1}), Code::kNoSpace, "(6 files), but only ");
}

TEST(DataSpace, ALockThatLiesThereHasItsBlockAlready) {
  const config::Workload w = workload();
  io::testing::MemStorage memory;
  EXPECT_OK(memory.make_directories("/data"));
  SmallStorage storage(memory, {.free_bytes = (6 + kBlocksBeside - 1) * 4096, .block_bytes = 4096});
  const dataset::Layout layout(w);
  const datagen::Request request{w, **format::find_format(w.dataset.format), layout, storage, 0, 1, 1};
  EXPECT_ERROR(check_space(request, results::manifest_of(w, "1"), {}), Code::kNoSpace, "needs");
  EXPECT_OK(memory.create_if_absent(io::Path("/data") / dataset::kDataLockName, "text"));
  EXPECT_OK(check_space(request, results::manifest_of(w, "1"), {}));
}

TEST(DataSpace, NoRoomForTheManifestIsNoRoom) {
  EXPECT_ERROR(check(workload(), {.free_bytes = 6 * 4096, .block_bytes = 4096}), Code::kNoSpace, "needs");
  EXPECT_ERROR(check(workload(), {.free_bytes = 5 * 4096, .block_bytes = 4096}), Code::kNoSpace, "needs");
}

// A journal entry for each small file is more than a second manifest.
TEST(DataSpace, ManyFilesNeedRoomForTheirRecords) {
  const config::Workload w = workload(1000);
  const std::uint64_t digits = 10 + 90 * 2 + 900 * 3;
  const std::uint64_t records = (32 + 1000 * 32) + (32 + 1000 * 40);
  const std::uint64_t bytes = digits + dataset::kLockBytes + manifest_bytes(w) + records;
  EXPECT_OK(check(w, {.free_bytes = bytes}));
  EXPECT_ERROR(check(w, {.free_bytes = bytes - 1}), Code::kNoSpace, "(1,000 files), but only ");
}

TEST(DataSpace, WhatIsKeptNeedsNoSpace) {
  const config::Workload w = workload();
  const std::uint64_t beside = kBlocksBeside * 4096;
  EXPECT_OK(check(w, {.free_bytes = beside, .block_bytes = 4096}, {.files = 6, .bytes = 6}));
  EXPECT_OK(check(w, {.free_bytes = beside + 2 * 4096, .block_bytes = 4096}, {.files = 4, .bytes = 4}));
  EXPECT_ERROR(check(w, {.free_bytes = beside + 2 * 4096 - 1, .block_bytes = 4096}, {.files = 4, .bytes = 4}),
               Code::kNoSpace, " more (2 files in blocks");
}

TEST(DataSpace, WhatIsDeletedBeforeMakesRoom) {
  const config::Workload w = workload();
  const std::uint64_t needed = (6 + kBlocksBeside) * 4096;
  const auto with = [&](std::uint64_t freed_bytes) {
    return check(w, {.free_bytes = 4096, .free_inodes = 1, .block_bytes = 4096}, {},
                 {.files = 5, .bytes = freed_bytes});
  };
  EXPECT_OK(with(needed - 4096));
  EXPECT_OK(with(UINT64_MAX));
  EXPECT_ERROR(with(needed - 4097), Code::kNoSpace, "needs");
  EXPECT_ERROR(check(w, {.free_bytes = needed, .free_inodes = 1}, {}, {.files = 4, .bytes = 0}), Code::kNoSpace,
               "only 5 inodes free");
}

TEST(DataSpace, InodesAreCounted) {
  constexpr std::uint64_t kMuch = std::uint64_t{1} << 40;
  EXPECT_OK(check(workload(), {.free_bytes = kMuch, .free_inodes = 6}));
  EXPECT_ERROR(check(workload(), {.free_bytes = kMuch, .free_inodes = 5}), Code::kNoSpace,
               "/data: 6 files are to be written, but the file system has only 5 inodes free");
  EXPECT_OK(check(workload(), {.free_bytes = kMuch, .free_inodes = 2}, {.files = 4, .bytes = 4}));
}

// 10^15 files of which each draws its size: not looked at one by one.
TEST(DataSpace, AnAbsurdNumberOfFilesIsToldAtOnce) {
  config::Workload w = workload(1'000'000'000'000'000);
  EXPECT_ERROR(check(w, {.free_bytes = std::uint64_t{1} << 40, .block_bytes = 4096}), Code::kNoSpace, "needs");
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.record_length_bytes_stdev = 100;
  EXPECT_ERROR(check(w, {.free_bytes = std::uint64_t{1} << 24, .block_bytes = 4096}), Code::kNoSpace, "needs at least");
}

TEST(DataSpace, SizesThatValuesDecideAreARange) {
  EXPECT_EQ(size_text({1024, 1024}), "1.0 KiB");
  EXPECT_EQ(size_text({1024, 3072}), "1.0 KiB to 3.0 KiB");
}

TEST(DataSpace, OfAPlanIsThatOfItsFiles) {
  EXPECT_EQ(*planned_data_bytes(workload()), (format::SizeRange{6, 6}));
  EXPECT_EQ(*planned_data_bytes(workload(), 4096), (format::SizeRange{6 * 4096, 6 * 4096}));
  config::Workload other = workload();
  other.dataset.format = config::FormatName::kHdf5;
  other.dataset.record_element_type = config::DType::kString;
  EXPECT_ERROR(planned_data_bytes(other), Code::kConfig, "dataset.record_element_type: found string");
}

}  // namespace
}  // namespace stoker::training
