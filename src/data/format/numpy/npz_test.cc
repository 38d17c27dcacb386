// Archives that others made, and what is told of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/checksum.h"
#include "base/testing/status_matchers.h"
#include "data/format/chunk_reader.h"
#include "data/format/numpy/npy.h"
#include "data/format/numpy/numpy_internal.h"
#include "data/format/zip.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::numpy {
namespace {

using config::DType;
using io::testing::MemCall;
using io::testing::MemStorage;
using ::testing::HasSubstr;

std::vector<std::byte> array_of(const std::vector<std::uint64_t>& shape, std::size_t data_bytes) {
  const std::string header = npy_header(DType::kUint8, shape);
  const Bytes text = std::as_bytes(std::span(header));
  std::vector<std::byte> bytes(text.begin(), text.end());
  for (std::size_t i = 0; i < data_bytes; ++i) bytes.push_back(static_cast<std::byte>(i));
  return bytes;
}

struct Content {
  std::string name;
  std::vector<std::byte> bytes;
};

std::vector<std::byte> archive(const std::vector<Content>& contents) {
  std::vector<std::byte> out;
  std::vector<ZipMember> members;
  for (const Content& content : contents) {
    const std::uint64_t size = content.bytes.size();
    members.push_back({.name = content.name,
                       .crc = crc32(content.bytes),
                       .stored_bytes = size,
                       .plain_bytes = size,
                       .offset = out.size()});
    append_local_header(out, members.back());
    out.insert(out.end(), content.bytes.begin(), content.bytes.end());
  }
  const std::uint64_t offset = out.size();
  append_directory(out, members, offset);
  return out;
}

class NpzTest : public ::testing::Test {
 protected:
  NpzTest() { w_.dataset.format = config::FormatName::kNpz; }
  Result<Chunk> read(const ChunkRows& rows = {0, 0, 1}) {
    STOKER_ASSIGN(reader_, make_reader(w_, storage_));
    STOKER_ASSIGN(file_, reader_->open("f.npz", nullptr));
    Chunk chunk;
    STOKER_TRY(chunks_.read(*file_, rows, chunk));
    return chunk;
  }

