// The promises of data/io/storage.h, over every back end. Files are written buffered; "posix_direct" and "mem_direct"
// open them with O_DIRECT.
#include "data/io/storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <random>
#include <thread>

#include "base/aligned_buffer.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/units.h"
#include "data/io/folder.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::io {
namespace {

std::vector<std::byte> random_bytes(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::byte> bytes(n);
  for (std::size_t i = 0; i < n; i += 8) {
    const std::uint64_t word = random();
    std::memcpy(bytes.data() + i, &word, std::min<std::size_t>(8, n - i));
  }
  return bytes;
}

std::size_t round_up(std::uint64_t n, std::size_t unit) {
  return (n + unit - 1) / unit * unit;
}

// Counts requests; its clock goes up by one at each look.
class CountingObserver final : public ReadObserver {
 public:
  std::int64_t now_ns() override { return ++now_; }
  void completed(std::int64_t begin_ns, std::int64_t end_ns, std::uint64_t bytes, bool /*seen_late*/) override {
    EXPECT_GT(begin_ns, 0);
    EXPECT_LT(begin_ns, end_ns);
    ++requests;
    total_bytes += bytes;
    largest = std::max(largest, bytes);
  }
  int requests = 0;
  std::uint64_t total_bytes = 0, largest = 0;

 private:
  std::int64_t now_ = 0;
};

class StorageTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    options_.direct = GetParam().ends_with("direct");
    if (GetParam().starts_with("mem")) {
      root_ = "/mem";
      storage_ = std::make_unique<testing::MemStorage>();
      ASSERT_OK(storage_->make_directories(root_));
    } else {
      root_ = dir_.path();
      storage_ = make_posix_storage();
    }
    if (!options_.direct) return;
    write("probe", random_bytes(1, 0));
    if (auto file = storage_->open(root_ / "probe", options_); !file && file.error().code == Code::kUnsupported) {
      GTEST_SKIP() << "the temporary folder has no O_DIRECT: " << file.error().message;
    }
    ASSERT_OK(storage_->remove(root_ / "probe"));
  }

  void write(const std::string& name, Bytes content) {
    auto file = storage_->create(root_ / name);
    ASSERT_OK(file);
    ASSERT_OK((*file)->append(content));
    ASSERT_OK((*file)->commit());
  }

  std::unique_ptr<ReadableFile> open(const std::string& name) {
    auto file = storage_->open(root_ / name, options_);
    EXPECT_OK(file);
    return file ? std::move(*file) : nullptr;
  }

  ::stoker::testing::TempDir dir_;
  Path root_;
  std::unique_ptr<Storage> storage_;
  OpenOptions options_;
};

TEST_P(StorageTest, ReadsBackWhatWasWritten) {
  // Around every size where a request, a block or the file ends.
  for (const std::size_t size : {std::size_t{1}, std::size_t{4095}, std::size_t{4096}, std::size_t{4097}, 1 * kMiB,
                                 1 * kMiB + 1, 9 * kMiB + 123, 40 * kMiB}) {
    SCOPED_TRACE(size);
    const std::vector<std::byte> content = random_bytes(size, size);
    write("file", content);
    const auto file = open("file");
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(file->size(), size);
    EXPECT_EQ(file->path(), root_ / "file");
    AlignedBuffer buffer(round_up(size, file->alignment()));
    CountingObserver observer;
    ASSERT_OK(read_at(*file, 0, buffer.bytes(), &observer));
    EXPECT_EQ(std::memcmp(buffer.data(), content.data(), size), 0);
    EXPECT_GE(observer.requests, 1);
    EXPECT_GE(observer.total_bytes, size);
    EXPECT_LE(observer.total_bytes, buffer.size());
  }
}

