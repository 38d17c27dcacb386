#include "data/dataset/folder_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <span>
#include <thread>
#include <vector>

#include "base/checksum.h"
#include "base/testing/status_matchers.h"
#include "data/io/forwarding_storage.h"
#include "data/io/testing/mem_storage.h"
#include "data/io/whole_file.h"

namespace stoker::dataset {
namespace {

using io::testing::MemStorage;
using ::testing::HasSubstr;

LockOwner me() {
  LockOwner owner = this_process("generation of a data set");
  EXPECT_EQ(owner.since.size(), std::string_view("2026-05-01 10:00:00").size());
  owner.since = "2026-05-01 10:00:00";
  return owner;
}

class FolderLockTest : public ::testing::Test {
 protected:
  FolderLockTest() { EXPECT_OK(storage_.make_directories("/d")); }
  Result<FolderLock> take(const LockOwner& owner) { return FolderLock::take(storage_, "/d", "x.lock", owner); }
  void put(const std::string& text) { EXPECT_OK(io::replace_whole(storage_, "/d/x.lock", text)); }
  [[nodiscard]] bool is_locked() { return *storage_.exists("/d/x.lock"); }
  [[nodiscard]] std::size_t entries() { return storage_.list("/d")->size(); }

  MemStorage storage_;
};

TEST_F(FolderLockTest, IsHeldByOneAndGivenBack) {
  {
    const auto lock = take(me());
    ASSERT_OK(lock);
    EXPECT_TRUE(is_locked());
    EXPECT_EQ(parse_lock(*io::read_whole(storage_, "/d/x.lock", 4096)), me());
    const auto second = take(me());
    EXPECT_ERROR(second, Code::kFailed,
                 "/d: generation of a data set is under way there: process " + std::to_string(::getpid()) +
                     " on host " + me().host + ", since 2026-05-01 10:00:00");
    EXPECT_THAT(second.error().hint, HasSubstr("remove /d/x.lock"));
    EXPECT_TRUE(is_locked());
  }
  EXPECT_FALSE(is_locked());
  EXPECT_OK(take(me()));
}

TEST_F(FolderLockTest, IsMovedWithItsObject) {
  auto lock = take(me());
  ASSERT_OK(lock);
  {
    const FolderLock moved = *std::move(lock);
    EXPECT_TRUE(is_locked());
  }
  EXPECT_FALSE(is_locked());
}

TEST_F(FolderLockTest, OfAProcessThatHasEndedIsTakenOver) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(pid, nullptr, 0), pid);
  LockOwner gone = me();
  gone.pid = pid;
  put(to_text(gone));
  const auto lock = take(me());
  ASSERT_OK(lock);
  EXPECT_EQ(entries(), 1U);
  EXPECT_EQ(parse_lock(*io::read_whole(storage_, "/d/x.lock", 4096)), me());
}

// Other processes of the owner's job write on for a while when only the owner was killed.
class FolderLockOfAJob : public FolderLockTest {
 protected:
  using Milliseconds = std::chrono::milliseconds;
  FolderLockOfAJob() { gone_.start += 1; }
  static LockOwner peer(pid_t pid) {
    LockOwner other = me();
    other.pid = pid;
    other.start = 0;
    return other;
  }
  Result<FolderLock> take_over(Milliseconds bound) {
    put(to_text(gone_));
    return FolderLock::take(storage_, "/d", "x.lock", me(), bound);
  }

  LockOwner gone_ = me();
};

TEST_F(FolderLockOfAJob, AProcessThatLivesIsWaitedFor) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::usleep(300'000);
    ::_exit(0);
  }
  gone_ = with_peers(gone_, std::vector{peer(pid)});
  EXPECT_OK(take_over(std::chrono::minutes(1)));
  EXPECT_TRUE(has_ended(peer(pid), me()));
  ::waitpid(pid, nullptr, 0);
}

TEST_F(FolderLockOfAJob, AProcessThatStaysIsNamed) {
  const pid_t ended = ::fork();
  if (ended == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(ended, nullptr, 0), ended);
  gone_ = with_peers(gone_, std::vector{peer(ended), peer(::getppid())});
  const auto lock = take_over(Milliseconds(20));
  EXPECT_ERROR(lock, Code::kFailed,
               "/d: generation of a data set was ended there, but process " + std::to_string(::getppid()) +
                   " of its job lives on and may write");
  EXPECT_THAT(lock.error().hint, HasSubstr("remove /d/x.lock"));
  EXPECT_EQ(entries(), 1U);
  EXPECT_EQ(*io::read_whole(storage_, "/d/x.lock", 4096), to_text(gone_));
}

TEST_F(FolderLockOfAJob, ProcessesOfOtherHostsAreGivenTime) {
  gone_.elsewhere = 1;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_OK(take_over(Milliseconds(100)));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, Milliseconds(100));
}

