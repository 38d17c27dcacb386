// What only the POSIX back end has: errors of the system, links, request sizes.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/fd.h"
#include "base/testing/bound_by_permissions.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/units.h"
#include "data/io/folder.h"
#include "data/io/posix/files_internal.h"
#include "data/io/storage.h"

namespace stoker::io {
namespace {

namespace fs = std::filesystem;

void write(Storage& storage, const Path& path, std::size_t bytes) {
  const std::vector<std::byte> content(bytes, std::byte{42});
  auto file = storage.create(path);
  ASSERT_OK(file);
  ASSERT_OK((*file)->append(content));
  ASSERT_OK((*file)->commit());
}

class RequestSizes final : public ReadObserver {
 public:
  std::int64_t now_ns() override { return ++now_; }
  void completed(std::int64_t begin_ns, std::int64_t end_ns, std::uint64_t bytes, bool seen_late) override {
    EXPECT_EQ(end_ns, begin_ns + 1);
    EXPECT_FALSE(seen_late) << "a read that blocks is seen at once";
    sizes.push_back(bytes);
  }
  std::vector<std::uint64_t> sizes;

 private:
  std::int64_t now_ = 0;
};

// A file that is kept open tells that it is not what it was, nor what lies under its name.
TEST(PosixStorage, AnOpenFilesVersionFollowsWhatBecomesOfIt) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  const Path path = dir.path() / "file", other = dir.path() / "other";
  write(*storage, path, 100);
  const auto file = storage->open(path, {});
  ASSERT_OK(file);
  const std::uint64_t before = (*file)->version();
  EXPECT_NE(before, 0U);
  EXPECT_EQ((*file)->version_now(), before);
  fs::last_write_time(path, fs::last_write_time(path) + std::chrono::seconds(1));
  const std::uint64_t written = (*file)->version_now();
  EXPECT_NE(written, before);
  const auto again = storage->open(path, {});
  ASSERT_OK(again);
  EXPECT_EQ((*again)->version(), written) << "it is the same file for whoever opens it now";
  write(*storage, other, 100);
  fs::rename(other, path);
  EXPECT_NE((*file)->version_now(), before);
  EXPECT_NE((*again)->version_now(), written);
  EXPECT_EQ((*file)->version(), before) << "that of its opening";
}

TEST(PosixStorage, BufferedReadsGoInPiecesOfTransferBytes) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  write(*storage, dir.path() / "file", 2500);
  auto file = storage->open(dir.path() / "file", {.transfer_bytes = 1000});
  ASSERT_OK(file);
  std::vector<std::byte> into(2500);
  RequestSizes observer;
  const ReadOp ops[] = {{0, MutBytes(into).first(2400)}, {2400, MutBytes(into).subspan(2400)}};
  ASSERT_OK((*file)->read_many(ops, &observer));
  EXPECT_THAT(observer.sizes, ::testing::ElementsAre(1000, 1000, 400, 100));
}

TEST(PosixStorage, DefaultRequestIsOneMebibyte) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  write(*storage, dir.path() / "file", 2 * kMiB + 1);
  auto file = storage->open(dir.path() / "file", {});
  ASSERT_OK(file);
  std::vector<std::byte> into(2 * kMiB + 1);
  RequestSizes observer;
  ASSERT_OK(read_at(**file, 0, into, &observer));
  EXPECT_THAT(observer.sizes, ::testing::ElementsAre(kMiB, kMiB, 1));
}

TEST(PosixStorage, FileThatShrinksAfterOpeningIsCorrupt) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  write(*storage, dir.path() / "file", 10'000);
  auto file = storage->open(dir.path() / "file", {});
  ASSERT_OK(file);
  fs::resize_file(dir.path() / "file", 300);
  std::vector<std::byte> into(1000);
  const Status status = read_at(**file, 0, into);
  EXPECT_ERROR(status, Code::kCorrupt, "file: file ends at byte 300, where 1000 bytes at offset 0 were expected");
  EXPECT_THAT(status.error().hint, ::testing::HasSubstr("truncated"));
}

