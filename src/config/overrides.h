// Changes to a configuration on the command line, in Hydra's grammar:
//
//   a.b=v     replace; an error when a.b is not there        ++a.b=v   add or replace, creating sections on the way
//   +a.b=v    add; an error when a.b is there                ~a.b      delete (~a.b=v: only when the value is v)
//
// v is true, false or null (any case), a number, [a, b], {k: v}, a quoted string ('..' or ".."), or else a bare string
// of letters, digits, blanks inside and / - \ + . $ % * @ ? | : _, and of ( ) [ ] { } : = , \ and blanks with a
// backslash before each. In quotes a backslash is itself, but for those before a quote. Where Hydra would do more than
// take a value (a,b to try one after the other, functions, ${...}) or drop one (a key twice in a map), the override is
// refused. All that is compared with Hydra itself by tests/compat/hydra_grammar.py. A map given for a map is merged
// into it; a list replaces a list.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/node.h"

namespace stoker::config {

struct Override {
  enum class Action { kReplace, kAdd, kForce, kDelete } action = Action::kReplace;
  std::vector<std::string> path;  // without a leading "workload"
  std::optional<Node> value;      // none only for ~a.b
  std::string text;               // as typed
};

// `precedence` is stored in the value's places: its position among all overrides, 1-based. Refuses `workload=...` and
// `hydra...`: those choose what is run and where, and are the caller's (split_command_line).
[[nodiscard]] Result<Override> parse_override(std::string_view text, int precedence);

// The value part alone.
[[nodiscard]] Result<Node> parse_override_value(std::string_view text, const Place&);

// `text` as a value that is read as this text again. In quotes, unless it is a plain path, since people read these
// lines.
[[nodiscard]] std::string override_text(std::string_view text);

// Changes `root`, the content of the node `workload`.
[[nodiscard]] Status apply_override(const Override&, Node& root);

// What a dlio_benchmark command line says, its options (--config-dir) taken out by the caller.
struct CommandLine {
  std::optional<std::string> workload;             // the last workload=NAME
  std::vector<std::string> overrides;              // for LoadRequest::overrides, as typed
  std::optional<std::string> hydra_run_dir;        // hydra.run.dir
  std::optional<std::string> hydra_output_subdir;  // hydra.output_subdir; empty when null: no such folder
  std::vector<std::string> other_hydra;            // other hydra.* and hydra/* overrides, without effect here
};
// Refuses an argument that is no override (Code::kInvalidArgument).
[[nodiscard]] Result<CommandLine> split_command_line(std::span<const std::string> args);

// `--params a.b=c` of the mlpstorage commands as an override: "++workload.a.b=c". Split at the first '='.
[[nodiscard]] Result<std::string> param_to_override(std::string_view param);

}  // namespace stoker::config
