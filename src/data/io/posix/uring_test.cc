// What the kernel knows of a thread's ring: memory and files that it need not look up for each request.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <liburing.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/fd.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "data/io/read_queue.h"
#include "data/io/storage.h"
#include "data/io/testing/refuse_calls.h"
#include "data/io/whole_file.h"

namespace stoker::io {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::size_t kBlock = 4096;

// Whether this process gets rings, and may tell them of files and memory: not on old kernels, nor past limits.
bool rings_know_memory() {
  io_uring ring{};
  if (::io_uring_queue_init(4, &ring, 0) != 0) return false;
  AlignedBuffer buffer(16 * Sink::kPieceBytes);
  iovec memory{buffer.data(), buffer.size()};
  __u64 tag = 0;
  const bool known = ::io_uring_register_files_sparse(&ring, 16) == 0 &&
                     ::io_uring_register_buffers_sparse(&ring, 64) == 0 &&
                     ::io_uring_register_buffers_update_tag(&ring, 0, &memory, &tag, 1) == 1;
  ::io_uring_queue_exit(&ring);
  return known;
}

// The descriptors of this process's rings.
std::vector<int> rings() {
  std::vector<int> found;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (fs::read_symlink(entry.path(), gone).string().find("io_uring") != std::string::npos)
      found.push_back(std::stoi(entry.path().filename()));
  }
  return found;
}

class UringTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!rings_know_memory()) GTEST_SKIP() << "the kernel gives no rings, or tells them of no memory";
    if (auto file = storage_->create(dir_.path() / "probe", {.direct = DirectWrites::kYes});
        !file && file.error().code == Code::kUnsupported) {
      GTEST_SKIP() << "the temporary folder has no O_DIRECT: " << file.error().message;
    }
  }
  std::unique_ptr<ReadableFile> make(const std::string& name) {
    const Path path = dir_.path() / name;
    fs::remove(path);
    std::ofstream(path) << std::string(16 * kBlock, name.front());
    auto file = storage_->open(path, {.direct = true});
    EXPECT_OK(file);
    return file ? std::move(*file) : nullptr;
  }
  static void read_blocks(ReadQueue& queue, ReadableFile& file, const Lease& memory, std::size_t blocks) {
    std::vector<ReadOp> ops;
    for (std::size_t i = 0; i < blocks; ++i) ops.push_back({i * kBlock, memory.bytes().subspan(i * kBlock, kBlock)});
    queue.submit(1, file, memory, ops);
    ASSERT_OK(queue.wait(1, {}));
    const auto name = static_cast<std::byte>(file.path().filename().string().front());
    EXPECT_TRUE(std::ranges::all_of(memory.bytes().first(blocks * kBlock), [&](std::byte b) { return b == name; }));
  }
  static std::string known(const Lease& memory) {
    return fmt::format("0x{:x}/{}", reinterpret_cast<std::uintptr_t>(memory.bytes().data()),
                       memory.block()->memory.capacity());
  }

  // Those that were made in the test: other tests' threads may have some yet.
  [[nodiscard]] std::vector<int> made() const {
    std::vector<int> found = rings();
    std::erase_if(found, [this](int ring) { return std::ranges::find(before_, ring) != before_.end(); });
    return found;
  }
  // What the kernel tells of them.
  [[nodiscard]] std::string facts() const {
    std::string facts;
    for (const int ring : made()) {
      std::ifstream in(fmt::format("/proc/self/fdinfo/{}", ring));
      facts.append(std::istreambuf_iterator<char>(in), {});
    }
    return facts;
  }

  const std::vector<int> before_ = rings();
  const ::stoker::testing::TempDir dir_;
  const std::unique_ptr<Storage> storage_ = make_posix_storage();
};

TEST_F(UringTest, IsUsedWhereTheKernelHasIt) {
  std::thread([&] {
    const auto queue = storage_->make_read_queue({}, nullptr);
    const Lease memory = queue->lease(kBlock);
    read_blocks(*queue, *make("a"), memory, 1);
    EXPECT_EQ(made().size(), 1U);
  }).join();
}

TEST_F(UringTest, KnowsFilesOfEightRequests) {
  std::thread([&] {
    const auto queue = storage_->make_read_queue({}, nullptr);
    const Lease memory = queue->lease(16 * kBlock);
    const auto small = make("a"), first = make("b"), second = make("c");
    read_blocks(*queue, *small, memory, 7);
    EXPECT_THAT(facts(), Not(HasSubstr(small->path().string())));
    read_blocks(*queue, *first, memory, 8);
    read_blocks(*queue, *second, memory, 9);
    EXPECT_THAT(facts(), HasSubstr(first->path().string()));
    EXPECT_THAT(facts(), HasSubstr(second->path().string()));
    read_blocks(*queue, *first, memory, 1);
  }).join();
}

