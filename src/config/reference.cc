// The field table as text for people: the effective configuration, single values, and docs/config.md.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "config/field_value.h"
#include "config/fields.h"
#include "config/load.h"

namespace stoker::config {
namespace {

constexpr std::size_t kWidestValue = 60;

std::string origin_text(const Origin& origin) {
  switch (origin.kind) {
    case Origin::Kind::kDefault: return "default";
    case Origin::Kind::kFile: return origin.text;
    case Origin::Kind::kOverride: return "override " + origin.text;
  }
  return {};
}

// A column list is summed up: hundreds of columns do not fit a line.
std::string short_value(const Field& field, const Workload& w) {
  if (field.secret) return "(not shown)";
  if (field.key == "dataset.parquet.columns" && !w.dataset.parquet.columns.empty()) {
    const auto& columns = w.dataset.parquet.columns;
    return fmt::format("{} columns, {} bytes per row; {} read, {} bytes", columns.size(), row_bytes(columns),
                       std::ranges::count_if(columns, &ColumnSpec::read), read_row_bytes(columns));
  }
  std::string text = text_of(field, w);
  if (text.size() > kWidestValue) text = text.substr(0, kWidestValue - 3) + "...";
  return text;
}

std::string aliases_text(const Field& field) {
  std::string text;
  for (const Alias& alias : field.aliases) {
    text += fmt::format("{}`{}`{}", text.empty() ? "" : ", ", alias.key, alias.old ? " (old)" : "");
  }
  return text.empty() ? text : fmt::format(" Also {}.", text);
}

std::string_view section_of(std::string_view key) {
  return key.substr(0, key.find('.'));
}

constexpr std::string_view kIntroduction = R"TEXT(# Configuration keys

Made from the field table (`src/config/fields_*.cc`); edit that, then run the tests with `STOKER_UPDATE_GOLDEN=1`.

A workload is a YAML file of the sections below, with the keys of DLIO. `stoker` finds it by name in `DIR/workload/` and `DIR/` of
`--config-dir DIR`, then among the files built into the program (`configs/workload/`). Overrides change single values:

| Form | Effect |
|---|---|
| `a.b=v` | replace; an error when the file does not have `a.b` |
| `+a.b=v` | add; an error when it does |
| `++a.b=v` | add or replace, creating sections on the way |
| `~a.b` | delete; `~a.b=v` only when the value is `v` |

A leading `workload.` may stand before any key. Later overrides win, and all win over the file. `null` stands for the default.

Values are those of Hydra's grammar: `true`, `false`, `null` (any case), numbers, `[a, b]`, `{k: v}`, quoted strings, and otherwise bare
strings of letters, digits, blanks between them and `/ - \ + . $ % * @ ? | : _`. Other characters need quotes, or, if they are one of
`( ) [ ] { } : = , \` or a blank, a backslash before them: `a=x\=1`, `a='x=1'`. In quotes a backslash stands for itself, except that `\'`
is a quote (`\"` in the other kind of quotes) and that backslashes before a quote are doubled: `'C:\dir'`, `'it\'s'`, `'ends with \\'`.
Empty items of a list, keys of a map in quotes, and blanks before `=` are errors. The shell takes quotes and backslashes for itself, so put
the whole override into the shell's quotes: `"a='x=1'"`.

Refused, though Hydra takes them:

- several values (`a=1,2`), to be tried one after the other; write `[1,2]` for a list and quotes around a text with a comma
- functions (`a=range(1,5)`, `a=int(x)`) and interpolations (`a=${b}`)
- a key that stands twice in a map, of which Hydra drops one
- groups and packages (`a/b=x`, `a@b=x`) other than those of `hydra/`, and an empty key (`=1`)
- more than 32 levels of lists and maps, and more than 32 parts of a key, which are stoker's own limits

- Booleans in files are those of YAML 1.1 (`on`, `off`, `yes`, `no` too); a shuffle may be `off` or `False` in files and overrides.
- Whole numbers may be written as `1000000`, `1_000_000` or `1e6`.
- A *duration* is a number of seconds, or a map: `{mean: 0.3, stdev: 0.1}`, `{type: uniform, min: a, max: b}`,
  `{type: gamma, shape: a, scale: b}`, `{type: exponential, scale: a}` or `{type: poisson, lam: a}` (whole seconds). Draws below 0
  count as 0.
- A *column* is `{name, dtype, size, read}`: dtype is uint8 to uint64, int8 to int64, float16, float32 (default), float64, bool,
  string, binary or list (of float32); size is elements per row, or bytes for binary; read: False is generated but not read.
- An *element type* is uint8 to uint64, int8 to int64, float16, float32, float64, bool, complex64 or complex128.
- The section `data_reader` is another name of `reader`, and wins where a file has both.
- An unknown key is refused below `dataset.parquet` and where it looks like a typing error; elsewhere it is ignored with a warning.
)TEXT";

}  // namespace

std::string describe(const Loaded& loaded) {
  struct Row {
    std::string key, value, origin;
  };
  std::vector<Row> rows;
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  for (const Field& field : fields()) {
    if (field.effect != Effect::kFull) continue;
    const auto origin = loaded.origins.find(std::string(field.key));
    rows.push_back({std::string(field.key), short_value(field, loaded.workload),
                    origin_text(origin == loaded.origins.end() ? Origin{} : origin->second)});
    key_width = std::max(key_width, rows.back().key.size());
    value_width = std::max(value_width, rows.back().value.size());
  }
  std::string text;
  for (const Row& row : rows) {
    fmt::format_to(std::back_inserter(text), "{:<{}}  {:<{}}  {}\n", row.key, key_width, row.value, value_width,
                   row.origin);
  }
  return text;
}

std::optional<std::string> value_of(const Loaded& loaded, std::string_view key) {
  if (key.starts_with("workload.")) key.remove_prefix(std::string_view("workload.").size());
  const Field* field = find_field(canonical_section(key));
  if (field == nullptr || field->effect != Effect::kFull || field->secret) return std::nullopt;
  std::string text = text_of(*field, loaded.workload);
  if (text == "None") return std::nullopt;
  return text;
}

std::string reference_markdown() {
  const Workload defaults;
  std::string text(kIntroduction);
  std::string_view section;
  std::string without_effect;
  for (const Field& field : fields()) {
    if (field.effect != Effect::kFull) {
      fmt::format_to(std::back_inserter(without_effect), "| `{}` | {} | {} |\n", field.key,
                     field.effect == Effect::kRefused ? "refused" : "no effect", field.help);
      continue;
    }
    if (section_of(field.key) != section) {
      section = section_of(field.key);
      fmt::format_to(std::back_inserter(text), "\n## {}\n\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n",
                     section);
    }
    fmt::format_to(std::back_inserter(text), "| `{}` | {} | `{}` | {}{} |\n", field.key, type_text(field),
                   text_of(field, defaults), field.help, aliases_text(field));
  }
  text += "\n## Keys of DLIO that this program does not use\n\n| Key | When set | Meaning |\n|---|---|---|\n" +
          without_effect;
  return text;
}

}  // namespace stoker::config
