#include "config/node.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>

namespace stoker::config {
namespace {

using Kind = Node::Kind;

struct ScalarCase {
  std::string_view text;
  Kind yaml, override_kind;
};

class Classify : public ::testing::TestWithParam<ScalarCase> {};

TEST_P(Classify, FollowsTheDialect) {
  EXPECT_EQ(classify(GetParam().text, Dialect::kYaml), GetParam().yaml) << GetParam().text;
  EXPECT_EQ(classify(GetParam().text, Dialect::kOverride), GetParam().override_kind) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Scalars, Classify,
    ::testing::Values(ScalarCase{"true", Kind::kBool, Kind::kBool}, ScalarCase{"True", Kind::kBool, Kind::kBool},
                      ScalarCase{"FALSE", Kind::kBool, Kind::kBool}, ScalarCase{"off", Kind::kBool, Kind::kString},
                      ScalarCase{"On", Kind::kBool, Kind::kString}, ScalarCase{"no", Kind::kBool, Kind::kString},
                      ScalarCase{"yes", Kind::kBool, Kind::kString}, ScalarCase{"null", Kind::kNull, Kind::kNull},
                      ScalarCase{"NULL", Kind::kNull, Kind::kNull}, ScalarCase{"~", Kind::kNull, Kind::kString},
                      ScalarCase{"", Kind::kNull, Kind::kString}, ScalarCase{"12", Kind::kInt, Kind::kInt},
                      ScalarCase{"-7", Kind::kInt, Kind::kInt}, ScalarCase{"1_000", Kind::kInt, Kind::kInt},
                      ScalarCase{"0x1F", Kind::kInt, Kind::kInt}, ScalarCase{"007", Kind::kString, Kind::kString},
                      ScalarCase{"1_", Kind::kString, Kind::kString}, ScalarCase{"1e-3", Kind::kFloat, Kind::kFloat},
                      ScalarCase{"1e6", Kind::kFloat, Kind::kFloat}, ScalarCase{".5", Kind::kFloat, Kind::kFloat},
                      ScalarCase{"5.", Kind::kFloat, Kind::kFloat}, ScalarCase{"inf", Kind::kFloat, Kind::kFloat},
                      ScalarCase{"1e", Kind::kString, Kind::kString}, ScalarCase{".", Kind::kString, Kind::kString},
                      ScalarCase{"1.2.3", Kind::kString, Kind::kString},
                      ScalarCase{"data/x", Kind::kString, Kind::kString}));

TEST(ParseWhole, TakesWholeNumbersHoweverWritten) {
  EXPECT_EQ(parse_whole("42"), 42);
  EXPECT_EQ(parse_whole("+42"), 42);
  EXPECT_EQ(parse_whole("-42"), -42);
  EXPECT_EQ(parse_whole("1_000_000"), 1'000'000);
  EXPECT_EQ(parse_whole("0x10"), 16);
  EXPECT_EQ(parse_whole("1e6"), 1'000'000);
  EXPECT_EQ(parse_whole("4.0"), 4);
  EXPECT_EQ(parse_whole("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
}

TEST(ParseWhole, RefusesTheRest) {
  EXPECT_EQ(parse_whole("2.5"), std::nullopt);
  EXPECT_EQ(parse_whole("9223372036854775808"), std::nullopt);
  EXPECT_EQ(parse_whole("1e300"), std::nullopt);
  EXPECT_EQ(parse_whole("inf"), std::nullopt);
  EXPECT_EQ(parse_whole("four"), std::nullopt);
  EXPECT_EQ(parse_whole(""), std::nullopt);
}

TEST(ParseNumber, IsFinite) {
  EXPECT_EQ(parse_number("114660.07"), 114660.07);
  EXPECT_EQ(parse_number("+0.5"), 0.5);
  EXPECT_EQ(parse_number("1e-3"), 0.001);
  EXPECT_EQ(parse_number("0x10"), 16);
  EXPECT_EQ(parse_number("nan"), std::nullopt);
  EXPECT_EQ(parse_number(".inf"), std::nullopt);
  EXPECT_EQ(parse_number("1e999"), std::nullopt);
  EXPECT_EQ(parse_number("1,5"), std::nullopt);
}

TEST(ParseBool, KnowsYamlAndPython) {
  for (const char* text : {"true", "True", "YES", "on", "1"}) EXPECT_EQ(parse_bool(text), true) << text;
  for (const char* text : {"false", "False", "no", "OFF", "0"}) EXPECT_EQ(parse_bool(text), false) << text;
  EXPECT_EQ(parse_bool("maybe"), std::nullopt);
}

TEST(Preview, IsOneShortLine) {
  Node list{.kind = Kind::kList};
  for (int i = 0; i < 100; ++i) list.items.push_back(Node{.kind = Kind::kInt, .text = "12345"});
  const std::string text = preview(list);
  EXPECT_LE(text.size(), 80U);
  EXPECT_TRUE(text.starts_with("[12345, 12345"));
  EXPECT_TRUE(text.ends_with("..."));
}

TEST(FindPath, GoesThroughMapsAndLists) {
  Node root{.kind = Kind::kMap};
  Node list{.kind = Kind::kList};
  list.items.push_back(Node{.kind = Kind::kString, .text = "first"});
  root.add("a", Node{.kind = Kind::kMap}).add("b", std::move(list));
  ASSERT_NE(find_path(root, "a.b.0"), nullptr);
  EXPECT_EQ(find_path(root, "a.b.0")->text, "first");
  EXPECT_EQ(find_path(root, "a.b.1"), nullptr);
  EXPECT_EQ(find_path(root, "a.c"), nullptr);
  EXPECT_EQ(find_path(root, "a.b.0.c"), nullptr);
}

}  // namespace
}  // namespace stoker::config
