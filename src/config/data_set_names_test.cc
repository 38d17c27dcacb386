#include "config/data_set_names.h"

#include <gtest/gtest.h>

#include <string>

namespace stoker::config {
namespace {

TEST(NamePart, OrdinaryNamesAreTaken) {
  for (const char* text : {"img", "a", "part-7", "a.b", "a_b", "with space", "img..x", "k\xC3\xA9", "~", "-", "a\\b"}) {
    EXPECT_EQ(name_part_fault(text), "") << text;
  }
  EXPECT_EQ(name_part_fault(std::string(160, 'x')), "");
}

TEST(NamePart, WhatLeavesTheFolderOrHidesAFileIsNamed) {
  EXPECT_EQ(name_part_fault(""), "is empty");
  EXPECT_EQ(name_part_fault("../../escaped"), "has a '/'");
  EXPECT_EQ(name_part_fault("/etc/cron.d/x"), "has a '/'");
  EXPECT_EQ(name_part_fault("a/b"), "has a '/'");
  EXPECT_EQ(name_part_fault("a/"), "has a '/'");
  EXPECT_EQ(name_part_fault("."), "begins with '.'");
  EXPECT_EQ(name_part_fault(".."), "begins with '.'");
  EXPECT_EQ(name_part_fault("._img"), "begins with '.'");
  EXPECT_EQ(name_part_fault("_img"), "begins with '_'");
  EXPECT_EQ(name_part_fault("a\nb"), "has a control character");
  EXPECT_EQ(name_part_fault(std::string("a\0b", 3)), "has a control character");
  EXPECT_EQ(name_part_fault("a\x1f"), "has a control character");
  EXPECT_EQ(name_part_fault("a\x7f"), "has a control character");
  EXPECT_EQ(name_part_fault(std::string(161, 'x')), "has more than 160 bytes");
}

TEST(HiddenNames, BeginWithADotOrAnUnderscore) {
  for (const char* name : {".", ".x", "._x", "_SUCCESS", "_metadata", "_"}) EXPECT_TRUE(is_hidden(name)) << name;
  for (const char* name : {"x", "x.", "x_", "-", "a._b"}) EXPECT_FALSE(is_hidden(name)) << name;
  EXPECT_FALSE(is_hidden(""));
}

}  // namespace
}  // namespace stoker::config