// A device that lies where a file is to be is neither opened nor unlinked.
TEST(PosixStorage, DevicesAndPipesAreNotReplaced) {
  const ::stoker::testing::TempDir dir;
  const fs::path pipe = dir.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto storage = make_posix_storage();
  EXPECT_ERROR(storage->create(pipe), Code::kCorrupt, "pipe: is a pipe or a device, expected a file");
  EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST(PosixStorage, AWriteThatFailsNamesThePathAndTheOffset) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  auto file = storage->create(dir.path() / "file");
  ASSERT_OK(file);
  const std::byte data[3] = {};
  ASSERT_OK((*file)->append(data));
  // The file that was made becomes the device that is always full.
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (fs::read_symlink(entry.path(), gone) == dir.path() / "file.tmp") {
      ASSERT_GE(::dup2(full, std::stoi(entry.path().filename())), 0);
    }
  }
  ::close(full);
  EXPECT_ERROR((*file)->append(data), Code::kNoSpace,
               "file.tmp: write of 3 bytes at offset 3: No space left on device");
  EXPECT_EQ((*file)->position(), 3U);
}

TEST(PosixStorage, ForbiddenFolderIsAPermissionError) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  write(*storage, dir.path() / "file", 1);
  fs::permissions(dir.path(), fs::perms::none);
  {
    const ::stoker::testing::BoundByPermissions bound;
    EXPECT_ERROR(storage->create(dir.path() / "new"), Code::kPermission, "new: create: Permission denied");
    EXPECT_ERROR(storage->open(dir.path() / "file", {}), Code::kPermission, "file: open: Permission denied");
    EXPECT_ERROR(storage->make_directories(dir.path() / "sub"), Code::kPermission, "sub: create directory");
    EXPECT_ERROR(storage->exists(dir.path() / "file"), Code::kPermission, "file: stat");
    EXPECT_ERROR(storage->list(dir.path()), Code::kPermission, "list");
    EXPECT_ERROR(storage->open_folder(dir.path()), Code::kPermission, "open folder");
    EXPECT_ERROR(storage->remove(dir.path() / "file"), Code::kPermission, "file: remove");
    EXPECT_ERROR(storage->remove_empty_directory(dir.path() / "sub"), Code::kPermission, "sub: remove folder");
  }
  fs::permissions(dir.path(), fs::perms::owner_all);
}

// What lies under the name of a new file is unlinked, and neither followed nor emptied.
TEST(PosixStorage, CreatingHarmsNoOtherFile) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  const auto write = [](const fs::path& path, std::string_view text) { std::ofstream(path) << text; };
  const auto read = [](const fs::path& path) {
    std::ifstream in(path);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const fs::path precious = dir.path() / "precious";
  for (const bool hard : {false, true}) {
    write(precious, "precious");
    const fs::path path = dir.path() / "new";
    fs::remove(path);
    if (hard) {
      fs::create_hard_link(precious, path);
    } else {
      fs::create_symlink(precious, path);
    }
    auto file = storage->create(path);
    ASSERT_OK(file);
    ASSERT_OK((*file)->append(std::as_bytes(std::span(std::string_view("x")))));
    ASSERT_OK((*file)->commit());
    EXPECT_EQ(read(precious), "precious");
    EXPECT_EQ(read(path), "x");
    EXPECT_FALSE(fs::is_symlink(path));
  }
  fs::create_directory(dir.path() / "folder");
  EXPECT_ERROR(storage->create(dir.path() / "folder"), Code::kIo, "folder: replace: Is a directory");
}

// Opening a pipe that nobody writes into would wait for ever.
TEST(PosixStorage, PipesAreNoFiles) {
  const ::stoker::testing::TempDir dir;
  const fs::path pipe = dir.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto storage = make_posix_storage();
  EXPECT_ERROR(storage->open(pipe, {}), Code::kCorrupt, "pipe: is a pipe or a device, expected a file");
  EXPECT_ERROR(storage->file_size(pipe), Code::kCorrupt, "pipe: is a pipe or a device, expected a file");
}

