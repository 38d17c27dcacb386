#include "io/page_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/vfs.h>

#include <fstream>
#include <iterator>

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

TEST_F(PageCacheTest, EmptyFilesAreNotResident) {
  EXPECT_EQ(*resident_bytes(make_file("empty", 0)), 0U);
}

TEST_F(PageCacheTest, MissingFilesAreNamed) {
  EXPECT_ERROR(drop_file_cache(dir_.path() / "absent"), Code::kNotFound, "absent: open");
  EXPECT_ERROR(resident_bytes(dir_.path() / "absent"), Code::kNotFound, "absent: open");
}

TEST_F(PageCacheTest, WithTheRightToItEverythingIsDroppedAtOnce) {
  const Path control = make_file("control", 0);
  const CacheDropReport report = drop_caches(
      1, [&](std::uint64_t) { return dir_.path() / "absent"; }, control);
  EXPECT_TRUE(report.dropped_all);
  EXPECT_EQ(report.files_advised, 0U);
  EXPECT_EQ(report.what_failed, "");
  EXPECT_EQ(content(control), "1\n");
}

TEST_F(PageCacheTest, WithoutItEachFileIsAdvisedAndFailuresAreCounted) {
  const Path names[] = {make_file("a", 10), dir_.path() / "absent", make_file("b", 10)};
  const Path control = dir_.path() / "no" / "control";
  const CacheDropReport report = drop_caches(
      3, [&](std::uint64_t i) { return names[i]; }, control);
  EXPECT_FALSE(report.dropped_all);
  EXPECT_EQ(report.files_advised, 2U);
  EXPECT_THAT(report.what_failed, ::testing::StartsWith("1 of 3 files, first: "));
  EXPECT_THAT(report.what_failed, ::testing::HasSubstr("absent: open: No such file or directory"));
}

TEST_F(PageCacheTest, RefusalIsReportedWhenThereAreNoFilesToAdvise) {
  const Path control = dir_.path() / "no" / "control";
  EXPECT_ERROR(drop_all_caches(control), Code::kNotFound, "control: open");
  const CacheDropReport report = drop_caches(0, {}, control);
  EXPECT_FALSE(report.dropped_all);
  EXPECT_THAT(report.what_failed, ::testing::HasSubstr("control: open"));
}

}  // namespace
}  // namespace stoker::io
