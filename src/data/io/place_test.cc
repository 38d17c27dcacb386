#include "data/io/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"

namespace stoker::io {
namespace {

namespace fs = std::filesystem;

class PlaceTest : public ::testing::Test {
 protected:
  [[nodiscard]] Path top() const { return fs::canonical(dir_.path()); }

 private:
  ::stoker::testing::TempDir dir_;
};

TEST_F(PlaceTest, LinksAndDotsAreResolved) {
  fs::create_directories(top() / "a/b");
  fs::create_directory_symlink("a/b", top() / "link");
  for (const char* text : {"a/b", "link", "link/", "a/./b/", "a/b/../b", "link/../b", "a//b"}) {
    const auto path = canonical_path(top() / text);
    ASSERT_OK(path);
    EXPECT_EQ(*path, top() / "a/b") << text;
  }
  EXPECT_EQ(*canonical_path("/"), "/");
  EXPECT_EQ(*canonical_path("//../"), "/");
}

TEST_F(PlaceTest, WhatIsNotThereYetIsTakenAsWritten) {
  fs::create_directories(top() / "a");
  fs::create_directory_symlink("a", top() / "link");
  EXPECT_EQ(*canonical_path(top() / "link/new/../other/"), top() / "a/other");
}

TEST_F(PlaceTest, RelativePathsBeginAtTheWorkingFolder) {
  EXPECT_EQ(*canonical_path("."), fs::current_path());
  EXPECT_EQ(*canonical_path("x"), fs::current_path() / "x");
  EXPECT_EQ(*canonical_path(".."), fs::current_path().parent_path());
}

TEST_F(PlaceTest, LinksInACircleAreAnErrorThatNamesThePath) {
  fs::create_symlink("b", top() / "a");
  fs::create_symlink("a", top() / "b");
  EXPECT_ERROR(canonical_path(top() / "a/x"), Code::kIo, "a/x: resolve: Too many levels of symbolic links");
}

// Whatever a path looks like, it is one.
TEST_F(PlaceTest, ColonsAreNothingSpecial) {
  EXPECT_EQ(*canonical_path("a://../b"), fs::current_path() / "b");
}

TEST_F(PlaceTest, LinksThatLeadUpAreKnown) {
  fs::create_directories(top() / "a/b");
  fs::create_directory_symlink(".", top() / "a/self");
  fs::create_directory_symlink("../../a", top() / "a/b/up");
  fs::create_directory_symlink("a/b", top() / "down");
  const auto refused = [&](const fs::path& folder, const std::string& name) {
    return !refuse_link_up(top() / folder, {.name = name, .is_directory = true, .is_symlink = true});
  };
  EXPECT_ERROR(refuse_link_up(top() / "a", {.name = "self", .is_directory = true, .is_symlink = true}),
               Code::kUnsupported, (top() / "a/self").string() + ": is a link that leads back up");
  EXPECT_TRUE(refused("a/b", "up"));
  EXPECT_TRUE(refused("down", "up"));
  EXPECT_FALSE(refused("", "down"));
  EXPECT_FALSE(refused("a", "nowhere"));
  EXPECT_OK(refuse_link_up(top() / "a", {.name = "self", .is_directory = true})) << "no link";
}

// A link stands for a bind mount here: another path of the same folder.
TEST_F(PlaceTest, FoldersAreKnownUnderAnotherName) {
  fs::create_directories(top() / "a/b/c");
  fs::create_directory_symlink("a/b", top() / "other");
  EXPECT_EQ(seen_from(top() / "a/b", top() / "other/c/new"), top() / "a/b/c/new");
  EXPECT_EQ(seen_from(top() / "a/b/c", top() / "other/c"), top() / "a/b/c");
  EXPECT_EQ(seen_from(top() / "a", top() / "other/c"), top() / "other/c") << "not that folder, nor below it";
  EXPECT_EQ(seen_from(top() / "a/b", top() / "a/b/c"), top() / "a/b/c");
  EXPECT_EQ(seen_from(top() / "nowhere", top() / "other"), top() / "other");
}

TEST(LiesIn, CountsWholeNamesOnly) {
  EXPECT_TRUE(lies_in("/a/b", "/a"));
  EXPECT_TRUE(lies_in("/a/b/c", "/a"));
  EXPECT_TRUE(lies_in("/a", "/a"));
  EXPECT_TRUE(lies_in("/a", "/"));
  EXPECT_TRUE(lies_in("/", "/"));
  EXPECT_FALSE(lies_in("/ab", "/a"));
  EXPECT_FALSE(lies_in("/a", "/a/b"));
  EXPECT_FALSE(lies_in("/", "/a"));
  EXPECT_FALSE(lies_in("/b/a", "/a"));
}

TEST_F(PlaceTest, FileSystemsBeginAtTheRootAndAtMounts) {
  EXPECT_TRUE(is_mount_root("/"));
  EXPECT_TRUE(is_mount_root("/proc"));
  EXPECT_FALSE(is_mount_root("/proc/self"));
  fs::create_directories(top() / "a");
  EXPECT_FALSE(is_mount_root(top() / "a"));
  EXPECT_FALSE(is_mount_root(top() / "none"));
}

TEST_F(PlaceTest, HomesAreThatOfTheEnvironmentAndThatOfTheSystem) {
  const char* before = std::getenv("HOME");
  const std::string kept = before != nullptr ? before : "";
  fs::create_directories(top() / "home");
  fs::create_directory_symlink("home", top() / "link");
  ::setenv("HOME", (top() / "link").c_str(), 1);
  const std::vector<Path> both = home_folders();
  EXPECT_THAT(both, ::testing::Contains(top() / "home"));
  ::setenv("HOME", "", 1);
  const std::vector<Path> systems = home_folders();
  EXPECT_EQ(systems.size(), both.size() - 1);
  EXPECT_THAT(systems, ::testing::Not(::testing::Contains(fs::current_path())));
  if (before != nullptr) ::setenv("HOME", kept.c_str(), 1);
}

// The same file system under another path: only the kernel knows. In a thread with mounts of its own.
TEST_F(PlaceTest, AFolderMountedElsewhereIsAMountRoot) {
  fs::create_directories(top() / "a");
  fs::create_directories(top() / "b");
  std::thread([&] {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      GTEST_SKIP() << "this user may not mount";
    ASSERT_EQ(::mount((top() / "a").c_str(), (top() / "b").c_str(), nullptr, MS_BIND, nullptr), 0);
    EXPECT_TRUE(is_mount_root(top() / "b"));
    EXPECT_FALSE(is_mount_root(top() / "a"));
  }).join();
}

// Containers run programs as users that the system does not know.
TEST_F(PlaceTest, UsersThatTheSystemDoesNotKnowHaveTheHomeOfTheEnvironment) {
  constexpr uid_t kUnknown = 3'999'999'999;
  if (::getpwuid(kUnknown) != nullptr) GTEST_SKIP() << "somebody has this number";
  const char* before = std::getenv("HOME");
  const std::string kept = before != nullptr ? before : "";
  ::setenv("HOME", "/", 1);
  std::thread([] {
    // Of this thread alone, unlike setresuid(3).
    if (::syscall(SYS_setresuid, kUnknown, -1, -1) != 0) GTEST_SKIP() << "only root may become somebody else";
    EXPECT_THAT(home_folders(), ::testing::ElementsAre("/"));
  }).join();
  if (before != nullptr) ::setenv("HOME", kept.c_str(), 1);
}

TEST_F(PlaceTest, AHomeIsNamedOnceAndOnlyIfItIsAPath) {
  const passwd* const entry = ::getpwuid(::getuid());
  if (entry == nullptr) GTEST_SKIP() << "the system does not know this user";
  const Path home = *canonical_path(entry->pw_dir);
  const char* before = std::getenv("HOME");
  const std::string kept = before != nullptr ? before : "";
  fs::create_symlink("circle", top() / "circle");
  for (const std::string& text : {home.string(), std::string(), (top() / "circle" / "home").string()}) {
    ::setenv("HOME", text.c_str(), 1);
    EXPECT_THAT(home_folders(), ::testing::ElementsAre(home)) << text;
  }
  if (before != nullptr) ::setenv("HOME", kept.c_str(), 1);
}

}  // namespace
}  // namespace stoker::io
