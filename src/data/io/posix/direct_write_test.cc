// Files written past the page cache: pieces, ends that are no whole block, refusals, both mechanisms, full disks.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/units.h"
#include "data/io/page_cache.h"
#include "data/io/posix/write_queue_internal.h"
#include "data/io/storage.h"
#include "data/io/testing/refuse_uring.h"
#include "data/io/whole_file.h"

namespace stoker::io {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kPiece = Sink::kPieceBytes;

std::vector<std::byte> random_bytes(std::size_t n) {
  std::mt19937_64 random(n);
  std::vector<std::byte> bytes(n);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random());
  return bytes;
}

// As a format does: pieces are filled where they lie.
Status write_pieces(WritableFile& file, Bytes content) {
  while (!content.empty()) {
    STOKER_ASSIGN(const MutBytes piece, file.lend());
    const std::size_t n = std::min(content.size(), piece.size());
    std::memcpy(piece.data(), content.data(), n);
    STOKER_TRY(file.give_back(n));
    content = content.subspan(n);
  }
  return {};
}

class DirectWriteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto file = storage_->create(path_, {.direct = DirectWrites::kYes});
        !file && file.error().code == Code::kUnsupported) {
      GTEST_SKIP() << "the temporary folder has no O_DIRECT: " << file.error().message;
    }
  }
  void expect_content(Bytes content) {
    const auto found = read_whole(*storage_, path_);
    ASSERT_OK(found);
    ASSERT_EQ(found->size(), content.size());
    EXPECT_EQ(std::memcmp(found->data(), content.data(), content.size()), 0);
  }

  const ::stoker::testing::TempDir dir_;
  const Path path_ = dir_.path() / "file";
  const std::unique_ptr<Storage> storage_ = make_posix_storage();
};

