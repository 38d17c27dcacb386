#include "data/io/page_cache.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "base/fd.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/units.h"

namespace stoker::io {
namespace {

class PageCacheTest : public ::testing::Test {
 protected:
  Path make_file(const std::string& name, std::size_t bytes) {
    std::ofstream(dir_.path() / name) << std::string(bytes, 'x');
    return dir_.path() / name;
  }
  [[nodiscard]] std::string content(const Path& path) const {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] bool in_memory_file_system() const {
    struct statfs info {};
    return ::statfs(dir_.path().c_str(), &info) == 0 && (info.f_type == 0x01021994 || info.f_type == 0x794C7630);
  }

  ::stoker::testing::TempDir dir_;
};

TEST_F(PageCacheTest, WrittenFilesAreResidentUntilDropped) {
  if (in_memory_file_system()) GTEST_SKIP() << "the temporary folder lies in memory and cannot be dropped";
  const Path path = make_file("file", 3 * kMiB);
  const auto before = resident_bytes(path);
  ASSERT_OK(before);
  EXPECT_GE(*before, 3 * kMiB);
  ASSERT_OK(drop_file_cache(path));
  const auto after = resident_bytes(path);
  ASSERT_OK(after);
  EXPECT_EQ(*after, 0U);
}

// Nobody writes into the pipe, and nobody waits for it.
TEST_F(PageCacheTest, PipesAreNotWaitedFor) {
  const Path pipe = dir_.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_FALSE(drop_file_cache(pipe).has_value());
  EXPECT_EQ(*resident_bytes(pipe), 0U);
}

TEST_F(PageCacheTest, EmptyFilesAreNotResident) {
  EXPECT_EQ(*resident_bytes(make_file("empty", 0)), 0U);
}

TEST_F(PageCacheTest, MissingFilesAreNamed) {
  EXPECT_ERROR(drop_file_cache(dir_.path() / "absent"), Code::kNotFound, "absent: open");
  EXPECT_ERROR(resident_bytes(dir_.path() / "absent"), Code::kNotFound, "absent: open");
}

TEST_F(PageCacheTest, WithTheRightToItEverythingIsDropped) {
  const Path control = make_file("control", 0);
  ASSERT_OK(drop_all_caches(control));
  EXPECT_EQ(content(control), "1\n");
}

TEST_F(PageCacheTest, WithoutTheRightNothingIsDropped) {
  EXPECT_ERROR(drop_all_caches(dir_.path() / "no" / "control"), Code::kNotFound, "control: open");
}

// A file is looked at a GiB at a time. In memory are here the first three of its pages, and two behind the first GiB.
TEST_F(PageCacheTest, PagesAreCountedInFilesOfMoreThanAWindow) {
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const Path path = dir_.path() / "sparse";
  const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_TRUE(file.valid());
  ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(kGiB)), 0);
  EXPECT_EQ(*resident_bytes(path), 0U);
  for (const std::uint64_t offset : {std::uint64_t{0}, page, 2 * page, kGiB, kGiB + page})
    ASSERT_EQ(::pwrite(file.get(), "x", 1, static_cast<off_t>(offset)), 1);
  EXPECT_EQ(*resident_bytes(path), 5 * page) << "the last page has one byte";
  ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(kGiB + 2 * page)), 0);
  EXPECT_EQ(*resident_bytes(path), 5 * page) << "whole pages";
  ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(kGiB + 1)), 0);
  EXPECT_EQ(*resident_bytes(path), 4 * page);
}

}  // namespace
}  // namespace stoker::io