// The numbers of a host that was started again, and words that are no processes.
TEST_F(FolderLockOfAJob, NobodyIsWaitedForWhoCannotWrite) {
  for (const char* words : {"", "x", "17", "17:", "-3:4", "0:0", ":5", "17:x 99999999999999999999:1"}) {
    gone_.peers = words;
    EXPECT_OK(take_over(std::chrono::minutes(1))) << words;
  }
  gone_.peers = "1:0";
  gone_.boot = "another";
  gone_.pid_namespace = "pid:[4026531836]";
  LockOwner now = me();
  now.pid_namespace = gone_.pid_namespace;
  now.machine = gone_.machine = "m";
  put(to_text(gone_));
  EXPECT_OK(FolderLock::take(storage_, "/d", "x.lock", now, std::chrono::minutes(1)));
}

TEST(WithPeers, EachProcessOnce) {
  const LockOwner self{.host = "a", .boot = "b", .pid_namespace = "n", .pid = 7, .start = 1};
  LockOwner here = self, there = self, container = self;
  here.pid = 8;
  here.start = 2;
  there.host = there.boot = "c";
  container.pid_namespace = "m";
  const LockOwner job = with_peers(self, std::vector{self, here, here, there, there, container, here});
  EXPECT_EQ(job.peers, "8:2");
  EXPECT_EQ(job.elsewhere, 2);
  EXPECT_EQ(job.pid, 7);
}

// A lock is read whole: more processes than fit are counted.
TEST(WithPeers, OfAsManyAsALockHolds) {
  std::vector<LockOwner> all(5000);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = {.host = "a", .boot = "b", .pid_namespace = "n"};
    all[i].pid = 4'000'000'000 + static_cast<std::int64_t>(i);
    all[i].start = 1'000'000'000'000;
  }
  LockOwner self = all.front();
  self.what = "generation of a data set";
  const LockOwner job = with_peers(self, all);
  EXPECT_GE(job.peers.size(), 3000U);
  EXPECT_EQ(job.elsewhere, 4999 - (static_cast<std::int64_t>(job.peers.size()) + 1) / 25) << "25 characters each";
  EXPECT_LE(to_text(job).size(), kLockBytes);
}

TEST_F(FolderLockTest, OneOfManyTakesRemainsOver) {
  LockOwner gone = me();
  gone.start += 1;  // the number is this process's now
  for (int time = 0; time < 50; ++time) {
    put(to_text(gone));
    std::atomic<int> holders{0}, most{0};
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
          LockOwner owner = me();
          owner.what = std::to_string(i);
          const auto lock = take(owner);
          if (!lock) return;
          const int now = ++holders;
          if (now > most) most = now;
          std::this_thread::yield();
          --holders;
        });
      }
    }
    EXPECT_LE(most, 1);
    EXPECT_FALSE(is_locked());
  }
}

// As a process leaves it that is killed at that point: the claim that it made, and claims on that one's claim.
TEST_F(FolderLockTest, RemainsOfATakeoverAreTakenOver) {
  LockOwner gone = me();
  gone.start += 1;
  put(to_text(gone));
  std::string claimed = to_text(gone);
  for (int time = 0; time < 3; ++time) {
    LockOwner another = gone;
    another.what = std::to_string(time);
    const auto number = checksum(std::as_bytes(std::span(claimed)));
    EXPECT_OK(storage_.create_if_absent(fmt::format("/d/x.lock.takeover-{:016x}", number), to_text(another)));
    claimed += to_text(another);
  }
  EXPECT_OK(storage_.create_if_absent("/d/x.lock.takeover-of-an-earlier-lock", "x"));
  {
    const auto lock = take(me());
    ASSERT_OK(lock);
    EXPECT_EQ(entries(), 1U) << "nothing but the lock is left";
  }
  EXPECT_EQ(entries(), 0U);
}

TEST_F(FolderLockTest, AClaimOfAProcessThatLivesIsRespected) {
  LockOwner gone = me();
  gone.start += 1;
  const std::string remains = to_text(gone);
  put(remains);
  const auto number = checksum(std::as_bytes(std::span(remains)));
  EXPECT_OK(storage_.create_if_absent(fmt::format("/d/x.lock.takeover-{:016x}", number), to_text(me())));
  EXPECT_ERROR(take(me()), Code::kFailed, "generation of a data set is under way there");
  EXPECT_EQ(*io::read_whole(storage_, "/d/x.lock", 4096), remains);
}

TEST_F(FolderLockTest, TextThatIsNoLockIsRespected) {
  for (const char* text : {"", "something", "stoker is at work in this folder\nhost: a\npi"}) {
    put(text);
    EXPECT_ERROR(take(me()), Code::kFailed, "/d/x.lock: somebody is at work in the folder, but the lock does not say");
    EXPECT_TRUE(is_locked());
  }
}

TEST_F(FolderLockTest, AnothersLockIsNotGivenBack) {
  {
    const auto lock = take(me());
    ASSERT_OK(lock);
    put("another");
  }
  EXPECT_TRUE(is_locked());
}

