// Kernels and file systems that lack a call, or refuse it.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/units.h"
#include "data/io/place.h"
#include "data/io/storage.h"
#include "data/io/testing/refuse_calls.h"
#include "data/io/whole_file.h"

namespace stoker::io {
namespace {

namespace fs = std::filesystem;

class RefusalsTest : public ::testing::Test {
 protected:
  // In a thread of its own, to which the call is refused.
  static void refused(const testing::RefusedCall& call, const auto& body) {
    std::thread([&] {
      if (!testing::refuse_to_this_thread(call)) GTEST_SKIP() << "seccomp filters are not available";
      body();
    }).join();
  }

  const ::stoker::testing::TempDir dir_;
  const Path path_ = dir_.path() / "file";
  const std::unique_ptr<Storage> storage_ = make_posix_storage();
};

// Some file systems have no nameless files.
TEST_F(RefusalsTest, WhatIsAbsentIsMadeWithoutNamelessFiles) {
  const testing::RefusedCall nameless{
      .number = SYS_openat, .error_number = EOPNOTSUPP, .argument = 2, .value = O_WRONLY | O_TMPFILE | O_CLOEXEC};
  refused(nameless, [&] {
    const auto made = storage_->create_if_absent(path_, "text");
    ASSERT_OK(made);
    EXPECT_TRUE(*made);
    const auto again = storage_->create_if_absent(path_, "other");
    ASSERT_OK(again);
    EXPECT_FALSE(*again);
    EXPECT_EQ(*read_whole(*storage_, path_), "text");
    EXPECT_ERROR(storage_->create_if_absent(dir_.path() / "no" / "file", "text"), Code::kNotFound, "file: create");
  });
}

TEST_F(RefusalsTest, AFileWhoseTextCannotBeWrittenIsNotLeft) {
  const testing::RefusedCall nameless{
      .number = SYS_openat, .error_number = EOPNOTSUPP, .argument = 2, .value = O_WRONLY | O_TMPFILE | O_CLOEXEC};
  refused(nameless, [&] {
    ASSERT_TRUE(testing::refuse_to_this_thread({.number = SYS_fsync, .error_number = EIO}));
    EXPECT_ERROR(storage_->create_if_absent(path_, "text"), Code::kIo, "file: fsync: Input/output error");
    EXPECT_FALSE(fs::exists(path_));
  });
}

TEST_F(RefusalsTest, FileSystemsWithoutDirectWrites) {
  const testing::RefusedCall no_direct{.number = SYS_fcntl, .error_number = EINVAL, .argument = 1, .value = F_SETFL};
  refused(no_direct, [&] {
    EXPECT_ERROR(storage_->create(path_, {.direct = DirectWrites::kYes}), Code::kUnsupported,
                 "does not support O_DIRECT for this file");
    EXPECT_TRUE(fs::is_empty(dir_.path()));
    const auto file = storage_->create(path_, {.direct = DirectWrites::kWherePossible, .bytes_most = kGiB});
    ASSERT_OK(file);
    const std::string text(Sink::kPieceBytes, 'x');
    ASSERT_OK((*file)->append(std::as_bytes(std::span(text))));
    ASSERT_OK((*file)->commit());
    EXPECT_EQ((*file)->direct_bytes(), 0U);
    EXPECT_EQ(fs::file_size(path_), text.size());
  });
}

// Whatever room cannot be taken for is told; that a file system takes none is no matter.
TEST_F(RefusalsTest, RoomForAFileThatIsNotThere) {
  const WriteOptions options{.direct = DirectWrites::kYes, .bytes_least = kMiB};
  if (const auto file = storage_->create(path_, options); !file && file.error().code == Code::kUnsupported)
    GTEST_SKIP() << file.error().message;
  for (const int error_number : {ENOSPC, EDQUOT, EFBIG, EOPNOTSUPP, ENOSYS}) {
    refused({.number = SYS_fallocate, .error_number = error_number}, [&] {
      const auto file = storage_->create(path_, options);
      if (error_number == EOPNOTSUPP || error_number == ENOSYS) {
        ASSERT_OK(file);
        EXPECT_EQ(fs::file_size(temporary_name(path_)), 0U);
        ASSERT_OK((*file)->commit());
        return;
      }
      ASSERT_FALSE(file);
      EXPECT_THAT(file.error().message, ::testing::HasSubstr("file.tmp: take room for 1048576 bytes"));
      EXPECT_TRUE(fs::is_empty(dir_.path()));
    });
  }
}

// Before 5.8 kernels do not tell of mounts; other file systems show all the same.
TEST_F(RefusalsTest, MountsOfOtherFileSystemsAreKnownWithoutStatx) {
  const Path top = fs::canonical(dir_.path());
  fs::create_directories(top / "a");
  refused({.number = SYS_statx, .error_number = ENOSYS}, [&] {
    EXPECT_TRUE(is_mount_root("/"));
    EXPECT_TRUE(is_mount_root("/proc"));
    EXPECT_FALSE(is_mount_root("/proc/self"));
    EXPECT_FALSE(is_mount_root(top / "a"));
    EXPECT_FALSE(is_mount_root(top / "none"));
    EXPECT_FALSE(is_mount_root(top / "none" / "none"));
  });
}

TEST_F(RefusalsTest, WhatCannotBeSyncedIsNotCommitted) {
  refused({.number = SYS_fsync, .error_number = EIO}, [&] {
    {
      const auto file = storage_->create(path_, {.durable = true});
      ASSERT_OK(file);
      EXPECT_ERROR((*file)->commit(), Code::kIo, "fsync: Input/output error");
    }
    EXPECT_TRUE(fs::is_empty(dir_.path()));
    const auto file = storage_->create(path_);
    ASSERT_OK(file);
    EXPECT_OK((*file)->commit());
  });
  refused({.number = SYS_syncfs, .error_number = EIO},
          [&] { EXPECT_ERROR(storage_->flush(dir_.path()), Code::kIo, "syncfs: Input/output error"); });
}

// A name outlives a crash once its folder is synced, after the name was given. Of the two syncs one is refused by its
// descriptor: the folder gets the lowest that is free.
TEST_F(RefusalsTest, ADurableFilesFolderIsSynced) {
  const auto commit = [&](const WriteOptions& options, int error_number) {
    Status committed;
    std::thread([&] {
      const int folder = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
      ASSERT_GE(folder, 0);
      const auto file = storage_->create(path_, options);
      ASSERT_OK(file);
      ASSERT_EQ(::close(folder), 0);
      if (!testing::refuse_to_this_thread({.number = SYS_fsync,
                                           .error_number = error_number,
                                           .argument = 0,
                                           .value = static_cast<std::uint32_t>(folder)}))
        GTEST_SKIP() << "seccomp filters are not available";
      committed = (*file)->commit();
    }).join();
    return committed;
  };
  const Status refused_sync = commit({.durable = true}, EIO);
  if (IsSkipped()) return;
  EXPECT_ERROR(refused_sync, Code::kIo, dir_.path().string() + ": fsync: Input/output error");
  EXPECT_TRUE(fs::exists(path_)) << "it was there under its name before";
  EXPECT_OK(commit({.durable = true}, EINVAL)) << "no fsync of folders";
  EXPECT_OK(commit({.durable = true}, ENOTSUP));
  EXPECT_OK(commit({}, EIO)) << "nothing is synced that need not be";
  refused({.number = SYS_openat, .error_number = EACCES, .argument = 2, .value = O_RDONLY | O_DIRECTORY | O_CLOEXEC},
          [&] {
            const auto file = storage_->create(path_, {.durable = true});
            ASSERT_OK(file);
            EXPECT_ERROR((*file)->commit(), Code::kPermission, dir_.path().string() + ": open: Permission denied");
          });
}

TEST_F(RefusalsTest, FreeSpaceThatCannotBeTold) {
  refused({.number = SYS_statfs, .error_number = EIO},
          [&] { EXPECT_ERROR(storage_->space(dir_.path()), Code::kIo, "free space: Input/output error"); });
  struct statvfs info {};
  ASSERT_EQ(::statvfs(dir_.path().c_str(), &info), 0);
  const auto space = storage_->space(dir_.path());
  ASSERT_OK(space);
  ASSERT_TRUE(space->has_value());
  EXPECT_EQ((*space)->block_bytes, info.f_frsize);
  if (info.f_bavail > 0 && info.f_frsize > 1) {
    EXPECT_GT((*space)->free_bytes, info.f_bavail) << "bytes, not blocks";
  }
  EXPECT_EQ((*space)->free_inodes.has_value(), info.f_files > 0);
  const auto of_no_device = storage_->space("/proc");
  ASSERT_OK(of_no_device);
  EXPECT_FALSE(of_no_device->has_value()) << "it has no blocks, free or not";
}

}  // namespace
}  // namespace stoker::io