TEST(PosixStorage, FoldersAreNoFiles) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  EXPECT_ERROR(storage->open(dir.path(), {}), Code::kIo, dir.path().string() + ": open: Is a directory");
  EXPECT_ERROR(storage->create(dir.path()), Code::kIo, "Is a directory");
  EXPECT_ERROR(storage->file_size(dir.path()), Code::kCorrupt, "is a folder, expected a file");
  EXPECT_TRUE(*storage->exists(dir.path()));
}

TEST(PosixStorage, FileInTheWayOfAFolderIsNamed) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  write(*storage, dir.path() / "file", 1);
  const std::string below = (dir.path() / "file" / "sub").string();
  EXPECT_ERROR(storage->make_directories(below), Code::kNotFound, below + ": create directory: Not a directory");
  EXPECT_ERROR(storage->open(below, {}), Code::kNotFound, below);
  EXPECT_FALSE(*storage->exists(below));
}

TEST(PosixStorage, LinksCountAsWhatTheyPointTo) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  ASSERT_OK(storage->make_directories(dir.path() / "top" / "real"));
  write(*storage, dir.path() / "top" / "real" / "file", 5);
  fs::create_directory_symlink(dir.path() / "top" / "real", dir.path() / "top" / "linked");
  fs::create_symlink(dir.path() / "nowhere", dir.path() / "top" / "dangling");
  auto entries = storage->list(dir.path() / "top");
  ASSERT_OK(entries);
  ASSERT_EQ(entries->size(), 3U);
  for (const DirEntry& entry : *entries) {
    EXPECT_EQ(entry.is_directory, entry.name != "dangling") << entry.name;
    EXPECT_EQ(entry.is_symlink, entry.name != "real") << entry.name;
  }
  EXPECT_EQ(*storage->file_size(dir.path() / "top" / "linked" / "file"), 5U);
  // A link to a folder is no folder that could be removed.
  fs::create_directory_symlink(dir.path() / "top" / "real", dir.path() / "link");
  EXPECT_EQ(*storage->remove_empty_directory(dir.path() / "link"), false);
  EXPECT_TRUE(fs::exists(dir.path() / "top" / "real" / "file"));
  // Removing a link removes the link.
  ASSERT_OK(storage->remove(dir.path() / "top" / "linked"));
  ASSERT_OK(storage->remove(dir.path() / "top" / "dangling"));
  EXPECT_FALSE(fs::exists(fs::symlink_status(dir.path() / "top" / "dangling")));
  EXPECT_EQ(*storage->file_size(dir.path() / "top" / "real" / "file"), 5U);
}

TEST(PosixFolder, HoldsWhatItIsWhateverItsPathBecomes) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  for (const char* folder : {"data", "other"}) {
    ASSERT_OK(storage->make_directories(dir.path() / folder / "empty"));
    write(*storage, dir.path() / folder / "file", 1);
  }
  const auto folder = storage->open_folder(dir.path() / "data");
  ASSERT_OK(folder);
  fs::rename(dir.path() / "data", dir.path() / "moved");
  fs::create_directory_symlink("other", dir.path() / "data");
  for (int i = 0; i < 2; ++i) {  // from its beginning each time
    const auto entries = (*folder)->list();
    ASSERT_OK(entries);
    EXPECT_EQ(entries->size(), 2U);
  }
  ASSERT_OK((*folder)->remove("file"));
  ASSERT_OK((*folder)->remove("file"));
  EXPECT_EQ(*(*folder)->remove_empty_directory("empty"), true);
  EXPECT_EQ(*(*folder)->remove_empty_directory("empty"), true);
  EXPECT_TRUE(fs::is_empty(dir.path() / "moved"));
  EXPECT_TRUE(fs::exists(dir.path() / "other" / "file"));
  EXPECT_TRUE(fs::exists(dir.path() / "other" / "empty"));
}