// It has room for sixteen: a later one takes the place of an earlier one, whose reads go on without.
TEST_F(UringTest, FilesTakeTurns) {
  std::thread([&] {
    const auto queue = storage_->make_read_queue({.depth = 4}, nullptr);
    const Lease memory = queue->lease(16 * kBlock);
    std::vector<std::unique_ptr<ReadableFile>> files;
    for (char name = 'a'; name <= 'q'; ++name) {
      files.push_back(make(std::string(1, name)));
      read_blocks(*queue, *files.back(), memory, 8);
    }
    const std::string known_files = facts();
    EXPECT_THAT(known_files, Not(HasSubstr(files.front()->path().string())));
    for (std::size_t i = 1; i < files.size(); ++i) EXPECT_THAT(known_files, HasSubstr(files[i]->path().string()));
    for (const auto& file : files) read_blocks(*queue, *file, memory, 2);
    // Under way together in the same place, the later one sent while the earlier one's requests wait for room.
    const Lease more = queue->lease(16 * kBlock);
    std::vector<ReadOp> ops[2];
    for (std::size_t i = 0; i < 16; ++i) {
      ops[0].push_back({i * kBlock, memory.bytes().subspan(i * kBlock, kBlock)});
      ops[1].push_back({i * kBlock, more.bytes().subspan(i * kBlock, kBlock)});
    }
    queue->submit(7, *files.back(), memory, ops[0]);
    queue->submit(8, *files.front(), more, ops[1]);
    ASSERT_OK(queue->wait(7, {}));
    ASSERT_OK(queue->wait(8, {}));
    EXPECT_EQ(memory.bytes().back(), std::byte{'q'});
    EXPECT_EQ(more.bytes().back(), std::byte{'a'});
  }).join();
}

TEST_F(UringTest, KnowsTheMemoryThatAQueueLends) {
  std::thread([&] {
    const auto queue = storage_->make_read_queue({}, nullptr);
    const auto file = make("a");
    {
      const Lease first = queue->lease(16 * kBlock), second = queue->lease(8 * kBlock);
      read_blocks(*queue, *file, first, 2);
      EXPECT_THAT(facts(), HasSubstr(known(first)));
      EXPECT_THAT(facts(), Not(HasSubstr(known(second)))) << "nothing was read into it";
      read_blocks(*queue, *file, second, 2);
      EXPECT_THAT(facts(), HasSubstr(known(first)));
      EXPECT_THAT(facts(), HasSubstr(known(second)));
    }
    const Lease grown = queue->lease(64 * kBlock);
    read_blocks(*queue, *file, grown, 2);
    EXPECT_THAT(facts(), HasSubstr(known(grown)));
  }).join();
}

TEST_F(UringTest, KnowsTheFourPiecesOfAWriter) {
  std::thread([&] {
    auto file = storage_->create(dir_.path() / "file", {.direct = DirectWrites::kYes});
    ASSERT_OK(file);
    ASSERT_OK((*file)->lend());
    ASSERT_OK((*file)->give_back(Sink::kPieceBytes));
    EXPECT_THAT(facts(), HasSubstr("UserBufs:\t4\n"));
    ASSERT_OK((*file)->commit());
    EXPECT_EQ((*file)->direct_bytes(), Sink::kPieceBytes);
  }).join();
}

// Whether answers were there before the thread looked for them.
struct Late final : ReadObserver {
  std::int64_t now_ns() override { return 0; }
  void completed(std::int64_t, std::int64_t, std::uint64_t, bool seen_late) override { (seen_late ? late : waited)++; }
  int late = 0, waited = 0;
};

// How long a storage takes is not ours to say: tried until it was so.
TEST_F(UringTest, TellsWhatWasThereBeforeItWasWaitedFor) {
  std::thread([&] {
    Late seen;
    const auto queue = storage_->make_read_queue({}, &seen);
    const auto file = make("a");
    const Lease memory = queue->lease(kBlock);
    const ReadOp op{0, memory.bytes()};
    for (int i = 0; i < 1000 && seen.late == 0; ++i) {
      queue->submit(1, *file, memory, {&op, 1});
      std::this_thread::sleep_for(std::chrono::milliseconds(1 << std::min(i, 5)));
      ASSERT_OK(queue->wait(1, {}));
    }
    EXPECT_GT(seen.late, 0);
    for (int i = 0; i < 1000 && seen.waited == 0; ++i) read_blocks(*queue, *file, memory, 1);
    if (seen.waited == 0) GTEST_SKIP() << "this storage answers before anybody can wait";
  }).join();
}

