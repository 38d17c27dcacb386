#include "config/yaml.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"

namespace stoker::config {
namespace {

using ::testing::HasSubstr;

Node parsed(std::string_view text) {
  auto node = parse_yaml(text, "f.yaml");
  EXPECT_OK(node);
  return node ? *node : Node{};
}

TEST(ParseYaml, KeepsOrderAndPlaces) {
  const Node root = parsed("b:\n  x: 1\na: text\n");
  ASSERT_EQ(root.entries.size(), 2U);
  EXPECT_EQ(root.entries[0].key, "b");
  EXPECT_EQ(root.entries[1].key, "a");
  const Node* x = find_path(root, "b.x");
  ASSERT_NE(x, nullptr);
  EXPECT_EQ(x->place.position.file, "f.yaml");
  EXPECT_EQ(x->place.position.line, 2);
  EXPECT_EQ(x->place.position.column, 6);
  EXPECT_EQ(root.entries[0].value.entries[0].place.position.column, 3);
}

TEST(ParseYaml, QuotedScalarsAreStrings) {
  const Node root = parsed("a: 'off'\nb: off\nc: \"12\"\nd: 12\n");
  EXPECT_EQ(root.find("a")->kind, Node::Kind::kString);
  EXPECT_EQ(root.find("b")->kind, Node::Kind::kBool);
  EXPECT_EQ(root.find("c")->kind, Node::Kind::kString);
  EXPECT_EQ(root.find("d")->kind, Node::Kind::kInt);
}

TEST(ParseYaml, EmptyTextIsAnEmptyMap) {
  EXPECT_TRUE(parsed("").is_map());
  EXPECT_TRUE(parsed("# nothing\n").is_map());
}

TEST(ParseYaml, ResolvesAnchorsAndMergeKeys) {
  const Node root = parsed("base: &b {x: 1, y: 2}\nmine:\n  <<: *b\n  y: 3\n");
  EXPECT_EQ(find_path(root, "mine.x")->text, "1");
  EXPECT_EQ(find_path(root, "mine.y")->text, "3");
}

TEST(ParseYaml, RefusesBrokenTextWithItsPlace) {
  const auto result = parse_yaml("a: 1\nb: [1, 2\n", "f.yaml");
  EXPECT_ERROR(result, Code::kConfig, "not valid YAML");
  ASSERT_TRUE(result.error().where.has_value());
  EXPECT_EQ(result.error().where->file, "f.yaml");
  EXPECT_GE(result.error().where->line, 2);
  const auto exact = parse_yaml("a: 1\nb: @x\n", "f.yaml");
  EXPECT_ERROR(exact, Code::kConfig, "not valid YAML");
  EXPECT_EQ(exact.error().where->line, 2);
  EXPECT_EQ(exact.error().where->column, 4);
}

TEST(ParseYaml, RefusesAKeyThatStandsTwice) {
  const auto result = parse_yaml("reader:\n  batch_size: 1\n  batch_size: 2\n", "f.yaml");
  EXPECT_ERROR(result, Code::kConfig, "'batch_size' stands twice in this section; first in line 2");
  EXPECT_EQ(result.error().where->line, 3);
}

TEST(ParseYaml, RefusesKeysThatAreNoText) {
  EXPECT_ERROR(parse_yaml("[a, b]: 1\n", "f"), Code::kConfig, "a key must be");
}

TEST(ParseYaml, BoundsWhatAliasesUnfoldTo) {
  std::string text = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    text +=
        fmt::format("l{0}: &l{0} [*l{1}, *l{1}, *l{1}, *l{1}, *l{1}, *l{1}, *l{1}, *l{1}, *l{1}, *l{1}]\n", i, i - 1);
  }
  EXPECT_ERROR(parse_yaml(text, "f"), Code::kConfig,
               "has more than 300000 values, which is the most that stoker reads");
}

TEST(ParseYaml, BoundsDepth) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + "x" + std::string(levels, ']'); };
  EXPECT_OK(parse_yaml(nested(64), "f"));
  constexpr std::string_view kWords = "nested more than 64 levels deep, which is the most that stoker reads";
  for (const std::size_t levels : {65, 100, 1000, 100'000})
    EXPECT_ERROR(parse_yaml(nested(levels), "f"), Code::kConfig, std::string(kWords));
}

TEST(EmitYaml, ComesBackAsTheSameTree) {
  const std::string text =
      "workload:\n  s: \"off\"\n  b: false\n  n: 12\n  f: 0.5\n  e: {}\n  l: [1, [a, b], {k: v}]\n  none: ~\n"
      "  tricky: \"a: b # c\"\n  empty: \"\"\n";
  const Node once = parsed(text);
  const std::string emitted = emit_yaml(once);
  const Node twice = parsed(emitted);
  EXPECT_EQ(emit_yaml(twice), emitted);
  EXPECT_EQ(find_path(twice, "workload.s")->kind, Node::Kind::kString);
  EXPECT_EQ(find_path(twice, "workload.b")->kind, Node::Kind::kBool);
  EXPECT_EQ(find_path(twice, "workload.tricky")->text, "a: b # c");
  EXPECT_EQ(find_path(twice, "workload.empty")->kind, Node::Kind::kString);
  EXPECT_TRUE(find_path(twice, "workload.none")->is_null());
  EXPECT_TRUE(find_path(twice, "workload.e")->is_map());
  EXPECT_EQ(find_path(twice, "workload.l.1.0")->text, "a");
}

TEST(EmitYaml, WritesValuesThatOlderReadersUnderstand) {
  // Readers of YAML 1.1 take 1e6 as a string, and off as a boolean.
  EXPECT_EQ(emit_yaml(parsed("a: 1e6\n")), "a: 1000000.0\n");
  // A key may be as long as it likes, and is read again.
  for (const std::string& key :
       {std::string(100, 'k'), std::string(101, 'k'), std::string(3000, 'k'), std::string(300, '\x01') + ": x"}) {
    Node map{.kind = Node::Kind::kMap};
    Node number{.kind = Node::Kind::kInt};
    number.text = "1";
    map.entries.push_back({.key = key, .value = number});
    map.entries.push_back({.key = "b", .value = number});
    const Node again = parsed(emit_yaml(map));
    ASSERT_EQ(again.entries.size(), 2U);
    EXPECT_EQ(again.entries[0].key, key);
    EXPECT_EQ(again.entries[1].value.text, "1");
  }
  EXPECT_EQ(emit_yaml(parsed("a: 1e-7\n")), "a: 1.0e-07\n");
  EXPECT_EQ(emit_yaml(parsed("a: off\n")), "a: false\n");
  EXPECT_EQ(emit_yaml(parsed("a: 'off'\n")), "a: \"off\"\n");
}

}  // namespace
}  // namespace stoker::config