TEST_P(StorageTest, ReadsManyRangesAtOnce) {
  const std::vector<std::byte> content = random_bytes(8 * kMiB + 777, 1);
  write("file", content);
  const auto file = open("file");
  ASSERT_NE(file, nullptr);
  std::mt19937_64 random(5);
  for (int round = 0; round < 5; ++round) {
    // More ops than may be in flight, of all sizes, out of order, overlapping, some empty, the last one over the end.
    const std::size_t unit = file->alignment() == 1 ? 1 : file->alignment();
    std::vector<ReadOp> ops;
    std::vector<AlignedBuffer> buffers;
    for (int i = 0; i < 100; ++i) {
      const std::uint64_t offset = random() % (7 * kMiB) / unit * unit;
      const std::size_t length = round_up(random() % (i % 10 == 0 ? kMiB : 50'000), unit);
      buffers.emplace_back(std::max<std::size_t>(length, 1));
      ops.push_back({offset, buffers.back().bytes().first(length)});
    }
    const std::uint64_t last = 8 * kMiB;
    buffers.emplace_back(round_up(777, unit));
    ops.push_back({last, buffers.back().bytes()});
    ASSERT_OK(file->read_many(ops, nullptr));
    for (const ReadOp& op : ops) {
      const std::size_t there = std::min<std::size_t>(op.into.size(), content.size() - op.offset);
      ASSERT_EQ(std::memcmp(op.into.data(), content.data() + op.offset, there), 0) << op.offset;
    }
  }
}

TEST_P(StorageTest, ManyThreadsShareAFile) {
  const std::vector<std::byte> content = random_bytes(16 * kMiB, 2);
  write("file", content);
  const auto file = open("file");
  ASSERT_NE(file, nullptr);
  std::vector<std::jthread> threads;
  std::vector<int> good(8, 0);
  for (std::size_t t = 0; t < good.size(); ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(t);
      AlignedBuffer buffer(1 * kMiB);
      for (int round = 0; round < 20; ++round) {
        std::vector<ReadOp> ops;
        for (std::size_t i = 0; i < 16; ++i) {
          ops.push_back({random() % (15 * kMiB) / 4096 * 4096, buffer.bytes().subspan(i * 64 * kKiB, 64 * kKiB)});
        }
        if (!file->read_many(ops, nullptr)) return;
        for (const ReadOp& op : ops) {
          if (std::memcmp(op.into.data(), content.data() + op.offset, op.into.size()) != 0) return;
        }
        ++good[t];
      }
    });
  }
  threads.clear();
  EXPECT_THAT(good, ::testing::Each(20));
}

TEST_P(StorageTest, ReadingBehindTheEndIsAnErrorThatNamesTheFile) {
  write("file", random_bytes(5000, 3));
  const auto file = open("file");
  ASSERT_NE(file, nullptr);
  AlignedBuffer buffer(8192);
  const Status status = read_at(*file, 8192, buffer.bytes());
  EXPECT_ERROR(status, Code::kCorrupt, (root_ / "file").string() + ": file ends at byte");
  EXPECT_THAT(status.error().message, ::testing::HasSubstr("8192 bytes at offset 8192"));
}

TEST_P(StorageTest, NothingToReadIsFine) {
  write("file", {});
  const auto file = open("file");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->size(), 0U);
  EXPECT_OK(file->read_many({}, nullptr));
  EXPECT_OK(read_at(*file, 0, {}));
}

