#include "data/format/numpy/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/testing/status_matchers.h"

namespace stoker::format::numpy {
namespace {

using config::DType;
using ::testing::ElementsAre;

Result<NpyHeader> parse(const std::string& header) {
  return parse_npy_header(std::as_bytes(std::span(header)));
}

// Version 1.0, with any text as its dictionary.
std::string header_of(const std::string& text) {
  std::string header = "\x93NUMPY";
  header += '\x01';
  header += '\0';
  header += static_cast<char>(text.size() & 0xFFU);
  header += static_cast<char>(text.size() >> 8U);
  return header + text;
}

// As numpy.save writes them (numpy 2).
TEST(NpyHeader, IsNumpys) {
  const std::array<std::uint64_t, 3> shape{447, 447, 1};
  const std::string header = npy_header(DType::kUint8, shape);
  EXPECT_EQ(header.size(), 128U);
  EXPECT_EQ(header, header_of("{'descr': '|u1', 'fortran_order': False, 'shape': (447, 447, 1), }" +
                              std::string(51, ' ') + "\n"));
  const std::array<std::uint64_t, 1> one{2};
  EXPECT_EQ(npy_header(DType::kInt64, one),
            header_of("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }" + std::string(60, ' ') + "\n"));
}

TEST(NpyHeader, GoesThereAndBackForAllTypesAndManyShapes) {
  for (int type = 0; type < 17; ++type) {
    const auto dtype = static_cast<DType>(type);
    if (!has_descr(dtype)) continue;
    for (std::size_t axes = 1; axes < 40; ++axes) {
      std::vector<std::uint64_t> shape;
      for (std::size_t axis = 0; axis < axes; ++axis) shape.push_back(axis % 7 == 0 ? 3 : 1);
      const std::string text = npy_header(dtype, shape);
      EXPECT_EQ(text.size() % 64, 0U);
      const auto header = parse(text);
      ASSERT_OK(header);
      EXPECT_EQ(header->dtype, dtype);
      EXPECT_EQ(header->shape, shape);
      EXPECT_EQ(header->bytes, text.size());
      EXPECT_EQ(*npy_header_bytes(std::as_bytes(std::span(text)).first(kNpyPrefix)), text.size());
    }
  }
  for (const DType none : {DType::kString, DType::kBinary, DType::kList}) EXPECT_FALSE(has_descr(none));
}

TEST(NpyHeader, OfOthersIsReadHoweverItIsWritten) {
  const auto header = parse(header_of("{\"shape\":(3 ,4L,),'fortran_order' : False,\n'descr':'=f4'}\n"));
  ASSERT_OK(header);
  EXPECT_EQ(header->dtype, DType::kFloat32);
  EXPECT_THAT(header->shape, ElementsAre(3, 4));
  EXPECT_EQ(header->elements(), 12U);
  EXPECT_EQ(header->data_bytes(), 48U);
  EXPECT_THAT(parse(header_of("{'descr': '>u1', 'fortran_order': False, 'shape': (), }"))->shape, ElementsAre());
  // Version 2.0: four bytes of length.
  std::string second = header_of("{'descr': '<u2', 'fortran_order': False, 'shape': (7,), }");
  second[6] = '\x02';
  second.insert(10, std::string(2, '\0'));
  ASSERT_OK(parse(second));
  EXPECT_EQ(parse(second)->bytes, second.size());
}

TEST(NpyHeader, WhatIsWrongIsToldApart) {
  struct Row {
    const char* text;
    Code code;
    const char* message;
  };
  for (const Row& row : {
           Row{"{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", Code::kUnsupported, "big endian"},
           Row{"{'descr': '<U4', 'fortran_order': False, 'shape': (2,), }", Code::kUnsupported, "type '<U4'"},
           Row{"{'descr': '', 'fortran_order': False, 'shape': (2,), }", Code::kUnsupported, "type ''"},
           Row{"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", Code::kUnsupported,
               "several fields"},
           Row{"{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }", Code::kUnsupported, "Fortran"},
           Row{"{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,), }", Code::kCorrupt, "neither True nor False"},
           Row{"{'descr': '<f4', 'fortran_order': False, 'shape': [2], }", Code::kCorrupt, "no tuple"},
           Row{"{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", Code::kCorrupt, "no tuple of numbers"},
           Row{"{'descr': '<f4', 'fortran_order': False, 'shape': (2 3), }", Code::kCorrupt, "no tuple of numbers"},
           Row{"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", Code::kCorrupt,
               "more elements than"},
           Row{"{'descr': '<f4', 'fortran_order': False, }", Code::kCorrupt, "lacks one of"},
           Row{"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", Code::kCorrupt, "twice"},
           Row{"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", Code::kCorrupt, "the key 'x'"},
           Row{"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } or not", Code::kCorrupt, "goes on"},
           Row{"'descr': '<f4'", Code::kCorrupt, "no dictionary"},
           Row{"{'descr' '<f4'}", Code::kCorrupt, "no dictionary"},
       }) {
    EXPECT_ERROR(parse(header_of(row.text)), row.code, row.message);
  }
  std::string many = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (int i = 0; i < 65; ++i) many += "1, ";
  EXPECT_ERROR(parse(header_of(many + "), }")), Code::kCorrupt, "no tuple of numbers");
}

TEST(NpyHeader, BeginsWithItsNameAndVersion) {
  EXPECT_ERROR(parse("\x93NUMPX\x01....."), Code::kCorrupt, "where '\\x93NUMPY' begins it");
  EXPECT_ERROR(parse("\x93NUMPY"), Code::kCorrupt, "begins it");
  EXPECT_ERROR(parse("\x93NUMPY\x04....."), Code::kUnsupported, "version 4.46");
  EXPECT_ERROR(parse("\x93NUMPY\x02\x01\xFF\xFF\xFF\x01"), Code::kUnsupported, "a header of 32.0 MiB");
  std::string header = header_of("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }");
  header.pop_back();
  EXPECT_ERROR(parse(header), Code::kCorrupt, "ends with the file");
}

}  // namespace
}  // namespace stoker::format::numpy