TEST(PosixFolder, OpensFoldersInItAndNoLinks) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  ASSERT_OK(storage->make_directories(dir.path() / "top" / "real"));
  write(*storage, dir.path() / "top" / "real" / "file", 1);
  write(*storage, dir.path() / "top" / "file", 1);
  fs::create_directory_symlink("real", dir.path() / "top" / "linked");
  // Its own path may be that of a link.
  fs::create_directory_symlink("top", dir.path() / "link");
  const auto top = storage->open_folder(dir.path() / "link");
  ASSERT_OK(top);
  const auto real = (*top)->open("real");
  ASSERT_OK(real);
  EXPECT_EQ((*real)->list()->size(), 1U);
  EXPECT_EQ(*(*top)->remove_empty_directory("real"), false);
  EXPECT_EQ(*(*top)->remove_empty_directory("linked"), false);
  const std::string path = (dir.path() / "link").string();
  EXPECT_ERROR((*top)->open("linked"), Code::kNotFound, path + "/linked: open folder: Not a directory");
  EXPECT_ERROR((*top)->open("file"), Code::kNotFound, path + "/file: open folder: Not a directory");
  EXPECT_ERROR((*top)->open("none"), Code::kNotFound, path + "/none: open folder: No such file or directory");
  EXPECT_ERROR((*top)->remove("real"), Code::kIo, path + "/real: remove: Is a directory");
  EXPECT_ERROR(storage->open_folder(dir.path() / "none"), Code::kNotFound, "none: open folder: No such file");
  // Of a link the link is removed.
  ASSERT_OK((*top)->remove("linked"));
  EXPECT_TRUE(fs::exists(dir.path() / "top" / "real" / "file"));
  EXPECT_FALSE(fs::exists(fs::symlink_status(dir.path() / "top" / "linked")));
}

TEST(PosixFolderDeathTest, TakesNoPaths) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  const auto folder = storage->open_folder(dir.path());
  ASSERT_OK(folder);
  for (const char* name : {"", ".", "..", "a/b", "/a"}) {
    EXPECT_DEATH((void)(*folder)->remove(name), "a path is no name of an entry") << name;
  }
  EXPECT_DEATH((void)(*folder)->open(".."), "a path is no name of an entry");
  EXPECT_DEATH((void)(*folder)->remove_empty_directory(".."), "a path is no name of an entry");
}

TEST(PosixStorage, SpaceOfRelativeAndAbsentPaths) {
  const auto storage = make_posix_storage();
  EXPECT_OK(storage->space(""));
  EXPECT_OK(storage->space("not/there/yet"));
  EXPECT_OK(storage->space("/not/there/yet"));
}

// Also in the working folder, which a name alone does not name.
TEST(PosixStorage, DurableFilesLieInAnyFolder) {
  const auto storage = make_posix_storage();
  const ::stoker::testing::TempDir dir;
  const fs::path before = fs::current_path();
  fs::current_path(dir.path());
  for (const Path& path : {dir.path() / "a", Path("b")}) {
    auto file = storage->create(path, {.durable = true});
    ASSERT_OK(file);
    EXPECT_OK((*file)->commit());
    EXPECT_TRUE(fs::exists(path));
  }
  fs::current_path(before);
}

TEST(PosixStorage, ANameThatIsTakenMeanwhileIsToldAndNothingStays) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  {
    auto file = storage->create(dir.path() / "file");
    ASSERT_OK(file);
    fs::create_directory(dir.path() / "file");
    EXPECT_ERROR((*file)->commit(), Code::kIo, "file.tmp: rename to " + (dir.path() / "file").string());
  }
  EXPECT_TRUE(fs::is_directory(dir.path() / "file"));
  EXPECT_FALSE(fs::exists(dir.path() / "file.tmp"));
}

TEST(PosixStorage, ALogIsReadWhileItGrows) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  write(*storage, dir.path() / "log", 100);
  auto log = storage->create_log(dir.path() / "log");
  ASSERT_OK(log);
  EXPECT_EQ(fs::file_size(dir.path() / "log"), 0U);
  const std::byte data[7] = {};
  for (std::uint64_t times = 1; times <= 3; ++times) {
    ASSERT_OK((*log)->append(data));
    EXPECT_EQ(fs::file_size(dir.path() / "log"), 7 * times);
  }
  EXPECT_OK((*log)->close());
  EXPECT_ERROR(storage->create_log(dir.path() / "absent" / "log"), Code::kNotFound, "log: create");
}

