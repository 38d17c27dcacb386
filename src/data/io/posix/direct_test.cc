// O_DIRECT: alignment, the end of the file, refusals, and both mechanisms (io_uring and pread).
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <random>
#include <thread>

#include "base/aligned_buffer.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/units.h"
#include "data/io/posix/read_internal.h"
#include "data/io/storage.h"
#include "data/io/testing/refuse_uring.h"

namespace stoker::io {
namespace {

class DirectTest : public ::testing::Test {
 protected:
  void SetUp() override {
    make_file(4 * kMiB + 1000);
    if (auto file = storage_->open(path_, {.direct = true}); !file && file.error().code == Code::kUnsupported) {
      GTEST_SKIP() << "the temporary folder has no O_DIRECT: " << file.error().message;
    }
  }

  void make_file(std::size_t bytes) {
    std::mt19937_64 random(1);
    content_.resize(bytes);
    for (std::byte& b : content_) b = static_cast<std::byte>(random());
    auto file = storage_->create(path_);
    ASSERT_OK(file);
    ASSERT_OK((*file)->append(content_));
    ASSERT_OK((*file)->commit());
  }

  std::unique_ptr<ReadableFile> open() {
    auto file = storage_->open(path_, {.direct = true});
    EXPECT_OK(file);
    return file ? std::move(*file) : nullptr;
  }

  // A thousand blocks in random order, in one call.
  void expect_random_blocks(ReadableFile& file) {
    std::mt19937_64 random(2);
    AlignedBuffer buffer(1000 * kBlock);
    std::vector<ReadOp> ops;
    for (std::size_t i = 0; i < 1000; ++i) {
      ops.push_back({random() % 1024 * kBlock, buffer.bytes().subspan(i * kBlock, kBlock)});
    }
    ASSERT_OK(file.read_many(ops, nullptr));
    for (const ReadOp& op : ops) {
      ASSERT_EQ(std::memcmp(op.into.data(), content_.data() + op.offset, kBlock), 0) << op.offset;
    }
  }

  static constexpr std::size_t kBlock = 4096;
  ::stoker::testing::TempDir dir_;
  Path path_ = dir_.path() / "file";
  std::unique_ptr<Storage> storage_ = make_posix_storage();
  std::vector<std::byte> content_;
};

TEST_F(DirectTest, AlignmentIsAPowerOfTwoThatOurBuffersMeet) {
  const auto file = open();
  EXPECT_TRUE(std::has_single_bit(file->alignment()));
  EXPECT_GT(file->alignment(), 1U);
  EXPECT_LE(file->alignment(), AlignedBuffer::kAlignment);
}

TEST_F(DirectTest, ManySmallRequestsThroughEitherMechanism) {
  const auto file = open();
  expect_random_blocks(*file);
  std::thread([&] {
    if (!testing::refuse_uring_to_this_thread()) GTEST_SKIP() << "seccomp filters are not available";
    expect_random_blocks(*file);
    EXPECT_THAT(direct_mechanism(), ::testing::HasSubstr("pread"));
  }).join();
}

TEST_F(DirectTest, OpsMayReachFarOverTheEnd) {
  const auto file = open();
  AlignedBuffer buffer(16 * kMiB);
  ASSERT_OK(read_at(*file, 0, buffer.bytes()));
  EXPECT_EQ(std::memcmp(buffer.data(), content_.data(), content_.size()), 0);
  // The end on the border of a request.
  make_file(4 * kMiB);
  const auto even = open();
  ASSERT_OK(read_at(*even, 0, buffer.bytes()));
  EXPECT_EQ(std::memcmp(buffer.data(), content_.data(), content_.size()), 0);
  EXPECT_ERROR(read_at(*even, 4 * kMiB, buffer.bytes()), Code::kCorrupt, "file ends at byte 4194304");
}

TEST_F(DirectTest, FileThatShrinksAfterOpeningIsCorruptAndTheThreadReadsOn) {
  const auto file = open();
  std::filesystem::resize_file(path_, kMiB + 100);
  const auto read_all = [&] {
    AlignedBuffer buffer(4 * kMiB);
    std::vector<ReadOp> ops;
    for (std::size_t i = 0; i < 64; ++i)
      ops.push_back({i * 64 * kKiB, buffer.bytes().subspan(i * 64 * kKiB, 64 * kKiB)});
    EXPECT_ERROR(file->read_many(ops, nullptr), Code::kCorrupt, path_.string() + ": file ends at byte");
    // Nothing of the failed call is left over.
    AlignedBuffer again(kMiB);
    ASSERT_OK(read_at(*file, 0, again.bytes()));
    EXPECT_EQ(std::memcmp(again.data(), content_.data(), kMiB), 0);
  };
  read_all();
  std::thread([&] {
    if (testing::refuse_uring_to_this_thread()) read_all();
  }).join();
}

class SizesAndTimes final : public ReadObserver {
 public:
  std::int64_t now_ns() override { return ++now_; }
  void completed(std::int64_t begin_ns, std::int64_t end_ns, std::uint64_t bytes, bool) override {
    EXPECT_GT(begin_ns, 0);
    EXPECT_LT(begin_ns, end_ns);
    sizes.push_back(bytes);
  }
  std::vector<std::uint64_t> sizes;