TEST_F(UringTest, OneRequestThatIsWaitedForAtOnceNeedsNone) {
  std::thread([&] {
    const auto file = make("a");
    AlignedBuffer buffer(2 * kBlock);
    ASSERT_OK(read_at(*file, 0, buffer.bytes().first(kBlock)));
    EXPECT_TRUE(made().empty());
    const std::vector<ReadOp> two{{0, buffer.bytes().first(kBlock)}, {kBlock, buffer.bytes().subspan(kBlock)}};
    ASSERT_OK(file->read_many(two, nullptr));
    EXPECT_EQ(made().size(), 1U);
  }).join();
}

// Each in a process of its own, in which no other test has made a ring, or was refused one.
TEST_F(UringTest, MechanismsAreThoseOfTheThreadsSoFar) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto use_in_thread = [&](bool with_ring) {
    std::thread([&] {
      if (!with_ring && !testing::refuse_to_this_thread({.number = SYS_io_uring_setup, .error_number = EPERM})) return;
      const auto queue = storage_->make_read_queue({}, nullptr);
      const Lease memory = queue->lease(kBlock);
      read_blocks(*queue, *make("a"), memory, 1);
      const auto file = storage_->create(dir_.path() / "written", {.direct = DirectWrites::kYes});
      (void)(*file)->lend();
      (void)(*file)->give_back(Sink::kPieceBytes);
      (void)(*file)->commit();
    }).join();
  };
  const auto tell = [] {
    std::fputs(fmt::format("{}; {}", direct_mechanism(), direct_write_mechanism()).c_str(), stderr);
    std::_Exit(0);
  };
  EXPECT_EXIT(tell(), ::testing::ExitedWithCode(0), "^io_uring; pwrite$") << "nobody has tried yet";
  EXPECT_EXIT((use_in_thread(true), tell()), ::testing::ExitedWithCode(0), "^io_uring; io_uring$");
  EXPECT_EXIT((use_in_thread(false), tell()), ::testing::ExitedWithCode(0), "^pread; pwrite$");
  EXPECT_EXIT((use_in_thread(true), use_in_thread(false), tell()), ::testing::ExitedWithCode(0),
              "^io_uring, pread in some threads; io_uring, pwrite in some threads$");
}

// All requests count that are not answered, of all chunks, and those alone.
TEST_F(UringTest, CountsRequestsToItsDepth) {
  std::thread([&] {
    const auto file = make("a");
    const auto queue = storage_->make_read_queue({.depth = 4}, nullptr);
    const Lease memory = queue->lease(4 * kBlock);
    std::vector<ReadOp> ops;
    for (std::size_t i = 0; i < 4; ++i) ops.push_back({i * kBlock, memory.bytes().subspan(i * kBlock, kBlock)});
    for (int round = 0; round < 20; ++round) {
      queue->submit(1, *file, memory, std::span(ops).first(2));
      queue->submit(2, *file, memory, std::span(ops).subspan(2, 1));
      EXPECT_TRUE(queue->wants_more());
      queue->submit(3, *file, memory, std::span(ops).subspan(3, 1));
      EXPECT_FALSE(queue->wants_more());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // most are answered then, which may not matter
      ASSERT_OK(queue->wait(1, {}));
      EXPECT_TRUE(queue->wants_more());
      ASSERT_OK(queue->wait(2, {}));
      ASSERT_OK(queue->wait(3, {}));
    }
  }).join();
}

// The limit on locked memory, for one.
TEST_F(UringTest, ReadsIntoMemoryThatTheKernelWillNotKnow) {
  for (const int error_number : {ENOMEM, EINVAL}) {
    std::thread([&] {
      if (!testing::refuse_to_this_thread({.number = SYS_io_uring_register,
                                           .error_number = error_number,
                                           .argument = 1,
                                           .value = IORING_REGISTER_BUFFERS_UPDATE}))
        GTEST_SKIP() << "seccomp filters are not available";
      const auto file = make("a");
      const auto queue = storage_->make_read_queue({}, nullptr);
      for (int i = 0; i < 3; ++i) {
        const Lease first = queue->lease(16 * kBlock), second = queue->lease(16 * kBlock);
        read_blocks(*queue, *file, first, 16);
        read_blocks(*queue, *file, second, 1);
        EXPECT_THAT(facts(), Not(HasSubstr(known(first))));
      }
    }).join();
  }
}