  MemStorage storage_;
  config::Workload w_;
  std::unique_ptr<FormatReader> reader_;
  std::unique_ptr<FileReader> file_;
  ChunkReader chunks_;
};

TEST_F(NpzTest, SamplesAreFoundBesideOtherMembersInAnyOrder) {
  storage_.put("f.npz", archive({{"y.npy", array_of({3}, 24)}, {"notes.txt", {}}, {"x.npy", array_of({2, 3}, 6)}}));
  w_.reader.collate = true;
  const auto chunk = read({0, 1, 2});
  ASSERT_OK(chunk);
  EXPECT_EQ(file_->rows(), 3U);
  EXPECT_EQ(chunk->useful_bytes, 4U);
  // The samples are the last axis: 0 3, 1 4, 2 5.
  EXPECT_TRUE(std::ranges::equal(chunk->columns.at(0).segments.at(0).values,
                                 std::array{std::byte{1}, std::byte{4}, std::byte{2}, std::byte{5}}));
}

TEST_F(NpzTest, EveryByteIsReadOnceAndTheRestIsHeads) {
  const auto whole = archive({{"x.npy", array_of({100, 100, 4}, 40'000)}, {"y.npy", array_of({4}, 32)}});
  storage_.put("f.npz", whole);
  storage_.clear_calls();
  ASSERT_OK(read({0, 0, 4}));
  std::uint64_t bytes = 0;
  for (const MemCall& call : storage_.calls()) bytes += call.op == MemCall::Op::kRead ? call.length : 0;
  EXPECT_GE(bytes, whole.size());
  EXPECT_LE(bytes, whole.size() + 2 * 4096 + 100);
}

TEST_F(NpzTest, DirectoryBehindManyMembersOrAComment) {
  std::vector<Content> many{{"x.npy", array_of({2, 1}, 2)}};
  for (int i = 0; i < 200; ++i) many.push_back({fmt::format("other_{}.npy", i), {}});
  auto whole = archive(many);
  storage_.put("f.npz", whole);
  EXPECT_OK(read());
  whole[whole.size() - 1] = std::byte{0x20};  // a comment of 8 KiB
  whole.resize(whole.size() + 0x2000);
  storage_.put("f.npz", whole);
  EXPECT_OK(read());
}

TEST_F(NpzTest, ChecksumsAreThoseOfTheArchiveUnlessTheyAreSwitchedOff) {
  auto whole = archive({{"x.npy", array_of({100, 1}, 100)}, {"y.npy", array_of({1}, 8)}});
  // The last byte of the labels, in front of the directory.
  whole[whole.size() - 2 * 51 - 22 - 1] ^= std::byte{1};
  storage_.put("f.npz", whole);
  EXPECT_ERROR(read(), Code::kCorrupt, "f.npz: member 'y.npy' at byte 283 of the file: has the checksum");
  w_.reader.verify_checksums = false;
  EXPECT_OK(read());
}

TEST_F(NpzTest, WhatIsNoSetOfSamplesIsToldWithItsPath) {
  const auto refused = [&](const std::vector<std::byte>& content, Code code, const char* message) {
    storage_.put("f.npz", content);
    const auto chunk = read();
    EXPECT_ERROR(chunk, code, message);
    if (!chunk) {
      EXPECT_THAT(chunk.error().message, HasSubstr("f.npz"));
    }
    EXPECT_ERROR(inspect_npz(storage_, "f.npz", Detail::kStorage), code, message);
    EXPECT_ERROR(reader_->outline("f.npz"), code, message);
  };
  refused(archive({{"images.npy", array_of({1}, 1)}}), Code::kUnsupported, "no member 'x.npy' among its 1");
  refused(archive({{"x.npy", array_of({}, 1)}}), Code::kUnsupported, "an array without axes");
  refused(archive({{"x.npy", array_of({0, 4}, 0)}}), Code::kUnsupported, "an array whose samples have no elements");
  refused(archive({{"x.npy", array_of({5, 1}, 4)}}), Code::kCorrupt, "the array has 132 bytes, expected 133");
  refused(archive({{"x.npy", array_of({5, 1}, 6)}}), Code::kCorrupt, "the array has 134 bytes, expected 133");
  refused(archive({{"x.npy", {std::byte{1}}}}), Code::kCorrupt, "begins it");
  refused({}, Code::kCorrupt, "no directory at its end");
  auto bzip = archive({{"x.npy", array_of({5, 1}, 5)}});
  bzip[8] = bzip[bzip.size() - 22 - 51 + 10] = std::byte{12};
  refused(bzip, Code::kUnsupported, "member 'x.npy' is compressed by method 12");
  auto longer = archive({{"x.npy", array_of({5, 1}, 5)}});
  longer[28] = std::byte{0xFF};  // of its extra field
  refused(longer, Code::kCorrupt, "ends behind the end of the file");
}

TEST_F(NpzTest, ADirectoryThatClaimsMoreThanThereCanBeIsRefused) {
  const auto refused = [&](std::vector<ZipMember> members, std::size_t data_bytes, Code code, const char* message) {
    std::vector<std::byte> content(data_bytes);
    append_directory(content, members, data_bytes);
    storage_.put("f.npz", content);
    EXPECT_ERROR(read(), code, message);
  };
  const ZipMember x{.name = "x.npy", .stored_bytes = 100, .plain_bytes = 100};
  ZipMember within = x;
  within.name = "y.npy";
  within.offset = 50;
  refused({x, within}, 400, Code::kCorrupt,
          "f.npz: member 'y.npy' at byte 50 of the file: lies within the member before");
  ZipMember same = x;
  same.name = "y.npy";
  refused({x, same}, 400, Code::kCorrupt, "lies within the member before it");
  ZipMember bomb{
      .name = "z.npy", .method = kDeflated, .stored_bytes = 100, .plain_bytes = std::uint64_t{1} << 50, .offset = 150};
  refused({x, bomb}, 400, Code::kUnsupported, "f.npz: the members of the archive have more than");
  bomb.plain_bytes = UINT64_MAX;
  refused({x, bomb}, 400, Code::kUnsupported, "have more than");
}

TEST_F(NpzTest, SamplesHaveTheTypeAndShapeThatIsVerified) {
  w_.dataset.format = config::FormatName::kNpy;
  w_.reader.verify = true;
  w_.dataset.record_dims = {3, 4};
  const auto open = [&](DType dtype, const std::vector<std::uint64_t>& shape) -> Status {
    const std::string header = npy_header(dtype, shape);
    const Bytes text = std::as_bytes(std::span(header));
    std::vector<std::byte> content(text.begin(), text.end());
    content.resize(content.size() + 24);
    storage_.put("f.npz", content);
    STOKER_TRY((*make_reader(w_, storage_))->open("f.npz", nullptr));
    return {};
  };
  EXPECT_OK(open(DType::kUint8, {3, 4, 2}));
  EXPECT_ERROR(open(DType::kInt8, {3, 4, 2}), Code::kCorrupt,
               "f.npz: found samples of 3 x 4 int8, expected 3 x 4 uint8");
  EXPECT_ERROR(open(DType::kUint8, {4, 3, 2}), Code::kCorrupt, "found samples of 4 x 3 uint8");
  EXPECT_ERROR(open(DType::kUint8, {12, 2}), Code::kCorrupt, "found samples of 12 uint8");
  w_.dataset.record_dims = {};
  EXPECT_OK(open(DType::kUint8, {4, 3, 2}));
  EXPECT_ERROR(open(DType::kUint8, {12, 2}), Code::kCorrupt, "expected two dimensions of uint8");
  w_.reader.verify = false;
  EXPECT_OK(open(DType::kInt8, {12, 2}));
}

TEST_F(NpzTest, FilesOfOneTypeAndNumberOfAxesBelongTogether) {
  const auto columns = [&](DType dtype, const std::vector<std::uint64_t>& shape) {
    w_.dataset.format = config::FormatName::kNpy;
    const std::string header = npy_header(dtype, shape);
    const Bytes text = std::as_bytes(std::span(header));
    std::vector<std::byte> content(text.begin(), text.end());
    content.resize(content.size() + 24);
    storage_.put("f.npz", content);
    const auto reader = make_reader(w_, storage_);
    const std::uint64_t number = (*reader)->outline("f.npz")->columns;
    EXPECT_EQ((*(*reader)->open("f.npz", nullptr))->columns(), number);
    EXPECT_GE((*reader)->worker_bytes().value_or(0), content.size());
    return number;
  };
  EXPECT_EQ(columns(DType::kUint8, {3, 4, 2}), columns(DType::kUint8, {2, 6, 2}));
  EXPECT_NE(columns(DType::kUint8, {3, 4, 2}), columns(DType::kInt8, {3, 4, 2}));
  EXPECT_NE(columns(DType::kUint8, {3, 4, 2}), columns(DType::kUint8, {12, 2}));
}

TEST_F(NpzTest, AnArchiveWithoutSamplesHasNoUnits) {
  storage_.put("f.npz", archive({{"x.npy", array_of({5, 0}, 0)}}));
  EXPECT_EQ((*make_reader(w_, storage_))->outline("f.npz")->rows, 0U);
  EXPECT_TRUE((*(*make_reader(w_, storage_))->open("f.npz", nullptr))->units().empty());
}

// Another shape, and the same array behind a longer header: what was planned does not hold it.
TEST_F(NpzTest, AnotherFileThanWasOpenedIsAnError) {
  w_.dataset.format = config::FormatName::kNpy;
  const auto whole = array_of({600, 2}, 1200);
  storage_.put("f.npz", whole);
  reader_ = *make_reader(w_, storage_);
  file_ = *reader_->open("f.npz", nullptr);
  ReadPlan plan;
  ASSERT_OK(file_->plan({0, 0, 1}, plan));
  const auto scratch = file_->make_scratch();
  std::vector<std::byte> memory(static_cast<std::size_t>(plan.memory_bytes()));
  std::ranges::copy(whole, memory.begin());
  ASSERT_OK(file_->decompress({plan, memory}, *scratch));
  std::ranges::copy(array_of({300, 4}, 1200), memory.begin());
  EXPECT_ERROR(
      file_->decompress({plan, memory}, *scratch), Code::kCorrupt,
      "f.npz: holds 4 samples in an array of 2 axes of uint8, which is not what it was known to hold (2 samples)");
  std::ranges::copy(whole, memory.begin());
  memory[9] = std::byte{1};  // 256 bytes more of header, which are what spaces are
  std::fill(memory.begin() + 128, memory.begin() + 10 + 118 + 256, std::byte{' '});
  EXPECT_ERROR(file_->decompress({plan, memory}, *scratch), Code::kCorrupt, "f.npz: ");
}

// One request brings all of a file of which is known what it holds, and opening it asks for nothing.
TEST_F(NpzTest, WhatIsKnownIsNotReadBefore) {
  const auto values = array_of({100, 100, 4}, 40'000);
  const std::pair<config::FormatName, std::vector<std::byte>> files[] = {
      {config::FormatName::kNpz, archive({{"x.npy", values}, {"y.npy", array_of({4}, 32)}})},
      {config::FormatName::kNpy, values}};
  w_.reader.collate = true;
  for (const auto& [name, whole] : files) {
    w_.dataset.format = name;
    storage_.put("f.npz", whole);
    reader_ = *make_reader(w_, storage_);
    const auto known = reader_->outline("f.npz");
    ASSERT_OK(known);
    storage_.clear_calls();
    auto opened = reader_->open_known("f.npz", *known, nullptr);
    ASSERT_OK(opened);
    file_ = *std::move(opened);
    EXPECT_EQ(storage_.count(MemCall::Op::kRead), 0U);
    EXPECT_EQ(file_->rows(), 4U);
    EXPECT_EQ(file_->columns(), known->columns);
    Chunk chunk;
    ASSERT_OK(chunks_.read(*file_, {0, 1, 2}, chunk));
    EXPECT_EQ(storage_.calls().back(),
              (MemCall{.op = MemCall::Op::kRead, .path = "f.npz", .offset = 0, .length = whole.size()}));
    EXPECT_EQ(storage_.count(MemCall::Op::kRead), 1U);
    EXPECT_EQ(chunk.useful_bytes, 20'000U);
    EXPECT_EQ(chunk.columns.at(0).segments.at(0).values[1], values[values.size() - 40'000 + 5]);
  }
}

TEST_F(NpzTest, WhatIsNotAsItWasKnownIsAnErrorWhenItIsRead) {
  const auto read_as = [this](const Outline& known) -> Status {
    reader_ = *make_reader(w_, storage_);
    STOKER_ASSIGN(file_, reader_->open_known("f.npz", known, nullptr));
    Chunk chunk;
    return chunks_.read(*file_, {0, 0, 1}, chunk);
  };
  storage_.put("f.npz", archive({{"x.npy", array_of({3, 4, 2}, 24)}}));
  const Outline right = *(*make_reader(w_, storage_))->outline("f.npz");
  EXPECT_OK(read_as(right));
  for (const Outline& wrong : {Outline{3, right.columns}, Outline{2, right.columns + 1}}) {
    const Status status = read_as(wrong);
    EXPECT_ERROR(status, Code::kCorrupt, "f.npz: holds 2 samples in an array of 3 axes of uint8");
    EXPECT_THAT(status.error().hint, HasSubstr("nobody writes them"));
  }
  w_.reader.verify = true;
  w_.dataset.record_dims = {4, 3};
  EXPECT_ERROR(read_as(right), Code::kCorrupt, "f.npz: found samples of 3 x 4 uint8, expected 4 x 3 uint8");
  storage_.put("f.npz", std::string_view("no archive"));
  EXPECT_ERROR(read_as(right), Code::kCorrupt, "f.npz: the ZIP archive: no directory at its end");
  EXPECT_ERROR((*make_reader(w_, storage_))->open_known("g.npz", right, nullptr), Code::kNotFound, "g.npz");
}

TEST_F(NpzTest, ElementTypesWithoutANameAreRefused) {
  w_.dataset.record_element_type = DType::kString;
  EXPECT_ERROR(validate(w_), Code::kConfig, "dataset.record_element_type: found string, expected a number or bool");
  EXPECT_ERROR(make_npz_writer(w_), Code::kConfig, "dataset.record_element_type");
}

}  // namespace
}  // namespace stoker::format::numpy