TEST_P(StorageTest, AppendsInOrderAndKnowsItsPosition) {
  const std::vector<std::byte> content = random_bytes(100'000, 4);
  auto file = storage_->create(root_ / "file");
  ASSERT_OK(file);
  std::size_t done = 0;
  for (std::size_t piece = 1; done < content.size(); piece = piece * 3 + 1) {
    const std::size_t length = std::min(piece, content.size() - done);
    EXPECT_EQ((*file)->position(), done);
    ASSERT_OK((*file)->append(Bytes(content).subspan(done, length)));
    done += length;
  }
  ASSERT_OK((*file)->commit());
  EXPECT_EQ(*storage_->file_size(root_ / "file"), content.size());
  // Creating it again replaces it.
  write("file", random_bytes(10, 4));
  EXPECT_EQ(*storage_->file_size(root_ / "file"), 10U);
}

TEST_P(StorageTest, MissingFilesAreNotFoundAndNamed) {
  const std::string name = (root_ / "absent").string();
  EXPECT_ERROR(storage_->open(root_ / "absent", options_), Code::kNotFound, name + ": open: No such file");
  EXPECT_ERROR(storage_->file_size(root_ / "absent"), Code::kNotFound, name);
  EXPECT_ERROR(storage_->list(root_ / "absent"), Code::kNotFound, name);
  EXPECT_ERROR(storage_->create(root_ / "absent" / "file"), Code::kNotFound, name + "/file");
  EXPECT_OK(storage_->remove(root_ / "absent"));
  EXPECT_EQ(*storage_->remove_empty_directory(root_ / "absent"), true);
  EXPECT_FALSE(*storage_->exists(root_ / "absent"));
}

TEST_P(StorageTest, FoldersAreMadeListedAndRemoved) {
  ASSERT_OK(storage_->make_directories(root_ / "a" / "b" / "c"));
  ASSERT_OK(storage_->make_directories(root_ / "a" / "b"));
  write("a/file", random_bytes(1, 1));
  write("a/b/deep", random_bytes(1, 1));
  EXPECT_TRUE(*storage_->exists(root_ / "a" / "b"));
  auto entries = storage_->list(root_ / "a");
  ASSERT_OK(entries);
  ASSERT_EQ(entries->size(), 2U);
  for (const DirEntry& entry : *entries) {
    EXPECT_THAT(entry.name, ::testing::AnyOf("file", "b"));
    EXPECT_EQ(entry.is_directory, entry.name == "b");
  }
  // A folder goes only when nothing is left in it.
  EXPECT_EQ(*storage_->remove_empty_directory(root_ / "a"), false);
  EXPECT_EQ(*storage_->remove_empty_directory(root_ / "a" / "b"), false);
  EXPECT_TRUE(*storage_->exists(root_ / "a" / "b" / "deep"));
  ASSERT_OK(storage_->remove(root_ / "a" / "b" / "deep"));
  EXPECT_EQ(*storage_->remove_empty_directory(root_ / "a" / "b"), false);
  for (const char* folder : {"a/b/c", "a/b"}) EXPECT_EQ(*storage_->remove_empty_directory(root_ / folder), true);
  EXPECT_TRUE(*storage_->exists(root_ / "a" / "file"));
  ASSERT_OK(storage_->remove(root_ / "a" / "file"));
  EXPECT_EQ(*storage_->remove_empty_directory(root_ / "a"), true);
  EXPECT_FALSE(*storage_->exists(root_ / "a"));
}

TEST_P(StorageTest, UntilAFileIsCommittedItsNameHoldsWhatItHeld) {
  for (const bool was_there : {false, true}) {
    if (was_there) write("file", random_bytes(5, 1));
    for (const bool committed : {false, true}) {
      auto file = storage_->create(root_ / "file", {.durable = true});
      ASSERT_OK(file);
      ASSERT_OK((*file)->append(random_bytes(3, 1)));
      ASSERT_EQ(*storage_->exists(root_ / "file"), was_there);
      if (was_there) {
        EXPECT_EQ(*storage_->file_size(root_ / "file"), 5U);
      }
      if (committed) {
        ASSERT_OK((*file)->commit());
        EXPECT_EQ(*storage_->file_size(root_ / "file"), 3U);
        file->reset();
      }
    }
    ASSERT_EQ(storage_->list(root_)->size(), 1U) << "nothing else is left";
    ASSERT_OK(storage_->remove(root_ / "file"));
  }
}

TEST_P(StorageTest, ListingsHaveSizesWhereTheyAreAskedFor) {
  write("file", random_bytes(5000, 1));
  ASSERT_OK(storage_->make_directories(root_ / "folder"));
  for (const Sizes sizes : {Sizes::kNo, Sizes::kYes}) {
    const auto entries = storage_->list(root_, sizes);
    ASSERT_OK(entries);
    ASSERT_EQ(entries->size(), 2U);
    for (const DirEntry& entry : *entries) {
      const bool has_size = sizes == Sizes::kYes && entry.name == "file";
      EXPECT_EQ(entry.bytes, has_size ? std::optional<std::uint64_t>(5000) : std::nullopt) << entry.name;
    }
  }
}

TEST_P(StorageTest, ALogIsThereAsItGrows) {
  const auto log = storage_->create_log(root_ / "log");
  ASSERT_OK(log);
  EXPECT_EQ(*storage_->file_size(root_ / "log"), 0U);
  ASSERT_OK((*log)->append(random_bytes(3, 1)));
  ASSERT_OK((*log)->append(random_bytes(4, 1)));
  EXPECT_EQ(*storage_->file_size(root_ / "log"), 7U);
  EXPECT_OK((*log)->close());
}

TEST_P(StorageTest, OneOfManyCreatesWhatIsAbsent) {
  std::atomic<int> made{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        const auto result = storage_->create_if_absent(root_ / "lock", "text");
        EXPECT_OK(result);
        if (result && *result) ++made;
      });
    }
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(*storage_->file_size(root_ / "lock"), 4U);
  EXPECT_EQ(*storage_->create_if_absent(root_ / "lock", "other text"), false);
  EXPECT_EQ(*storage_->file_size(root_ / "lock"), 4U);
  ASSERT_OK(storage_->make_directories(root_ / "folder"));
  EXPECT_EQ(*storage_->create_if_absent(root_ / "folder", "text"), false);
  EXPECT_ERROR(storage_->create_if_absent(root_ / "no" / "folder", "text"), Code::kNotFound, "folder: create");
}

