// YAML text to a Node and back: the one place that knows yaml-cpp, whose exceptions end here.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "config/node.h"

namespace stoker::config {

// One document. An empty text is an empty map. Scalars are classified by YAML 1.1; anchors and merge keys (<<) are
// resolved; a key that stands twice in one map is refused. `file_name` is what errors and places say.
[[nodiscard]] Result<Node> parse_yaml(std::string_view text, const std::string& file_name);

// Block style, keys in order, ends with a newline. Strings that YAML would read as something else are quoted.
[[nodiscard]] std::string emit_yaml(const Node&);

}  // namespace stoker::config
