// The fields of a system description (rules: `System`, `PowerRequirements`, `Nodes`), in one table: what is checked,
// and what a template asks for, cannot differ.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace stoker::reports {

struct SystemField {
  enum class Type {
    kText,      // any scalar
    kWhole,     // a whole number
    kNumber,    // a number
    kQuantity,  // a number, with or without a unit: 1600, 1600 W
    kCapacity,  // a number with TB or TiB (plain: TiB)
    kFlag,      // true or false
    kChoice,    // one of `choices`
    kAnything,  // scalar, list or map, also an empty one
  };
  std::string_view path;  // dotted; a part '*' stands for every name of that map
  Type type = Type::kText;
  std::string_view help;  // what to write, for people
  bool required = true;
  std::vector<std::string_view> choices;
  std::string_view alias;  // another spelling of the last part that is in use
};

// In the order of the document.
[[nodiscard]] std::span<const SystemField> system_fields();

}  // namespace stoker::reports