TEST_P(StorageTest, SpaceIsThatOfTheNearestExistingParent) {
  const auto space = storage_->space(root_ / "not" / "yet" / "there");
  ASSERT_OK(space);
  ASSERT_TRUE(space->has_value());
  EXPECT_GT((*space)->free_bytes, 0U);
  EXPECT_GE((*space)->block_bytes, 1U);
}

// A key of an object store goes through the operations that are used on paths as it is.
TEST(Path, KeepsAUri) {
  const Path set = "s3://bucket/set";
  const Path file = set / "train" / "img_0_of_1.parquet";
  EXPECT_EQ(file.native(), "s3://bucket/set/train/img_0_of_1.parquet");
  EXPECT_EQ(file.parent_path().native(), "s3://bucket/set/train");
  EXPECT_EQ(file.filename().native(), "img_0_of_1.parquet");
  EXPECT_EQ(temporary_name(file).native(), "s3://bucket/set/train/img_0_of_1.parquet.tmp");
  EXPECT_EQ((Path("s3://bucket") / "a").native(), "s3://bucket/a");
}

INSTANTIATE_TEST_SUITE_P(BackEnds, StorageTest, ::testing::Values("posix", "posix_direct", "mem", "mem_direct"),
                         [](const auto& param) { return param.param; });

// As storages without links have them.
TEST(FolderByPath, DoesWhatTheStorageDoes) {
  testing::MemStorage storage;
  storage.put("/d/sub/a", "1");
  storage.put("/d/b", "2");
  const auto folder = storage.open_folder("/d");
  ASSERT_OK(folder);
  EXPECT_EQ((*folder)->list()->size(), 2U);
  const auto sub = (*folder)->open("sub");
  ASSERT_OK(sub);
  ASSERT_EQ((*sub)->list()->size(), 1U);
  EXPECT_EQ((*sub)->list()->front().name, "a");
  EXPECT_EQ(*(*folder)->remove_empty_directory("sub"), false);
  EXPECT_OK((*sub)->remove("a"));
  EXPECT_EQ(*(*folder)->remove_empty_directory("sub"), true);
  EXPECT_FALSE(*storage.exists("/d/sub"));
  EXPECT_TRUE(*storage.exists("/d/b"));
}

}  // namespace
}  // namespace stoker::io
