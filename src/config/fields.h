// The field table: one row per key of a workload. Parsing, overrides, the printed configuration, did-you-mean, the
// errors for unknown keys and docs/config.md all come from it. A new key is a member of workload.h and a row of
// fields.cc.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/workload.h"

namespace stoker::config {

template <class T>
using Access = T& (*)(Workload&);

// A member of an enumeration type, its type erased.
struct EnumAccess {
  explicit EnumAccess(std::vector<std::string_view> names_in, bool (*set_in)(Workload&, std::string_view),
                      std::string_view (*get_in)(Workload&))
      : names(std::move(names_in)), set(set_in), get(get_in) {}
  std::vector<std::string_view> names;       // that a message or the reference lists
  bool (*set)(Workload&, std::string_view);  // false: no such name
  std::string_view (*get)(Workload&);
};

// `x_stdev` beside the emulated time `x`: turns a constant into a normal distribution.
struct StdevAccess {
  explicit StdevAccess(Access<Duration> duration_in, std::string_view sibling_in)
      : duration(duration_in), sibling(sibling_in) {}
  Access<Duration> duration;
  std::string_view sibling;  // key of x
};

// A section whose presence sets the flag.
struct PresenceAccess {
  explicit PresenceAccess(Access<bool> flag_in) : flag(flag_in) {}
  Access<bool> flag;
};

// A flag that any non-empty text but a spelling of false sets.
struct TruthAccess {
  explicit TruthAccess(Access<bool> flag_in) : flag(flag_in) {}
  Access<bool> flag;
};

// Where the value goes. monostate: nowhere (keys without effect).
using Member = std::variant<std::monostate, Access<bool>, Access<std::int64_t>, Access<std::optional<std::int64_t>>,
                            Access<double>, Access<std::string>, Access<std::vector<std::int64_t>>,
                            Access<std::vector<std::string>>, Access<DType>, Access<Duration>,
                            Access<std::vector<ColumnSpec>>, EnumAccess, StdevAccess, PresenceAccess, TruthAccess>;

enum class Effect {
  kFull,
  kNone,     // DLIO has the key, this program has no use for it: a notice when it is set to something else than the
             // default. With a member the value is still checked and kept
  kRefused,  // DLIO has the key, this program cannot do what it asks for: an error when it is set
};

struct Alias {
  std::string_view key;
  bool old = false;  // a name of earlier DLIO versions: accepted with a warning
};

struct Field {
  std::string_view key;  // dotted, with its section
  Member member{};
  double min = -std::numeric_limits<double>::infinity();  // of a number, or of every number in a list
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string_view> choices{};  // of a text; empty: any
  std::vector<Alias> aliases{};
  Effect effect = Effect::kFull;
  bool needed = false;  // of a text: an empty one, and null, is an error and not the default
  // Of a text that becomes part of a name (config/data_set_names.h): the setting that says in which folder.
  std::string_view name_in{};
  std::string_view fallback{};  // the default as text, for rows without a member
  bool secret = false;          // never printed
  std::string_view help;        // one sentence
};

// All rows, grouped by section in the order of the documentation.
[[nodiscard]] const std::vector<Field>& fields();

// The row whose key or alias is `key` (without "workload.", "data_reader" as "reader"), or null.
[[nodiscard]] const Field* find_field(std::string_view key);

// "data_reader.x" -> "reader.x"; other keys unchanged.
[[nodiscard]] std::string canonical_section(std::string_view key);

// True for "dataset.parquet", "model"...: a key of the table continues it.
[[nodiscard]] bool is_section(std::string_view key);

// The names that may stand directly in a section ("" is the top), for suggestions.
[[nodiscard]] std::vector<std::string_view> names_in_section(std::string_view section);

}  // namespace stoker::config