 private:
  std::int64_t now_ = 0;
};

TEST_F(DirectTest, LargeOpsAreCutIntoEighthsBetweenOneAndFourMebibytes) {
  const auto file = open();
  AlignedBuffer buffer(4 * kMiB + kBlock);
  SizesAndTimes observer;
  ASSERT_OK(read_at(*file, 0, buffer.bytes(), &observer));
  EXPECT_THAT(observer.sizes, ::testing::UnorderedElementsAre(kMiB, kMiB, kMiB, kMiB, 1000));

  const ReadTarget target{.fd = -1, .path = path_, .size = 64 * kMiB, .offset_align = 512, .memory_align = 512};
  for (const auto& [op_bytes, request_bytes] : {std::pair{16 * kMiB, 2 * kMiB}, std::pair{64 * kMiB, 4 * kMiB}}) {
    const ReadOp op{0, MutBytes(buffer.data(), op_bytes)};  // never read
    DirectSplitter splitter(target, {&op, 1});
    DirectRequest request;
    ASSERT_TRUE(*splitter.next(request));
    EXPECT_EQ(request.length, request_bytes);
  }
}

TEST_F(DirectTest, RefusalNamesPathAndFileSystemAndWhatToDo) {
  const auto file = storage_->open("/proc/version", {.direct = true});
  EXPECT_ERROR(file, Code::kUnsupported, "/proc/version: the file system (proc) does not support O_DIRECT");
  EXPECT_THAT(file.error().hint, ::testing::HasSubstr("reader.odirect"));
}

TEST_F(DirectTest, MisalignedOpsAreOurOwnMistake) {
  // The kernel's io_uring workers count as threads of this process, so a plain fork would not be safe.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto file = open();
  AlignedBuffer buffer(2 * kBlock);
  EXPECT_DEATH((void)read_at(*file, 1, buffer.bytes()), "offset of a direct read is not aligned");
  EXPECT_DEATH((void)read_at(*file, 0, buffer.bytes().first(100)), "length of a direct read is not aligned");
  EXPECT_DEATH((void)read_at(*file, 0, buffer.bytes().subspan(1, kBlock)), "memory of a direct read is not aligned");
}

// Partial answers are rare on local disks, so what follows from them is tested without one.
TEST(DirectRequest, GoesOnFromTheLastBlockBorderAfterAPartialAnswer) {
  const Path path = "f";
  const ReadTarget target{.fd = -1, .path = path, .size = 10'000, .offset_align = 512, .memory_align = 512};
  std::byte memory[10'240];
  const auto request = [&] { return DirectRequest{.offset = 0, .into = memory, .length = 10'240, .wanted = 10'000}; };

  DirectRequest r = request();
  EXPECT_TRUE(*advance(target, 10'000, r));
  r = request();
  EXPECT_FALSE(*advance(target, 1500, r));
  EXPECT_EQ(r.offset, 1024U);
  EXPECT_EQ(r.into, memory + 1024);
  EXPECT_EQ(r.length, 9216U);
  EXPECT_EQ(r.wanted, 8976U);
  EXPECT_TRUE(*advance(target, 8976, r));
  r = request();
  EXPECT_ERROR(advance(target, 0, r), Code::kCorrupt, "f: file ends at byte 0, where 10000 bytes");
  r = request();
  EXPECT_ERROR(advance(target, 511, r), Code::kCorrupt, "f: file ends at byte 511");
}

TEST(DirectMechanism, SaysHowThisBuildReads) {
#ifdef STOKER_HAVE_URING
  EXPECT_THAT(std::string(direct_mechanism()),
              ::testing::AnyOf("io_uring", "pread", "io_uring, pread in some threads"));
#else
  EXPECT_EQ(direct_mechanism(), "pread");
#endif
}

// What is told of ops in advance is what they are cut into, wherever they and the file end.
TEST(DirectSplitter, KnowsItsRequestsInAdvance) {
  const Path path = "f";
  const AlignedBuffer memory(8 * kMiB);
  for (const std::uint64_t size : {2 * kMiB, 2 * kMiB + 1, 2 * kMiB - 1, 3 * kMiB + 4096}) {
    const ReadTarget target{.fd = -1, .path = path, .size = size, .offset_align = 512, .memory_align = 512};
    for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{512}, kMiB, kMiB + 512}) {
      for (const std::uint64_t bytes : {std::uint64_t{512}, kMiB, kMiB + 512, 8 * kMiB}) {
        SCOPED_TRACE(fmt::format("{} of {} at {}", bytes, size, offset));
        const ReadOp ops[] = {{offset, memory.bytes().first(bytes)}, {0, memory.bytes().first(512)}};
        DirectSplitter splitter(target, ops);
        std::uint64_t requests = 0, asked = 0, wanted = 0;
        DirectRequest request;
        while (*splitter.next(request)) {
          ++requests;
          asked += request.length;
          wanted += request.wanted;
          ASSERT_GE(request.wanted, 1U);
          ASSERT_LE(request.wanted, request.length);
        }
        EXPECT_EQ(splitter.requests(), requests);
        EXPECT_EQ(splitter.bytes(), asked);
        EXPECT_EQ(wanted, 512 + std::min(bytes, size - offset));
      }
    }
  }
}

// The other tests pass over file systems without direct reads: here those are told from a fault.
TEST(Direct, IsHadWhereTheFileSystemSaysSo) {
#ifdef STATX_DIOALIGN
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  ASSERT_OK(storage->create(dir.path() / "file"));
  struct statx info {};
  if (::statx(AT_FDCWD, (dir.path() / "file").c_str(), 0, STATX_DIOALIGN, &info) != 0 ||
      (info.stx_mask & STATX_DIOALIGN) == 0 || info.stx_dio_offset_align == 0)
    GTEST_SKIP() << "it does not";
  const auto file = storage->open(dir.path() / "file", {.direct = true});
  ASSERT_OK(file);
  EXPECT_EQ((*file)->alignment(), std::max(info.stx_dio_offset_align, info.stx_dio_mem_align));
#else
  GTEST_SKIP() << "the kernel does not say";
#endif
}

TEST_F(DirectTest, AFileThatNowEndsBetweenRequestsIsCorrupt) {
  const auto file = open();
  std::filesystem::resize_file(path_, kMiB);
  const auto read = [&] {
    AlignedBuffer buffer(2 * kBlock);
    const ReadOp ops[] = {{kMiB - kBlock, buffer.bytes().first(kBlock)}, {kMiB, buffer.bytes().subspan(kBlock)}};
    EXPECT_ERROR(file->read_many(ops, nullptr), Code::kCorrupt, "file ends at byte 1048576, where 4096 bytes");
  };
  read();
  std::thread([&] {
    if (testing::refuse_uring_to_this_thread()) read();
  }).join();
}

}  // namespace
}  // namespace stoker::io
