#include "workloads/training/shared_reader.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "data/io/testing/mem_storage.h"
#include "workloads/training/testing/outline_reader.h"

namespace stoker::training {
namespace {

// How many ranks the last reader was told to serve, and how many readers there were.
std::uint64_t ranks_told = 0;
int made = 0;
bool refuse = false;

class Reader final : public testing::OutlineReader {
 public:
  void share(std::uint64_t ranks) override { ranks_told = ranks; }
};

format::Format counting_format() {
  format::Format format{};
  format.make_reader = [](const config::Workload&, io::Storage&) -> Result<std::unique_ptr<format::FormatReader>> {
    if (refuse) return make_error(Code::kConfig, "refused");
    ++made;
    return std::unique_ptr<format::FormatReader>(std::make_unique<Reader>());
  };
  return format;
}

TEST(SharedReader, IsOneForAllRanksAndEndsWithTheLast) {
  const format::Format format = counting_format();
  const config::Workload workload;
  io::testing::MemStorage storage;
  SharedReader shared;
  {
    const auto first = shared.get(format, workload, storage, 3);
    const auto second = shared.get(format, workload, storage, 3);
    ASSERT_OK(first);
    ASSERT_OK(second);
    EXPECT_EQ(first->get(), second->get());
    EXPECT_EQ(made, 1);
    EXPECT_EQ(ranks_told, 3U);
  }
  EXPECT_OK(shared.get(format, workload, storage, 1));
  EXPECT_EQ(made, 2) << "another run has its own";
  refuse = true;
  EXPECT_ERROR(shared.get(format, workload, storage, 1), Code::kConfig, "refused");
}

}  // namespace
}  // namespace stoker::training