// A storage that takes no more files, and one whose locks may not be read.
TEST_F(FolderLockTest, WhatCannotBeReadIsALock) {
  class Failing final : public io::ForwardingStorage {
   public:
    using ForwardingStorage::ForwardingStorage;
    Result<bool> create_if_absent(const io::Path& path, std::string_view) override {
      return make_error(Code::kNoSpace, "{}: full", path.string());
    }
    Result<std::unique_ptr<io::ReadableFile>> open(const io::Path& path, const io::OpenOptions&) override {
      return make_error(Code::kPermission, "{}: open", path.string());
    }
  };
  Failing failing(storage_);
  EXPECT_ERROR(FolderLock::take(failing, "/d", "x.lock", me()), Code::kNoSpace, "/d/x.lock: full");
  put(to_text(me()));
  EXPECT_ERROR(FolderLock::take(failing, "/d", "x.lock", me()), Code::kFailed, "somebody is at work in the folder");
}

TEST_F(FolderLockTest, AStorageThatFailsIsNoLock) {
  EXPECT_ERROR(FolderLock::take(storage_, "/nowhere", "x.lock", me()), Code::kNotFound, "/nowhere/x.lock");
}

TEST_F(FolderLockTest, LocksAndClaimsAreFound) {
  const auto found = [&] { return has_lock(*storage_.list("/d"), "x.lock"); };
  put("");
  EXPECT_TRUE(found());
  EXPECT_OK(storage_.remove("/d/x.lock"));
  EXPECT_FALSE(found());
  for (const char* other : {"/d/x.lock2", "/d/y.lock", "/d/x.locktakeover-1"})
    EXPECT_OK(io::replace_whole(storage_, other, ""));
  EXPECT_FALSE(found());
  EXPECT_OK(io::replace_whole(storage_, "/d/x.lock.takeover-1", ""));
  EXPECT_TRUE(found());
}

TEST(HasEnded, OnlyWhereItIsKnown) {
  const LockOwner self = me();
  EXPECT_FALSE(has_ended(self, self));
  const pid_t zombie = ::fork();
  if (zombie == 0) ::_exit(0);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(zombie), &info, WEXITED | WNOWAIT), 0);
  LockOwner dead = self;
  dead.pid = zombie;
  EXPECT_TRUE(has_ended(dead, self)) << "one that nobody has reaped";
  ASSERT_EQ(::waitpid(zombie, nullptr, 0), zombie);
  EXPECT_TRUE(has_ended(dead, self));
  LockOwner other = self;
  other.pid = ::getppid();
  other.start = 0;  // it was not known
  EXPECT_FALSE(has_ended(other, self)) << "the parent lives";
  other.start = 1;
  EXPECT_TRUE(has_ended(other, self)) << "the number belongs to another process now";
  other = self;
  other.start -= 1;
  EXPECT_TRUE(has_ended(other, self)) << "our own number, of an earlier process";
  other.pid_namespace = "pid:[1]";
  EXPECT_FALSE(has_ended(other, self)) << "another container's numbers";
  LockOwner now = self;
  now.machine = "m";
  now.pid_namespace = "pid:[4026531836]";
  other = now;
  other.boot = "another";
  EXPECT_TRUE(has_ended(other, now)) << "the host was started again";
  LockOwner elsewhere = other;
  elsewhere.host = "another";
  EXPECT_FALSE(has_ended(elsewhere, now)) << "another host";
  elsewhere = other;
  elsewhere.machine = "n";
  EXPECT_FALSE(has_ended(elsewhere, now)) << "another machine of the same name";
  elsewhere = other;
  elsewhere.pid_namespace = "pid:[7]";
  EXPECT_FALSE(has_ended(elsewhere, now)) << "a container";
  LockOwner unknown = now;
  unknown.machine.clear();
  elsewhere = other;
  elsewhere.machine.clear();
  EXPECT_FALSE(has_ended(elsewhere, unknown)) << "machines of which nothing is known";
  other.boot.clear();
  EXPECT_FALSE(has_ended(other, now));
}

TEST(LockText, GoesThereAndBack) {
  const LockOwner owner{.host = "a",
                        .boot = "b",
                        .machine = "m",
                        .pid_namespace = "pid:[4]",
                        .pid = 7,
                        .start = 9,
                        .since = "s",
                        .what = "w",
                        .peers = "3:4 5:6",
                        .elsewhere = 2};
  EXPECT_EQ(parse_lock(to_text(owner)), owner);
  EXPECT_EQ(parse_lock(to_text(owner) + "later: more\nnoise\n"), owner);
  EXPECT_FALSE(parse_lock("stoker is at work in this folder\nhost: a\npid: x\n"));
  EXPECT_FALSE(parse_lock("stoker is at work in this folder\nhost: a\npid: 0\n"));
  EXPECT_FALSE(parse_lock("stoker is at work in this folder\npid: 3\n"));
}

}  // namespace
}  // namespace stoker::dataset