TEST(PosixStorage, SaysHowItReadsAndWrites) {
  const auto storage = make_posix_storage();
  EXPECT_EQ(storage->describe_reads({}), "posix, buffered");
  EXPECT_EQ(storage->describe_reads({.direct = true}), "posix, O_DIRECT, " + std::string(direct_mechanism()));
  EXPECT_EQ(storage->describe_writes(false), "posix, buffered");
  EXPECT_EQ(storage->describe_writes(true), "posix, O_DIRECT, " + std::string(direct_write_mechanism()));
}

TEST(PosixStorage, ASyncThatFailsIsTold) {
  Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  if (!full.valid()) GTEST_SKIP() << "no /dev/full here";
  EXPECT_ERROR(sync_fd(full.get(), "/d/file"), Code::kIo, "/d/file: fsync: Invalid argument");
}

TEST(PosixStorage, WhatCannotBeMadeIsNotTakenForPresent) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  EXPECT_ERROR(storage->create_if_absent(dir.path() / std::string(300, 'x'), "text"), Code::kIo,
               "x: create: File name too long");
  EXPECT_TRUE(fs::is_empty(dir.path()));
}

// What errno held before a call that succeeds is nothing that happened in it.
TEST(PosixStorage, OldErrorsAreForgotten) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  const auto file = storage->create(dir.path() / "file", {.durable = true});
  ASSERT_OK(file);
  errno = EINTR;
  EXPECT_OK((*file)->commit());
  const auto opened = storage->open(dir.path() / "file", {});
  ASSERT_OK(opened);
  std::byte into{};
  errno = EINTR;
  EXPECT_ERROR(read_at(**opened, 0, {&into, 1}), Code::kCorrupt, "file ends at byte 0");
  ASSERT_OK(storage->make_directories(dir.path() / "a"));
  ASSERT_OK(storage->make_directories(dir.path() / "b"));
  const auto folder = storage->open_folder(dir.path());
  ASSERT_OK(folder);
  errno = EACCES;
  EXPECT_EQ(*storage->remove_empty_directory(dir.path() / "a"), true);
  errno = EACCES;
  EXPECT_EQ(*(*folder)->remove_empty_directory("b"), true);
}

TEST(PosixStorage, TheEndOfAFileIsARequestToo) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  write(*storage, dir.path() / "file", 300);
  const auto file = storage->open(dir.path() / "file", {});
  ASSERT_OK(file);
  std::vector<std::byte> into(1000);
  RequestSizes observer;
  EXPECT_ERROR(read_at(**file, 0, into, &observer), Code::kCorrupt, "file ends at byte 300");
  EXPECT_THAT(observer.sizes, ::testing::ElementsAre(300, 0));
}

TEST(PosixStorage, AFileThatWasReplacedHasAnotherVersion) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  const auto version = [&] {
    const auto file = storage->open(dir.path() / "file", {});
    EXPECT_OK(file);
    return file ? (*file)->version() : 0;
  };
  write(*storage, dir.path() / "file", 300);
  const std::uint64_t first = version();
  EXPECT_NE(first, 0U);
  EXPECT_EQ(version(), first);
  write(*storage, dir.path() / "file", 301);
  EXPECT_NE(version(), first);
  EXPECT_NE(version(), 0U);
}

TEST(PosixStorage, LinksToFilesAreNoFolders) {
  const ::stoker::testing::TempDir dir;
  const auto storage = make_posix_storage();
  write(*storage, dir.path() / "file", 1);
  fs::create_symlink("file", dir.path() / "link");
  const auto entries = storage->list(dir.path());
  ASSERT_OK(entries);
  ASSERT_EQ(entries->size(), 2U);
  for (const DirEntry& entry : *entries) {
    EXPECT_FALSE(entry.is_directory) << entry.name;
    EXPECT_EQ(entry.is_symlink, entry.name == "link");
  }
}

}  // namespace
}  // namespace stoker::io