// What the kernel takes no requests of any more fails; what it has not seen of yet goes through another ring. The new
// ring gets the lowest number that is free.
TEST_F(UringTest, ARingThatTakesNothingIsMadeAnew) {
  for (const int error_number : {EAGAIN, EBUSY, ENOMEM}) {
    std::thread([&] {
      const auto file = make("a");
      Fd lowest(::open("/dev/null", O_RDONLY | O_CLOEXEC));
      const auto queue = storage_->make_read_queue({.depth = 2}, nullptr);
      const Lease memory = queue->lease(16 * kBlock), other = queue->lease(16 * kBlock);
      read_blocks(*queue, *file, memory, 8);
      ASSERT_EQ(made().size(), 1U);
      if (!testing::refuse_to_this_thread({.number = SYS_io_uring_enter,
                                           .error_number = error_number,
                                           .argument = 0,
                                           .value = static_cast<std::uint32_t>(made().front())}))
        GTEST_SKIP() << "seccomp filters are not available";
      lowest.close();
      const std::vector<ReadOp> two{{0, memory.bytes().first(kBlock)},
                                    {kBlock, memory.bytes().subspan(kBlock, kBlock)}};
      const std::vector<ReadOp> three{{0, other.bytes().first(kBlock)},
                                      {kBlock, other.bytes().subspan(kBlock, kBlock)},
                                      {2 * kBlock, other.bytes().subspan(2 * kBlock, kBlock)}};
      queue->submit(1, *file, memory, two);
      queue->submit(2, *file, other, three);
      const Status failed = queue->wait(1, {});
      ASSERT_FALSE(failed);
      EXPECT_THAT(failed.error().message, HasSubstr("a: read of 0 bytes at offset 0: "));
      EXPECT_TRUE(queue->wants_more());
      ASSERT_OK(queue->wait(2, {}));
      EXPECT_TRUE(
          std::ranges::all_of(other.bytes().first(3 * kBlock), [](std::byte b) { return b == std::byte{'a'}; }));
      read_blocks(*queue, *file, memory, 16);
      EXPECT_THAT(facts(), HasSubstr(known(memory)));
      EXPECT_THAT(facts(), HasSubstr(file->path().string()));
    }).join();
  }
}

TEST_F(UringTest, WithoutAnotherRingAllFailsThatWasUnderWayAndTheRestIsReadWithout) {
  for (const unsigned depth : {2U, 8U})
    std::thread([&] {
      const auto file = make("a");
      const auto queue = storage_->make_read_queue({.depth = depth}, nullptr);
      const Lease memory = queue->lease(16 * kBlock);
      read_blocks(*queue, *file, memory, 1);
      if (!testing::refuse_to_this_thread({.number = SYS_io_uring_enter, .error_number = EAGAIN}) ||
          !testing::refuse_to_this_thread({.number = SYS_io_uring_setup, .error_number = EPERM}))
        GTEST_SKIP() << "seccomp filters are not available";
      const std::vector<ReadOp> two{{0, memory.bytes().first(kBlock)},
                                    {kBlock, memory.bytes().subspan(kBlock, kBlock)}};
      queue->submit(1, *file, memory, two);
      queue->submit(2, *file, memory, two);
      const std::string text = "a: read of 0 bytes at offset 0: Resource temporarily unavailable";
      EXPECT_ERROR(queue->wait(1, {}), Code::kIo, text);
      EXPECT_ERROR(queue->wait(2, {}), Code::kIo, text);
      EXPECT_TRUE(made().empty());
      read_blocks(*queue, *file, memory, 16);
    }).join();
}

// What the ring does not take is written by calls that block.
TEST_F(UringTest, AWriterWhoseRingTakesNothingWritesAllTheSame) {
  for (const int error_number : {EAGAIN, EBUSY, ENOMEM}) {
    std::thread([&] {
      if (!testing::refuse_to_this_thread({.number = SYS_io_uring_enter, .error_number = error_number}))
        GTEST_SKIP() << "seccomp filters are not available";
      const Path path = dir_.path() / "file";
      auto file = storage_->create(path, {.direct = DirectWrites::kYes});
      ASSERT_OK(file);
      for (char piece = 'a'; piece <= 'f'; ++piece) {
        const auto memory = (*file)->lend();
        ASSERT_OK(memory);
        std::ranges::fill(*memory, static_cast<std::byte>(piece));
        ASSERT_OK((*file)->give_back(Sink::kPieceBytes));
      }
      ASSERT_OK((*file)->commit());
      EXPECT_TRUE(made().empty());
      std::string expected;
      for (char piece = 'a'; piece <= 'f'; ++piece) expected.append(Sink::kPieceBytes, piece);
      const auto found = read_whole(*storage_, path);
      ASSERT_OK(found);
      EXPECT_TRUE(*found == expected);
    }).join();
  }
}

}  // namespace
}  // namespace stoker::io
