// After the largest unit was read once, reading allocates nothing: asserted by counting operator new.
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "base/testing/status_matchers.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/testing/arrow_files.h"
#include "data/format/parquet/testing/counting_new.h"
#include "data/io/storage.h"

namespace stoker::format::parquet {
namespace {

// A file in memory without the records that MemStorage keeps.
class SilentFile final : public io::ReadableFile {
 public:
  explicit SilentFile(const std::vector<std::byte>& content) : content_(content) {}
  [[nodiscard]] std::uint64_t size() const override { return content_.size(); }
  [[nodiscard]] std::size_t alignment() const override { return 1; }
  Status read_many(std::span<const io::ReadOp> ops, io::ReadObserver*) override {
    for (const io::ReadOp& op : ops) {
      std::copy_n(content_.begin() + static_cast<std::ptrdiff_t>(op.offset), op.into.size(), op.into.begin());
    }
    return {};
  }
  [[nodiscard]] const io::Path& path() const override { return path_; }

 private:
  const std::vector<std::byte>& content_;
  io::Path path_ = "f.parquet";
};

class SilentStorage final : public io::Storage {
 public:
  explicit SilentStorage(const std::vector<std::byte>& content) : content_(content) {}
  Result<std::unique_ptr<io::ReadableFile>> open(const io::Path&, const io::OpenOptions&) override {
    return std::unique_ptr<io::ReadableFile>(std::make_unique<SilentFile>(content_));
  }
  Result<std::unique_ptr<io::WritableFile>> create(const io::Path&, const io::WriteOptions&) override {
    return unused();
  }
  Result<bool> create_if_absent(const io::Path&, std::string_view) override { return unused(); }
  Result<std::uint64_t> file_size(const io::Path&) override { return unused(); }
  Result<bool> exists(const io::Path&) override { return unused(); }
  Result<std::vector<io::DirEntry>> list(const io::Path&) override { return unused(); }
  Status make_directories(const io::Path&) override { return unused(); }
  Status rename(const io::Path&, const io::Path&) override { return unused(); }
  Status remove(const io::Path&) override { return unused(); }
  Result<bool> remove_empty_directory(const io::Path&) override { return unused(); }
  Result<io::SpaceInfo> space(const io::Path&) override { return unused(); }
  Status flush(const io::Path&) override { return unused(); }

 private:
  static Error unused() { return make_error(Code::kUnsupported, "only for reading"); }
  const std::vector<std::byte>& content_;
};

class SteadyMemory : public ::testing::TestWithParam<bool> {};

TEST_P(SteadyMemory, NoAllocationAfterTheLargestUnit) {
  const bool defaults = GetParam();
  std::vector<std::shared_ptr<::arrow::Field>> fields;
  for (int i = 0; i < 8; ++i) {
    fields.push_back(::arrow::field(fmt::format("b{}", i), ::arrow::int8(), defaults));
    fields.push_back(::arrow::field(fmt::format("f{}", i), ::arrow::float32(), defaults));
  }
  fields.push_back(::arrow::field("s", ::arrow::utf8(), defaults));
  fields.push_back(::arrow::field("t", ::arrow::boolean(), defaults));
  fields.push_back(
      ::arrow::field("v", ::arrow::fixed_size_list(::arrow::field("element", ::arrow::float32(), false), 50), false));
  ::parquet::WriterProperties::Builder builder;
  if (!defaults) testing::plain(builder);
  const auto bytes = testing::write_with_arrow(
      *testing::random_table(::arrow::schema(fields), {.rows = 6000, .nulls = defaults ? 0.1 : 0, .distinct = 100}),
      builder.build(), {.row_group_rows = 500});
  SilentStorage storage(bytes);
  const auto reader = make_parquet_reader({}, storage);
  ASSERT_OK(reader);
  const auto file = (*reader)->open("f.parquet", nullptr);
  ASSERT_OK(file);
  const auto buffer = (*file)->make_buffer();
  Chunk chunk;
  std::uint64_t rows = 0;
  const auto read_all = [&] {
    for (std::size_t u = 0; u < (*file)->units().size(); ++u) {
      const Unit& unit = (*file)->units()[u];
      if (!(*file)->fetch(u, unit.first_row, unit.rows, *buffer, nullptr) || !(*file)->decompress(*buffer) ||
          !(*file)->decode(*buffer, chunk)) {
        return;
      }
      rows += chunk.rows;
    }
  };
  read_all();
  read_all();
  const std::uint64_t before = testing::allocations();
  read_all();
  EXPECT_EQ(testing::allocations() - before, 0U);
  EXPECT_EQ(rows, 3U * 6000);
}

INSTANTIATE_TEST_SUITE_P(Plain, SteadyMemory, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Defaults, SteadyMemory, ::testing::Values(true));

}  // namespace
}  // namespace stoker::format::parquet
