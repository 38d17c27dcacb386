// What the kernel knows of a thread's ring: memory and files that it need not look up for each request.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <liburing.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "data/io/read_queue.h"
#include "data/io/storage.h"

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
  AlignedBuffer buffer(16 * WritableFile::kPieceBytes);
  iovec memory{buffer.data(), buffer.size()};
  __u64 tag = 0;
  const bool known = ::io_uring_register_files_sparse(&ring, 16) == 0 &&
                     ::io_uring_register_buffers_sparse(&ring, 64) == 0 &&
                     ::io_uring_register_buffers_update_tag(&ring, 0, &memory, &tag, 1) == 1;
  ::io_uring_queue_exit(&ring);
  return known;
}

// What the kernel tells of the rings of this process.
std::string ring_facts() {
  std::string facts;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (fs::read_symlink(entry.path(), gone).string().find("io_uring") == std::string::npos) continue;
    std::ifstream in("/proc/self/fdinfo/" + entry.path().filename().string());
    facts.append(std::istreambuf_iterator<char>(in), {});
  }
  return facts;
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

  const ::stoker::testing::TempDir dir_;
  const std::unique_ptr<Storage> storage_ = make_posix_storage();
};

TEST_F(UringTest, IsUsedWhereTheKernelHasIt) {
  std::thread([&] {
    const auto queue = storage_->make_read_queue({}, nullptr);
    const Lease memory = queue->lease(kBlock);
    read_blocks(*queue, *make("a"), memory, 1);
    EXPECT_THAT(ring_facts(), HasSubstr("UserBufs"));
  }).join();
}

TEST_F(UringTest, KnowsFilesOfEightRequests) {
  std::thread([&] {
    const auto queue = storage_->make_read_queue({}, nullptr);
    const Lease memory = queue->lease(16 * kBlock);
    const auto small = make("a"), first = make("b"), second = make("c");
    read_blocks(*queue, *small, memory, 7);
    EXPECT_THAT(ring_facts(), Not(HasSubstr(small->path().string())));
    read_blocks(*queue, *first, memory, 8);
    read_blocks(*queue, *second, memory, 9);
    EXPECT_THAT(ring_facts(), HasSubstr(first->path().string()));
    EXPECT_THAT(ring_facts(), HasSubstr(second->path().string()));
    read_blocks(*queue, *first, memory, 1);
  }).join();
}

// It has room for sixteen: a later one takes the place of an earlier one, whose reads go on without.
TEST_F(UringTest, FilesTakeTurns) {
  std::thread([&] {
    const auto queue = storage_->make_read_queue({}, nullptr);
    const Lease memory = queue->lease(16 * kBlock);
    std::vector<std::unique_ptr<ReadableFile>> files;
    for (char name = 'a'; name <= 'q'; ++name) {
      files.push_back(make(std::string(1, name)));
      read_blocks(*queue, *files.back(), memory, 8);
    }
    const std::string facts = ring_facts();
    EXPECT_THAT(facts, Not(HasSubstr(files.front()->path().string())));
    for (std::size_t i = 1; i < files.size(); ++i) EXPECT_THAT(facts, HasSubstr(files[i]->path().string()));
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
      EXPECT_THAT(ring_facts(), HasSubstr(known(first)));
      EXPECT_THAT(ring_facts(), Not(HasSubstr(known(second)))) << "nothing was read into it";
      read_blocks(*queue, *file, second, 2);
      EXPECT_THAT(ring_facts(), HasSubstr(known(first)));
      EXPECT_THAT(ring_facts(), HasSubstr(known(second)));
    }
    const Lease grown = queue->lease(64 * kBlock);
    read_blocks(*queue, *file, grown, 2);
    EXPECT_THAT(ring_facts(), HasSubstr(known(grown)));
  }).join();
}

TEST_F(UringTest, KnowsTheFourPiecesOfAWriter) {
  std::thread([&] {
    auto file = storage_->create(dir_.path() / "file", {.direct = DirectWrites::kYes});
    ASSERT_OK(file);
    ASSERT_OK((*file)->lend());
    ASSERT_OK((*file)->give_back(WritableFile::kPieceBytes));
    EXPECT_THAT(ring_facts(), HasSubstr("UserBufs:\t4\n"));
    ASSERT_OK((*file)->close());
    EXPECT_EQ((*file)->direct_bytes(), WritableFile::kPieceBytes);
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
    EXPECT_GT(seen.waited, 0);
  }).join();
}

}  // namespace
}  // namespace stoker::io