TEST_F(DirectWriteTest, EveryLengthInPiecesAndAppended) {
  for (const std::size_t bytes :
       {std::size_t{0}, std::size_t{1}, std::size_t{4095}, std::size_t{4096}, std::size_t{4097}, kPiece - 1, kPiece,
        kPiece + 1, 5 * kPiece, 7 * kPiece + 8192, 7 * kPiece + 12345}) {
    const std::vector<std::byte> content = random_bytes(bytes);
    for (const bool appended : {false, true}) {
      // What is promised may be less than what comes, and more.
      for (const std::uint64_t promised :
           {std::uint64_t{0}, std::uint64_t{bytes}, std::uint64_t{bytes / 2}, std::uint64_t{bytes + 100'000}}) {
        auto file = storage_->create(path_, {.direct = DirectWrites::kYes, .bytes_least = promised});
        ASSERT_OK(file);
        if (appended) {
          for (Bytes rest = content; !rest.empty(); rest = rest.subspan(std::min<std::size_t>(rest.size(), 700'001)))
            ASSERT_OK((*file)->append(rest.first(std::min<std::size_t>(rest.size(), 700'001))));
        } else {
          ASSERT_OK(write_pieces(**file, content));
        }
        EXPECT_EQ((*file)->position(), bytes);
        ASSERT_OK((*file)->commit());
        EXPECT_EQ((*file)->position(), bytes);
        EXPECT_LE((*file)->direct_bytes(), bytes);
        EXPECT_LT(bytes - (*file)->direct_bytes(), 4096U) << "less than a block goes through the page cache";
        expect_content(content);
      }
    }
  }
}

TEST_F(DirectWriteTest, BothMechanismsWriteTheSame) {
  const std::vector<std::byte> content = random_bytes(9 * kPiece + 77);
  std::thread([&] {
    if (!testing::refuse_uring_to_this_thread()) GTEST_SKIP() << "seccomp filters are not available";
    auto file = storage_->create(path_, {.direct = DirectWrites::kYes});
    ASSERT_OK(file);
    ASSERT_OK(write_pieces(**file, content));
    ASSERT_OK((*file)->commit());
    EXPECT_THAT(std::string(direct_write_mechanism()), HasSubstr("pwrite"));
  }).join();
  expect_content(content);
}

// In a process of its own, in which no other test has made a ring.
TEST(DirectWriteMechanismDeathTest, IsNoRingThatNobodyHas) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        std::fputs(std::string(direct_write_mechanism()).c_str(), stderr);
        std::_Exit(0);
      },
      ::testing::ExitedWithCode(0), "^pwrite$");
}

// A file that grows with each write has them wait for one another.
TEST_F(DirectWriteTest, HasItsLengthFromTheBeginning) {
  auto file = storage_->create(path_, {.direct = DirectWrites::kYes, .bytes_least = 2 * kPiece});
  ASSERT_OK(file);
  {
    const Fd probe(::open((path_.string() + ".probe").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (::fallocate(probe.get(), 0, 0, 1) != 0) GTEST_SKIP() << "this file system takes no room for a file";
  }
  EXPECT_EQ(std::filesystem::file_size(temporary_name(path_)), 2 * kPiece);
  const std::vector<std::byte> content = random_bytes(kPiece + 100);
  ASSERT_OK(write_pieces(**file, content));
  ASSERT_OK((*file)->commit());
  expect_content(content);
}

TEST_F(DirectWriteTest, NothingOfItIsInThePageCacheButItsEnd) {
  const std::vector<std::byte> content = random_bytes(3 * kPiece + 100);
  auto file = storage_->create(path_, {.direct = DirectWrites::kYes});
  ASSERT_OK(file);
  ASSERT_OK(write_pieces(**file, content));
  ASSERT_OK((*file)->commit());
  const auto resident = resident_bytes(path_);
  ASSERT_OK(resident);
  EXPECT_LE(*resident, 64 * kKiB) << "of the last 100 bytes";
  EXPECT_EQ((*file)->direct_bytes(), 3 * kPiece);
}

// Small files are written as ever: the device is not waited for.
TEST_F(DirectWriteTest, OnlyFilesThatGainByIt) {
  const std::vector<std::byte> content = random_bytes(8192);
  for (const auto& [most, direct] : {std::pair(kMiB - 1, false), std::pair(kMiB, true)}) {
    auto file = storage_->create(path_, {.direct = DirectWrites::kWherePossible, .bytes_most = most});
    ASSERT_OK(file);
    ASSERT_OK(write_pieces(**file, content));
    ASSERT_OK((*file)->commit());
    EXPECT_EQ((*file)->direct_bytes(), direct ? 8192U : 0U) << most;
    expect_content(content);
  }
}

TEST_F(DirectWriteTest, WhatIsGivenUpIsClosedAndItsMemoryIsFree) {
  for (int i = 0; i < 20; ++i) {
    auto file = storage_->create(path_, {.direct = DirectWrites::kYes});
    ASSERT_OK(file);
    ASSERT_OK(write_pieces(**file, random_bytes(3 * kPiece)));
    ASSERT_OK((*file)->lend());
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
  WriteQueue& queue = WriteQueue::of_this_thread();
  std::vector<WriteQueue::Piece*> all;
  for (unsigned i = 0; i < WriteQueue::kPieces; ++i) {
    const auto piece = queue.take();
    ASSERT_OK(piece);
    all.push_back(*piece);
  }
  EXPECT_ERROR(queue.take(), Code::kFailed, "a thread writes more than 4 files at once");
  for (WriteQueue::Piece* piece : all) WriteQueue::put_back(*piece);
}

// What a write fails with is told, at the latest by close, and nothing hangs.
TEST_F(DirectWriteTest, AFailureIsTold) {
  const Fd full(::open("/dev/full", O_WRONLY));
  if (!full.valid()) GTEST_SKIP() << "no /dev/full";
  WriteQueue& queue = WriteQueue::of_this_thread();
  const Path name = "/d/file";
  WriteSink sink{.fd = full.get(), .path = name};
  for (int i = 0; i < 10; ++i) {
    const auto piece = queue.take();
    ASSERT_OK(piece);
    queue.send(**piece, sink, 0, 4096);
  }
  queue.settle(sink);
  EXPECT_EQ(sink.in_flight, 0U);
  ASSERT_TRUE(sink.failure.has_value());
  EXPECT_EQ(sink.failure->code, Code::kNoSpace);
  EXPECT_THAT(sink.failure->message, HasSubstr("/d/file: write of 4096 bytes at offset 0"));
}

// A file system may take O_DIRECT and turn the writes down: where that is no promise of ours they go through the page
// cache. Here for an offset that is no multiple of a block.
TEST_F(DirectWriteTest, WhatIsTurnedDownGoesThroughThePageCache) {
  for (const bool with_ring : {true, false}) {
    std::thread([&] {
      if (!with_ring && !testing::refuse_uring_to_this_thread()) return;
      const std::vector<std::byte> content = random_bytes(3 * 4096);
      for (const bool may_be_buffered : {true, false}) {
        const Fd file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_DIRECT, 0644));
        ASSERT_TRUE(file.valid());
        WriteQueue& queue = WriteQueue::of_this_thread();
        WriteSink sink{.fd = file.get(), .path = path_, .may_be_buffered = may_be_buffered};
        for (const std::uint64_t offset : {1, 4097, 8193}) {
          const auto piece = queue.take();
          ASSERT_OK(piece);
          std::memcpy((*piece)->memory.data(), content.data() + offset - 1, 4096);
          queue.send(**piece, sink, offset, 4096);
        }
        queue.settle(sink);
        EXPECT_EQ(sink.buffered, may_be_buffered);
        if (!may_be_buffered) {
          ASSERT_TRUE(sink.failure.has_value());
          EXPECT_THAT(sink.failure->message, HasSubstr("write of 4096 bytes at offset 1: Invalid argument"));
          continue;
        }
        EXPECT_FALSE(sink.failure.has_value());
        EXPECT_GE(sink.buffered_bytes, 4096U);
        const auto found = read_whole(*storage_, path_);
        ASSERT_OK(found);
        ASSERT_EQ(found->size(), content.size() + 1);
        EXPECT_EQ(std::memcmp(found->data() + 1, content.data(), content.size()), 0);
      }
    }).join();
  }
}

TEST(DirectWrite, WhereTheFileSystemHasNone) {
  const Path path = "/dev/shm/stoker_direct_write_test";
  const auto storage = make_posix_storage();
  const auto refused = storage->create(path, {.direct = DirectWrites::kYes});
  if (refused) GTEST_SKIP() << "this kernel's tmpfs has O_DIRECT";
  if (refused.error().code != Code::kUnsupported) GTEST_SKIP() << refused.error().message;
  EXPECT_THAT(refused.error().message,
              HasSubstr(path.string() + ": the file system (tmpfs) does not support O_DIRECT"));
  EXPECT_FALSE(std::filesystem::exists(temporary_name(path))) << "a file that was refused is left";
  auto file = storage->create(path, {.direct = DirectWrites::kWherePossible, .bytes_most = kGiB});
  ASSERT_OK(file);
  ASSERT_OK(write_pieces(**file, random_bytes(kPiece + 5)));
  ASSERT_OK((*file)->commit());
  EXPECT_EQ((*file)->direct_bytes(), 0U);
  EXPECT_EQ(std::filesystem::file_size(path), kPiece + 5);
  std::filesystem::remove(path);
}

TEST_F(DirectWriteTest, MoreThanThereIsRoomForIsToldAtOnce) {
  const auto file = storage_->create(path_, {.direct = DirectWrites::kYes, .bytes_least = std::uint64_t{1} << 60});
  ASSERT_FALSE(file);
  EXPECT_TRUE(file.error().code == Code::kNoSpace || file.error().code == Code::kIo) << file.error().message;
  EXPECT_THAT(file.error().message, HasSubstr("take room for 1152921504606846976 bytes"));
  EXPECT_FALSE(std::filesystem::exists(temporary_name(path_)));
}

// What comes after a failure is not written: the file is lost already.
TEST_F(DirectWriteTest, NothingIsWrittenAfterAFailure) {
  std::thread([&] {
    if (!testing::refuse_uring_to_this_thread()) GTEST_SKIP() << "seccomp filters are not available";
    const Fd file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    ASSERT_TRUE(file.valid());
    WriteQueue& queue = WriteQueue::of_this_thread();
    WriteSink sink{.fd = file.get(), .path = path_, .failure = make_error(Code::kIo, "the first")};
    const auto piece = queue.take();
    ASSERT_OK(piece);
    queue.send(**piece, sink, 0, 4096);
    queue.settle(sink);
    EXPECT_EQ(sink.failure->message, "the first");
    EXPECT_EQ(std::filesystem::file_size(path_), 0U);
  }).join();
}

// The descriptor becomes one whose writes are turned down. Only files that may be written either way try the other one.
TEST_F(DirectWriteTest, OnlyWherePossibleMeansAlsoThroughThePageCache) {
  for (const DirectWrites direct : {DirectWrites::kYes, DirectWrites::kWherePossible}) {
    const Fd refusing(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));  // takes numbers
    if (!refusing.valid()) GTEST_SKIP() << "no /proc";
    auto file = storage_->create(path_, {.direct = direct, .bytes_most = kGiB});
    ASSERT_OK(file);
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      if (std::filesystem::read_symlink(entry.path(), gone) == temporary_name(path_)) {
        ASSERT_GE(::dup3(refusing.get(), std::stoi(entry.path().filename()), O_CLOEXEC), 0);
      }
    }
    const auto piece = (*file)->lend();
    ASSERT_OK(piece);
    std::memset(piece->data(), 'x', kPiece);
    (void)(*file)->give_back(kPiece);
    EXPECT_ERROR((*file)->commit(), Code::kIo, "write of 2097152 bytes at offset 0: Invalid argument");
    EXPECT_EQ((*file)->direct_bytes(), direct == DirectWrites::kYes ? kPiece : 0U) << "how it was written last";
  }
}

// Files may have 6000 bytes here: of a piece that begins before them a part is taken.
TEST_F(DirectWriteTest, AfterAPartialAnswerTheRestIsWrittenWhereItBelongs) {
  const std::vector<std::byte> content = random_bytes(8192);
  const Fd file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  ASSERT_TRUE(file.valid());
  WriteQueue& queue = WriteQueue::of_this_thread();
  WriteSink sink{.fd = file.get(), .path = path_};
  const auto piece = queue.take();
  ASSERT_OK(piece);
  std::memcpy((*piece)->memory.data(), content.data(), content.size());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 6000, .rlim_max = before.rlim_max};
  const auto on_signal = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  queue.send(**piece, sink, 4096, 8192);
  queue.settle(sink);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, on_signal);
  ASSERT_TRUE(sink.failure.has_value());
  EXPECT_THAT(sink.failure->message, HasSubstr("file: write of 6288 bytes at offset 6000: File too large"));
  const auto found = read_whole(*storage_, path_);
  ASSERT_OK(found);
  ASSERT_EQ(found->size(), 6000U);
  EXPECT_EQ(std::memcmp(found->data() + 4096, content.data(), 1904), 0);
  EXPECT_EQ(found->substr(0, 4096), std::string(4096, '\0'));
}

}  // namespace
}  // namespace stoker::io
