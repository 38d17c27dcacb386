#include "data/format/column_difference.h"

#include <gtest/gtest.h>

#include <vector>

namespace stoker::format {
namespace {

using Columns = std::vector<NamedColumn>;

TEST(ColumnDifference, NamesTypesAndColumnsOfOneSide) {
  const Columns here{{"a", "int32"}, {"b", "string"}, {"c", "list of 4 float32"}};
  const Columns there{{"c", "list of 5 float32"}, {"d", "bool"}, {"b", "string"}, {"a", "int64"}};
  EXPECT_EQ(column_difference(here, there),
            "'a' is int32 here and int64 there; 'c' is list of 4 float32 here and list of 5 float32 there; 'd' is only "
            "there");
  EXPECT_EQ(column_difference({}, Columns{{"x", "bool"}}), "'x' is only there");
  EXPECT_EQ(column_difference(Columns{{"x", "bool"}}, {}), "'x' is only here");
}

TEST(ColumnDifference, TheOrderIsNone) {
  EXPECT_EQ(column_difference(Columns{{"a", "int32"}, {"b", "bool"}}, Columns{{"b", "bool"}, {"a", "int32"}}), "");
}

TEST(ColumnDifference, OfManyOnlySomeAreShown) {
  Columns here;
  for (int i = 0; i < 8; ++i) here.push_back({std::string(1, static_cast<char>('a' + i)), "bool"});
  const std::string eight = column_difference(here, {});
  EXPECT_TRUE(eight.ends_with("; 'h' is only here")) << eight;
  here.push_back({"i", "bool"});
  here.push_back({"j", "bool"});
  EXPECT_EQ(column_difference(here, {}), eight + "; 2 more");
}

}  // namespace
}  // namespace stoker::format
