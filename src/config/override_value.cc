// The value of an override, in Hydra's grammar (its OverrideParser.g4):
//
//   value     = "" | element                      element = primitive | quoted | [ list ] | { map }
//   primitive = one or more of: name, null, number, bool, sign of its own, ':', escaped characters, blanks
//   key of a map = a primitive without ':'
//
// A primitive that is one token has that token's type; several are one string. Blanks at its ends are dropped.
#include <fmt/format.h>

#include <span>
#include <utility>

#include "base/printable.h"
#include "config/override_tokens.h"
#include "config/overrides.h"

namespace stoker::config {
namespace {

using Token = OverrideToken;
using Kind = OverrideToken::Kind;

constexpr int kDeepest = 32;  // levels of lists and maps

bool is_primitive(const Token& token) {
  switch (token.kind) {
    case Kind::kFloat:
    case Kind::kInt:
    case Kind::kBool:
    case Kind::kNull:
    case Kind::kChar:
    case Kind::kId:
    case Kind::kEscape:
    case Kind::kSpace: return true;
    default: return false;
  }
}

Node::Kind node_kind(Kind kind) {
  switch (kind) {
    case Kind::kFloat: return Node::Kind::kFloat;
    case Kind::kInt: return Node::Kind::kInt;
    case Kind::kBool: return Node::Kind::kBool;
    case Kind::kNull: return Node::Kind::kNull;
    default: return Node::Kind::kString;
  }
}

// Recursive descent over the tokens of one value.
class ValueParser {
 public:
  ValueParser(std::span<const Token> tokens, const Place& place) : tokens_(tokens), place_(place) {}

  Result<Node> parse_all() {
    if (tokens_.empty()) return make(Node::Kind::kString);  // KEY= is the empty string
    STOKER_ASSIGN(Node node, element(0));
    if (tokens_.empty()) return node;
    if (next_is(Kind::kComma)) {
      return refuse("several values, which Hydra would try one after the other",
                    "write a list as [a,b], and a text with commas in quotes");
    }
    return unexpected("the end of the value");
  }

 private:
  Error refuse(std::string what, std::string hint = {}) const {
    return Error{.code = Code::kConfig, .message = std::move(what), .hint = std::move(hint)};
  }

  Error unexpected(std::string_view expected) const {
    if (tokens_.empty()) return refuse(fmt::format("it ends where {} was expected", expected));
    return refuse(
        fmt::format("found '{}', expected {}", printable_line(tokens_.front().text), expected),
        "put a text with ( ) [ ] { } : = , into quotes, as in \"KEY='a=b'\", or a backslash before each of them");
  }

  Node make(Node::Kind kind, std::string text = {}) const {
    return Node{.kind = kind, .text = std::move(text), .place = place_};
  }

  bool next_is(Kind kind, std::size_t ahead = 0) const { return ahead < tokens_.size() && tokens_[ahead].kind == kind; }

  bool take(Kind kind) {
    if (!next_is(kind)) return false;
    tokens_ = tokens_.subspan(1);
    return true;
  }

  Result<Node> element(int depth) {
    if (depth > kDeepest) {
      return refuse(fmt::format("more than {} levels of lists and maps, which is stoker's limit", kDeepest));
    }
    if (next_is(Kind::kId) && next_is(Kind::kParenOpen, 1)) {
      return refuse(fmt::format("a function, {}(): Hydra's functions are not known here", tokens_.front().text),
                    "write the value itself, or a text with parentheses in quotes");
    }
    if (next_is(Kind::kQuoted)) {
      Node node = make(Node::Kind::kString, unescaped(tokens_.front()));
      tokens_ = tokens_.subspan(1);
      return node;
    }
    if (take(Kind::kBracketOpen)) return list(depth);
    if (take(Kind::kBraceOpen)) return map(depth);
    return primitive(true);
  }

  Result<Node> list(int depth) {
    Node node = make(Node::Kind::kList);
    if (take(Kind::kBracketClose)) return node;
    while (true) {
      STOKER_ASSIGN(Node item, element(depth + 1));
      node.items.push_back(std::move(item));
      if (take(Kind::kBracketClose)) return node;
      if (!take(Kind::kComma)) return unexpected("',' or ']' in a list");
    }
  }

  Result<Node> map(int depth) {
    Node node = make(Node::Kind::kMap);
    if (take(Kind::kBraceClose)) return node;
    while (true) {
      if (next_is(Kind::kQuoted)) {
        return refuse(fmt::format("the key {} in quotes", printable_line(tokens_.front().text)),
                      "keys of a map stand without quotes; a backslash escapes a character");
      }
      STOKER_ASSIGN(Node key, primitive(false));
      if (!take(Kind::kColon)) return unexpected(fmt::format("':' after the key '{}'", printable_line(key.text)));
      STOKER_ASSIGN(Node value, element(depth + 1));
      if (node.find(key.text) != nullptr)
        return refuse(fmt::format("the key '{}' stands twice", printable_line(key.text)));
      node.add(std::move(key.text), std::move(value));
      if (take(Kind::kBraceClose)) return node;
      if (!take(Kind::kComma)) return unexpected("',' or '}' in a map");
    }
  }

  Result<Node> primitive(bool with_colon) {
    std::size_t count = 0;
    while (count < tokens_.size() && (is_primitive(tokens_[count]) || (with_colon && next_is(Kind::kColon, count)))) {
      ++count;
    }
    if (next_is(Kind::kInterpolation, count)) {
      return refuse(fmt::format("{}: interpolations are not known here", printable_line(tokens_[count].text)),
                    "write the value itself");
    }
    if (count == 0) return unexpected(with_colon ? "a value" : "a key in a map");
    std::span<const Token> own = tokens_.first(count);
    tokens_ = tokens_.subspan(count);
    if (own.back().kind == Kind::kSpace && own.size() > 1) own = own.first(own.size() - 1);
    std::string text;
    for (const Token& token : own) text += token.kind == Kind::kEscape ? unescaped(token) : std::string(token.text);
    return make(own.size() == 1 ? node_kind(own.front().kind) : Node::Kind::kString, std::move(text));
  }

  std::span<const Token> tokens_;  // those still to be read
  const Place& place_;
};

}  // namespace

Result<Node> parse_override_value(std::string_view text, const Place& place) {
  // Blanks before a value belong to the '='.
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const auto parsed = [&]() -> Result<Node> {
    STOKER_ASSIGN(const std::vector<Token> tokens, override_tokens(text));
    return ValueParser(tokens, place).parse_all();
  };
  Result<Node> node = parsed();
  if (node) return node;
  Error error = std::move(node).error();
  error.message = "bad value: " + error.message;
  error.where = place.position;
  return error;
}

}  // namespace stoker::config
