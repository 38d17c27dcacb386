#include "data/format/zip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "base/testing/status_matchers.h"

namespace stoker::format {
namespace {

constexpr std::uint64_t kLarge = std::uint64_t{5} << 30;

std::vector<ZipMember> members() {
  return {{.name = "x.npy", .crc = 0x12345678, .stored_bytes = 1000, .plain_bytes = 1000, .offset = 0},
          {.name = "y.npy", .method = kDeflated, .crc = 7, .stored_bytes = 20, .plain_bytes = 30, .offset = 1055}};
}

// A directory where a file of so many bytes has it, parsed again.
Result<std::vector<ZipMember>> there_and_back(const std::vector<ZipMember>& all, std::uint64_t offset) {
  std::vector<std::byte> bytes;
  append_directory(bytes, all, offset);
  STOKER_ASSIGN(const ZipDirectory place, find_directory(bytes, offset + bytes.size()));
  EXPECT_EQ(place.offset, offset);
  return parse_directory(Bytes(bytes).first(static_cast<std::size_t>(place.bytes)), place);
}

void expect_same(const std::vector<ZipMember>& found, const std::vector<ZipMember>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].name, expected[i].name);
    EXPECT_EQ(found[i].method, expected[i].method);
    EXPECT_EQ(found[i].crc, expected[i].crc);
    EXPECT_EQ(found[i].stored_bytes, expected[i].stored_bytes);
    EXPECT_EQ(found[i].plain_bytes, expected[i].plain_bytes);
    EXPECT_EQ(found[i].offset, expected[i].offset);
  }
}

TEST(Zip, DirectoriesGoThereAndBackAlsoWithSizesOf64Bits) {
  auto all = members();
  auto found = there_and_back(all, 1130);
  ASSERT_OK(found);
  expect_same(*found, all);
  // Sizes, offsets, and the place of the directory beyond what Python writes in 32 bits, and beyond 32 bits.
  for (const std::uint64_t large : {std::uint64_t{0x80000000}, kLarge}) {
    all[0].stored_bytes = all[0].plain_bytes = large;
    all[1].offset = large + 55;
    found = there_and_back(all, large + 200);
    ASSERT_OK(found);
    expect_same(*found, all);
  }
}

TEST(Zip, SizesThatFollowAreInTheDirectoryAndBehindTheContentAlone) {
  ZipMember member{
      .name = "a.csv", .method = kDeflated, .sizes_follow = true, .crc = 7, .stored_bytes = 20, .plain_bytes = 30};
  std::vector<std::byte> header, descriptor, directory;
  append_local_header(header, member);
  append_descriptor(descriptor, member);
  EXPECT_EQ(header.size(), 30U + 5 + 20);
  EXPECT_EQ(header[6], std::byte{8});   // the flag
  EXPECT_EQ(header[14], std::byte{0});  // the checksum
  EXPECT_EQ(descriptor.size(), 4U + 4 + 8 + 8);
  EXPECT_EQ(descriptor[4], std::byte{7});
  EXPECT_EQ(descriptor[8], std::byte{20});
  EXPECT_EQ(descriptor[16], std::byte{30});
  const auto found = there_and_back({member}, 200);
  ASSERT_OK(found);
  expect_same(*found, {member});
}

TEST(Zip, SizesAreThoseOfNumpy) {
  std::vector<std::byte> bytes;
  append_local_header(bytes, members()[0]);
  EXPECT_EQ(bytes.size(), 30U + 5 + 20);
  EXPECT_EQ(*local_header_bytes(bytes, members()[0]), bytes.size());
  bytes.clear();
  append_directory(bytes, members(), 1130);
  EXPECT_EQ(bytes.size(), 2U * (46 + 5) + 22);
}

TEST(Zip, ACommentMayFollow) {
  std::vector<std::byte> bytes;
  append_directory(bytes, members(), 1130);
  // Its length, then itself: with what looks like another end.
  bytes[bytes.size() - 2] = std::byte{8};
  for (const char c : {'P', 'K', '\x05', '\x06', 'a', 'b', 'c', 'd'}) bytes.push_back(static_cast<std::byte>(c));
  const auto place = find_directory(bytes, 1130 + bytes.size());
  ASSERT_OK(place);
  EXPECT_EQ(place->offset, 1130U);
  EXPECT_EQ(place->members, 2U);
}

TEST(Zip, WhatDoesNotFitIsCorrupt) {
  EXPECT_ERROR(find_directory({}, 0), Code::kCorrupt, "no directory at its end");
  std::vector<std::byte> bytes;
  append_directory(bytes, members(), 1130);
  EXPECT_ERROR(find_directory(bytes, bytes.size() + 1129), Code::kCorrupt, "does not fit into");
  ASSERT_OK(find_directory(bytes, bytes.size() + 1130));
  const auto place = *find_directory(bytes, bytes.size() + 1130);
  const Bytes directory = Bytes(bytes).first(static_cast<std::size_t>(place.bytes));
  EXPECT_ERROR(parse_directory(directory.first(60), place), Code::kCorrupt, "has 1 of 2 members");
  EXPECT_ERROR(parse_directory(directory.first(100), place), Code::kCorrupt, "ends within a member");
  // The first member ends where the directory begins, less the shortest header.
  EXPECT_ERROR(parse_directory(directory, {.offset = 1029, .bytes = place.bytes, .members = 2}), Code::kCorrupt,
               "'x.npy' of 1000 bytes at offset 0 does not lie before the directory");
  EXPECT_ERROR(parse_directory(directory, {.offset = 1130, .bytes = place.bytes, .members = 65536}), Code::kUnsupported,
               "65536 members");
  std::vector<std::byte> encrypted = bytes;
  encrypted[8] = std::byte{1};
  EXPECT_ERROR(parse_directory(encrypted, place), Code::kUnsupported, "'x.npy' is encrypted");
}

TEST(Zip, AMemberBeginsWithItsHeader) {
  std::vector<std::byte> bytes;
  append_local_header(bytes, members()[0]);
  EXPECT_ERROR(local_header_bytes(bytes, members()[1]), Code::kCorrupt, "no header of member 'y.npy' at offset 1055");
  EXPECT_ERROR(local_header_bytes(Bytes(bytes).first(29), members()[0]), Code::kCorrupt, "no header of member");
  bytes[0] = std::byte{0};
  EXPECT_ERROR(local_header_bytes(bytes, members()[0]), Code::kCorrupt, "no header of member");
}

}  // namespace
}  // namespace stoker::format
