#include "data/format/parquet/wire/column_path.h"

#include <gtest/gtest.h>

namespace stoker::format::parquet {
namespace {

using Parts = std::vector<std::string>;

TEST(ColumnPath, PartsWithDotsAreQuoted) {
  EXPECT_EQ(dotted_path(Parts{"a", "list", "element"}), "a.list.element");
  EXPECT_EQ(quoted_path(Parts{"a", "list", "element"}), "a.list.element");
  EXPECT_EQ(dotted_path(Parts{"a.b"}), "a.b");
  EXPECT_EQ(quoted_path(Parts{"a.b"}), "`a.b`");
  EXPECT_EQ(quoted_path(Parts{"a", "b.c"}), "a.`b.c`");
  EXPECT_EQ(quoted_path(Parts{"a`b", ""}), "`a``b`.");
}

TEST(ColumnPath, WhatWasQuotedIsParsedBack) {
  for (const Parts& parts : {Parts{"a.b"}, Parts{"a", "b.c"}, Parts{"a.b", "c"}, Parts{"`"}, Parts{"``a", "b", "."},
                             Parts{"a.b", ""}, Parts{"", "x.y"}}) {
    EXPECT_EQ(parse_quoted_path(quoted_path(parts)), parts) << quoted_path(parts);
  }
  EXPECT_EQ(parse_quoted_path("`a`.`b`"), (Parts{"a", "b"}));
  EXPECT_EQ(parse_quoted_path("`a`.b"), (Parts{"a", "b"}));
  EXPECT_EQ(parse_quoted_path("``"), (Parts{""}));
  EXPECT_EQ(parse_quoted_path("`a```"), (Parts{"a`"}));
}

TEST(ColumnPath, OtherTextIsNone) {
  for (const std::string text : {"", "a", "a.b", "`", "`a", "`a`b", "a`b`", "a.`b", "`a``"}) {
    EXPECT_EQ(parse_quoted_path(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace stoker::format::parquet
