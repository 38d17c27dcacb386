#include "data/format/output_buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format {
namespace {

// Steps of all lengths, some of which fall across the ends of pieces: the file holds what was made, in pieces of one
// size.
TEST(OutputBuffer, PiecesAreFullAndNothingIsLost) {
  io::testing::MemStorage storage;
  ASSERT_OK(storage.make_directories("/d"));
  OutputBuffer out;
  for (const std::size_t total : {std::size_t{0}, std::size_t{1}, OutputBuffer::kPieceBytes,
                                  OutputBuffer::kPieceBytes + 3, 3 * OutputBuffer::kPieceBytes + 17}) {
    const auto file = storage.create("/d/f");
    ASSERT_OK(file);
    out.begin(**file);
    std::mt19937_64 random(total);
    std::vector<std::byte> made;
    while (made.size() < total) {
      const std::size_t wanted = std::min<std::size_t>(total - made.size(), random() % ByteTarget::kMaxReserve + 1);
      const auto room = out.reserve(wanted);
      ASSERT_OK(room);
      ASSERT_GE(room->size(), wanted);
      for (std::size_t i = 0; i < wanted; ++i) made.push_back((*room)[i] = static_cast<std::byte>(random()));
      out.commit(wanted);
      ASSERT_EQ(out.position(), made.size());
    }
    ASSERT_OK(out.finish());
    EXPECT_EQ(out.position(), total);
    EXPECT_EQ((*file)->position(), total);
    ASSERT_OK((*file)->commit());
    EXPECT_EQ(storage.get("/d/f"), made);
    std::uint64_t expected = 0;
    for (const auto& call : storage.calls()) {
      if (call.op != io::testing::MemCall::Op::kAppend) continue;
      EXPECT_EQ(call.offset, expected);
      EXPECT_EQ(call.length, std::min<std::uint64_t>(OutputBuffer::kPieceBytes, total - expected));
      expected += call.length;
    }
    EXPECT_EQ(expected, total);
    storage.clear_calls();
  }
}

}  // namespace
}  // namespace stoker::format
