#include "config/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/yaml.h>

#include <exception>
#include <unordered_map>

#include "base/error_number.h"

namespace stoker::config {
namespace {

// Bounds against files that are no configuration: aliases can make a short text unfold without end.
constexpr int kDeepest = 64;
constexpr std::size_t kMostNodes = 300'000;
constexpr std::size_t kMostBytes = std::size_t{16} << 20;

std::string too_deep() {
  return fmt::format("nested more than {} levels deep, which is the most that stoker reads", kDeepest);
}

class Converter {
 public:
  explicit Converter(const std::string& file_name) : file_name_(file_name) {}

  Result<Node> convert(const YAML::Node& from, int depth) {
    Node node;
    node.place = place_of(from);
    if (depth == kDeepest && (from.IsSequence() || from.IsMap())) return refuse(node.place, too_deep());
    if (++nodes_ > kMostNodes)
      return refuse(node.place,
                    fmt::format("has more than {} values, which is the most that stoker reads", kMostNodes));
    switch (from.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null: return node;
      case YAML::NodeType::Scalar: {
        node.text = from.Scalar();
        // yaml-cpp tags quoted scalars "!" and plain ones "?"; an explicit tag keeps the text a string unless it says
        // more.
        const std::string& tag = from.Tag();
        const bool plain =
            tag.empty() || tag == "?" || (tag.starts_with("tag:yaml.org,2002:") && !tag.ends_with(":str"));
        node.kind = plain ? classify(node.text, Dialect::kYaml) : Node::Kind::kString;
        return node;
      }
      case YAML::NodeType::Sequence: {
        node.kind = Node::Kind::kList;
        for (const YAML::Node& item : from) {
          STOKER_ASSIGN(Node converted, convert(item, depth + 1));
          node.items.push_back(std::move(converted));
        }
        return node;
      }
      case YAML::NodeType::Map: return convert_map(from, std::move(node), depth);
    }
    return node;
  }

 private:
  Place place_of(const YAML::Node& node) const {
    const YAML::Mark mark = node.Mark();
    return Place{.position = SourcePos{.file = file_name_, .line = mark.line + 1, .column = mark.column + 1}};
  }

  static Error refuse(const Place& place, std::string message) {
    return Error{
        .code = Code::kConfig, .message = std::move(message), .where = place.position, .number = ErrorNumber::kParse};
  }

  Result<Node> convert_map(const YAML::Node& from, Node node, int depth) {
    node.kind = Node::Kind::kMap;
    std::vector<Node> merged;
    std::unordered_map<std::string, int> lines;  // by key; a search through the entries would be quadratic
    for (const auto& pair : from) {
      const Place place = place_of(pair.first);
      if (!pair.first.IsScalar()) return refuse(place, "a key must be plain text");
      const std::string& key = pair.first.Scalar();
      STOKER_ASSIGN(Node value, convert(pair.second, depth + 1));
      if (key == "<<") {
        if (value.is_list()) {
          for (Node& item : value.items) merged.push_back(std::move(item));
        } else {
          merged.push_back(std::move(value));
        }
        continue;
      }
      if (const auto [earlier, fresh] = lines.emplace(key, place.position.line); !fresh) {
        return refuse(place, fmt::format("'{}' stands twice in this section; first in line {}", key, earlier->second));
      }
      node.entries.push_back(Entry{.key = key, .place = place, .value = std::move(value)});
    }
    // Keys of a merged map count only where the map itself does not have them; earlier merges win over later ones.
    for (Node& base : merged) {
      if (!base.is_map()) return refuse(base.place, "'<<' needs a map or a list of maps");
      for (Entry& entry : base.entries) {
        if (lines.emplace(entry.key, entry.place.position.line).second) node.entries.push_back(std::move(entry));
      }
    }
    return node;
  }

  const std::string& file_name_;
  std::size_t nodes_ = 0;
};

// YAML 1.1 readers take `1e6` as a string; with a point it is a number to all of them.
std::string portable_float(const std::string& text) {
  if (text.find('.') != std::string::npos) return text;
  const std::optional<double> value = parse_number(text);
  if (!value) return "." + text;  // inf and nan
  std::string plain = fmt::format("{}", *value);
  if (plain.find('.') == std::string::npos) {
    const std::size_t exponent = plain.find('e');
    plain.insert(exponent == std::string::npos ? plain.size() : exponent, ".0");
  }
  return plain;
}

void emit(YAML::Emitter& out, const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: out << YAML::Null; return;
    case Node::Kind::kBool: out << parse_bool(node.text).value_or(false); return;
    case Node::Kind::kInt: out << node.text; return;
    case Node::Kind::kFloat: out << portable_float(node.text); return;
    case Node::Kind::kString:
      if (classify(node.text, Dialect::kYaml) != Node::Kind::kString) out << YAML::DoubleQuoted;
      out << node.text;
      return;
    case Node::Kind::kList:
      if (node.items.empty()) out << YAML::Flow;
      out << YAML::BeginSeq;
      for (const Node& item : node.items) emit(out, item);
      out << YAML::EndSeq;
      return;
    case Node::Kind::kMap:
      if (node.entries.empty()) out << YAML::Flow;
      out << YAML::BeginMap;
      for (const Entry& entry : node.entries) {
        // YAML takes a key of more than 1,024 characters, escapes counted, only behind a question mark.
        constexpr std::size_t kLongKeyBytes = 100;
        if (entry.key.size() > kLongKeyBytes) out << YAML::LongKey;
        out << YAML::Key << entry.key << YAML::Value;
        emit(out, entry.value);
      }
      out << YAML::EndMap;
      return;
  }
}

}  // namespace

Result<Node> parse_yaml(std::string_view text, const std::string& file_name) {
  if (text.size() > kMostBytes) return make_error(Code::kConfig, "{}: larger than {} bytes", file_name, kMostBytes);
  try {
    const YAML::Node document = YAML::Load(std::string(text));
    STOKER_ASSIGN(Node node, Converter(file_name).convert(document, 0));
    if (node.is_null()) node.kind = Node::Kind::kMap;
    return node;
  } catch (const YAML::DeepRecursion& e) {  // the library's own limit, which is above ours
    return Error{.code = Code::kConfig,
                 .message = too_deep(),
                 .where = SourcePos{.file = file_name, .line = e.mark.line + 1, .column = e.mark.column + 1},
                 .number = ErrorNumber::kParse};
  } catch (const YAML::Exception& e) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format("not valid YAML: {}", e.msg),
                 .where = SourcePos{.file = file_name, .line = e.mark.line + 1, .column = e.mark.column + 1},
                 .number = ErrorNumber::kParse};
  } catch (const std::exception& e) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format("cannot be read as YAML: {}", e.what()),
                 .where = SourcePos{.file = file_name},
                 .number = ErrorNumber::kParse};
  }
}

std::string emit_yaml(const Node& node) {
  try {
    YAML::Emitter out;
    emit(out, node);
    return std::string(out.c_str(), out.size()) + "\n";
  } catch (const std::exception& e) {
    // The emitter throws on a misuse of its states only, which the recursion above rules out.
    check_failed("YAML::Emitter accepts every tree", __FILE__, __LINE__, e.what());
  }
}

}  // namespace stoker::config
