#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "config/overrides.h"

namespace stoker::config {
namespace {

using ::testing::HasSubstr;
using Kind = Node::Kind;

Node value(std::string_view text) {
  auto node = parse_override_value(text, {});
  EXPECT_OK(node);
  return node ? *node : Node{};
}

struct Scalar {
  std::string_view text;
  Kind kind;
  std::string_view taken;
};

class OverrideScalar : public ::testing::TestWithParam<Scalar> {};

TEST_P(OverrideScalar, HasKindAndText) {
  EXPECT_EQ(value(GetParam().text).kind, GetParam().kind) << GetParam().text;
  EXPECT_EQ(value(GetParam().text).text, GetParam().taken);
  // The same among others.
  const Node list = value("[x, " + std::string(GetParam().text) + " ]");
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.items[1].kind, GetParam().kind);
  EXPECT_EQ(list.items[1].text, GetParam().taken);
}

INSTANTIATE_TEST_SUITE_P(Words, OverrideScalar,
                         ::testing::Values(Scalar{"true", Kind::kBool, "true"}, Scalar{"FALSE", Kind::kBool, "FALSE"},
                                           Scalar{"Null", Kind::kNull, "Null"}, Scalar{"truex", Kind::kString, "truex"},
                                           Scalar{"off", Kind::kString, "off"}, Scalar{"none", Kind::kString, "none"},
                                           Scalar{"a-b_9", Kind::kString, "a-b_9"}, Scalar{"-a", Kind::kString, "-a"},
                                           Scalar{"/data/a b", Kind::kString, "/data/a b"},
                                           Scalar{"a:b", Kind::kString, "a:b"}, Scalar{"a : b", Kind::kString, "a : b"},
                                           Scalar{"  seed \t", Kind::kString, "seed"}, Scalar{"$", Kind::kString, "$"},
                                           Scalar{"$x", Kind::kString, "$x"},
                                           Scalar{"/-\\+.$%*@?|", Kind::kString, "/-\\+.$%*@?|"},
                                           Scalar{"true false", Kind::kString, "true false"}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, OverrideScalar,
    ::testing::Values(
        Scalar{"4", Kind::kInt, "4"}, Scalar{"-4", Kind::kInt, "-4"}, Scalar{"+4", Kind::kInt, "+4"},
        Scalar{"0", Kind::kInt, "0"}, Scalar{"1_000", Kind::kInt, "1_000"}, Scalar{"1__0", Kind::kString, "1__0"},
        Scalar{"1_", Kind::kString, "1_"}, Scalar{"007", Kind::kString, "007"}, Scalar{"0x10", Kind::kString, "0x10"},
        Scalar{"--4", Kind::kString, "--4"}, Scalar{"1-2", Kind::kString, "1-2"}, Scalar{"1.5", Kind::kFloat, "1.5"},
        Scalar{"1.", Kind::kFloat, "1."}, Scalar{".5", Kind::kFloat, ".5"}, Scalar{"-.5", Kind::kFloat, "-.5"},
        Scalar{".", Kind::kString, "."}, Scalar{"-", Kind::kString, "-"}, Scalar{"1_0.2_5", Kind::kFloat, "1_0.2_5"},
        Scalar{"1._5", Kind::kString, "1._5"}, Scalar{"1e3", Kind::kFloat, "1e3"},
        Scalar{"1.e-3", Kind::kFloat, "1.e-3"}, Scalar{".5E+1_0", Kind::kFloat, ".5E+1_0"},
        Scalar{"1e", Kind::kString, "1e"}, Scalar{"1e+", Kind::kString, "1e+"}, Scalar{"1e_5", Kind::kString, "1e_5"},
        Scalar{".e5", Kind::kString, ".e5"}, Scalar{"1.5.2", Kind::kString, "1.5.2"},
        Scalar{"inf", Kind::kFloat, "inf"}, Scalar{"-Inf", Kind::kFloat, "-Inf"}, Scalar{"+NaN", Kind::kFloat, "+NaN"},
        Scalar{"infx", Kind::kString, "infx"}, Scalar{".inf", Kind::kString, ".inf"}));

INSTANTIATE_TEST_SUITE_P(
    Escapes, OverrideScalar,
    ::testing::Values(Scalar{R"(img_\{\})", Kind::kString, "img_{}"}, Scalar{R"(a\ b)", Kind::kString, "a b"},
                      Scalar{R"(\ a\ )", Kind::kString, " a "}, Scalar{R"(\\)", Kind::kString, "\\"},
                      Scalar{R"(a\\b)", Kind::kString, "a\\b"}, Scalar{R"(a\b)", Kind::kString, "a\\b"},
                      Scalar{R"(\(\)\[\]\:\=\,)", Kind::kString, "()[]:=,"}, Scalar{"\\\t", Kind::kString, "\t"},
                      Scalar{R"(\\\,)", Kind::kString, "\\,"}, Scalar{R"(1\,0)", Kind::kString, "1,0"},
                      Scalar{R"(C:\dir)", Kind::kString, "C:\\dir"}));

INSTANTIATE_TEST_SUITE_P(
    Quotes, OverrideScalar,
    ::testing::Values(Scalar{"'4'", Kind::kString, "4"}, Scalar{"\"a b\"", Kind::kString, "a b"},
                      Scalar{"''", Kind::kString, ""}, Scalar{"' a '", Kind::kString, " a "},
                      Scalar{R"('it\'s')", Kind::kString, "it's"}, Scalar{R"("it\'s")", Kind::kString, R"(it\'s)"},
                      Scalar{R"("\"")", Kind::kString, "\""}, Scalar{R"("a\\b")", Kind::kString, R"(a\\b)"},
                      Scalar{R"('C:\dir')", Kind::kString, "C:\\dir"}, Scalar{R"('\{a\}')", Kind::kString, R"(\{a\})"},
                      Scalar{R"('ends \\')", Kind::kString, "ends \\"}, Scalar{R"('\\')", Kind::kString, "\\"},
                      Scalar{R"('\\\'')", Kind::kString, "\\'"}, Scalar{R"('\\\\')", Kind::kString, R"(\\)"},
                      Scalar{"'a=b,c:[d]{e}(f)~#ä\n'", Kind::kString, "a=b,c:[d]{e}(f)~#ä\n"}));

TEST(OverrideValue, NothingIsTheEmptyString) {
  EXPECT_EQ(value("").kind, Kind::kString);
  EXPECT_EQ(value("").text, "");
  EXPECT_EQ(value(" \t").kind, Kind::kString);
  EXPECT_EQ(value(" \t").text, "");
}

TEST(OverrideValue, BlanksAroundAColonAreItsOwn) {
  EXPECT_EQ(value(":").text, ":");
  EXPECT_EQ(value(": ").text, ": ");
  EXPECT_EQ(value("[a : ]").items[0].text, "a : ");
}

TEST(OverrideValue, ListsAndMaps) {
  const Node list = value("[1, a b, 'x,y', [2], {k: v}]");
  ASSERT_EQ(list.items.size(), 5U);
  EXPECT_EQ(list.items[0].kind, Kind::kInt);
  EXPECT_EQ(list.items[1].text, "a b");
  EXPECT_EQ(list.items[2].text, "x,y");
  EXPECT_TRUE(list.items[3].is_list());
  EXPECT_EQ(list.items[4].find("k")->text, "v");
  EXPECT_TRUE(value("[ ]").items.empty());
  EXPECT_TRUE(value("[ ]").is_list());
  EXPECT_TRUE(value("{ }").is_map());
  const Node map = value("{ type : normal, the\\ mean: 0.5,url: http://x , 1: [ 'a' ] }");
  ASSERT_EQ(map.entries.size(), 4U);
  EXPECT_EQ(map.find("type")->text, "normal");
  EXPECT_EQ(map.find("the mean")->kind, Kind::kFloat);
  EXPECT_EQ(map.find("url")->text, "http://x");
  EXPECT_EQ(map.find("1")->items[0].text, "a");
}

struct BadValue {
  std::string text, message;
};

class RefusedOverrideValue : public ::testing::TestWithParam<BadValue> {};

TEST_P(RefusedOverrideValue, SaysWhatIsWrong) {
  const Place place{.position = {.file = "override 'x'"}};
  const auto result = parse_override_value(GetParam().text, place);
  EXPECT_ERROR(result, Code::kConfig, "bad value: " + GetParam().message);
  EXPECT_EQ(result.error().where->file, "override 'x'");
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedOverrideValue,
    ::testing::Values(
        BadValue{"[1, 2", "it ends where ',' or ']' in a list was expected"},
        BadValue{"[1,", "it ends where a value was expected"}, BadValue{"[1,,2]", "found ',', expected a value"},
        BadValue{"[,]", "found ',', expected a value"}, BadValue{"[1, ]", "found ']', expected a value"},
        BadValue{"[1 'a']", "found ''a'', expected ',' or ']' in a list"},
        BadValue{"[1] x", "found ' ', expected the end of the value"},
        BadValue{"'a' ", "found ' ', expected the end of the value"},
        BadValue{"a=b", "found '=', expected the end of the value"},
        BadValue{"a}", "found '}', expected the end of the value"},
        BadValue{"a(b)", "a function, a(): Hydra's functions are not known here"},
        BadValue{"[range (1,5)]", "a function, range(): Hydra's functions are not known here"},
        BadValue{"(a)", "found '(', expected a value"},
        BadValue{"a,b", "several values, which Hydra would try one after the other"},
        BadValue{"${a.b}", "${a.b}: interpolations are not known here"},
        BadValue{"x${a}", "${a}: interpolations are not known here"},
        BadValue{"${}", "found '{', expected the end of the value"}, BadValue{"'abc", "the closing ' is missing"},
        BadValue{"\"abc", "the closing \" is missing"}, BadValue{"'abc\\'", "the closing ' is missing"},
        BadValue{"'", "the closing ' is missing"}, BadValue{"~/data", "'~' outside quotes"},
        BadValue{"a#b", "'#' outside quotes"}, BadValue{"ä", "'ä' outside quotes"},
        BadValue{"a\x1b[0m", "'\\x1b' outside quotes"}, BadValue{"{a}", "found '}', expected ':' after the key 'a'"},
        BadValue{"{: 1}", "found ': ', expected a key in a map"}, BadValue{"{'a b': 1}", "the key 'a b' in quotes"},
        BadValue{"{a: 1 [", "found '[', expected ',' or '}' in a map"},
        BadValue{"{a: 1", "it ends where ',' or '}' in a map was expected"},
        BadValue{"{a: 1, a: 2}", "the key 'a' stands twice"}));

TEST(OverrideValue, HintsAtARemedy) {
  const auto hint = [](std::string_view text) { return parse_override_value(text, {}).error().hint; };
  EXPECT_THAT(hint("~/data"), HasSubstr("put the value into quotes"));
  EXPECT_THAT(hint("a=b"), HasSubstr("into quotes, as in \"KEY='a=b'\", or a backslash before each"));
  EXPECT_THAT(hint("a,b"), HasSubstr("write a list as [a,b]"));
  EXPECT_THAT(hint("f(1)"), HasSubstr("write the value itself"));
  EXPECT_THAT(hint("${a}"), HasSubstr("write the value itself"));
  EXPECT_THAT(hint("{'a': 1}"), HasSubstr("keys of a map stand without quotes"));
  EXPECT_THAT(hint("'a"), HasSubstr("stand for a quote"));
}

TEST(OverrideValue, BoundsDepth) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + "1" + std::string(levels, ']'); };
  EXPECT_OK(parse_override_value(nested(32), {}));
  EXPECT_ERROR(parse_override_value(nested(33), {}), Code::kConfig,
               "more than 32 levels of lists and maps, which is stoker's limit");
  EXPECT_ERROR(parse_override_value(std::string(100'000, '['), {}), Code::kConfig, "more than 32 levels");
}

TEST(OverrideText, IsReadAsTheSameText) {
  for (const std::string text :
       {"",      "4",      "true",  "null", "a",   "a b",   " ",   "/data/train-1_x.d", "/",       "/1e5",
        "a/b c", "it's",   "'",     "\\",   "a\\", "a\\\\", "\\'", "a\\'b\\\\'",        "C:\\dir", "\"x\"",
        "[a]",   "{a: b}", "x=1,2", "~/d",  "ä",   "a\nb",  "f(x)"}) {
    const Node node = value(override_text(text));
    EXPECT_EQ(node.kind, Kind::kString) << text;
    EXPECT_EQ(node.text, text) << override_text(text);
  }
}

TEST(OverrideText, PlainPathsStandWithoutQuotes) {
  EXPECT_EQ(override_text("/data/unet3d_h100-2.x"), "/data/unet3d_h100-2.x");
  EXPECT_EQ(override_text("data"), "'data'");
  EXPECT_EQ(override_text("/a b"), "'/a b'");
  EXPECT_EQ(override_text("/it's\\"), "'/it\\'s\\\\'");
  EXPECT_EQ(override_text("C:\\x"), "'C:\\x'");
}

}  // namespace
}  // namespace stoker::config
