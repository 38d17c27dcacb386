#include "mlperf/rules/catalogue.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "base/did_you_mean.h"
#include "mlperf/rules/catalogue_rules_internal.h"
#include "mlperf/rules/overrides.h"

namespace stoker::rules {
namespace {

constexpr std::string_view kIntroduction = R"(# Rules

Made from the catalogue (`src/mlperf/rules/catalogue_rules.cc` and the tables of `src/mlperf/rules/overrides.cc`); edit that, then run the tests with
`STOKER_UPDATE_GOLDEN=1`.

`stoker training run` and `stoker training configview`, and both commands of `stoker checkpointing`, are judged by these rules before
anything is run; runs that lie on disk are judged by the same functions. Every finding names its rule; `stoker rules explain ID` shows it.

A finding is CLOSED (a remark), OPEN or INVALID. One INVALID finding makes the run INVALID, otherwise one OPEN finding makes it OPEN.

| Verdict | neither flag | `--open` | `--closed` |
|---|---|---|---|
| CLOSED | runs, with a warning | runs | runs |
| OPEN | runs, with a warning | runs | refused, exit code 1 |
| INVALID | runs, with a warning | refused, exit code 1 | refused, exit code 1 |

The warning says that results are not for submission. `--allow-invalid-params` turns the refusal of an INVALID run into a warning.
What a data set brings with it (its manifest's format, compression, samples per file) counts as an override.

Sources: [rules] is the text of the rules of MLPerf Storage; [tool] is mlpstorage and [checker] the checker of submissions, where they
check something; [ours] is stoker's own.

Where the sources disagree, and what is done here:

* **The seed.** The text of the rules wants another seed in each run of a submission; the tables of what may be overridden, and the
  checkers with them, leave train.seed out, so that setting it makes a run INVALID. The tables are kept: the seed is the workload's, also in
  every run of `--loops`. Within a run each epoch has an order of its own (train.seed_change_epoch); from run to run the orders repeat.
)";

bool has_table(const Rule& rule) {
  return rule.id.find(".override.") != std::string_view::npos;
}

std::span<const OverrideRow> table_of(const Rule& rule) {
  return rule.benchmark == "training" ? training_overrides() : checkpointing_overrides();
}

std::string_view suffix(Category category) {
  switch (category) {
    case Category::kClosed: return ".closed";
    case Category::kOpen: return ".open";
    case Category::kInvalid: return ".invalid";
  }
  return "";
}

struct TableLine {
  std::string key;
  std::string reason;
};

// The rows of the table that belong to the rule.
std::vector<TableLine> table_lines(const Rule& rule) {
  std::vector<TableLine> lines;
  for (const OverrideRow& row : table_of(rule)) {
    if (!rule.id.ends_with(suffix(row.category))) continue;
    std::string reason(row.reason);
    if (!row.neutral_value.empty()) reason += fmt::format("; {} is CLOSED", row.neutral_value);
    if (row.ours) reason += " (stoker's own)";
    lines.push_back({std::string(row.key), std::move(reason)});
  }
  return lines;
}

}  // namespace

std::string_view to_string(Source source) {
  switch (source) {
    case Source::kRules: return "rules";
    case Source::kTool: return "tool";
    case Source::kChecker: return "checker";
    case Source::kOurs: return "ours";
  }
  return "";
}

std::span<const Rule> catalogue() {
  static const std::vector<Rule> rules = internal::all_rules();
  return rules;
}

std::vector<std::string_view> benchmarks() {
  std::vector<std::string_view> names;
  for (const Rule& rule : catalogue()) {
    if (std::ranges::find(names, rule.benchmark) == names.end()) names.push_back(rule.benchmark);
  }
  return names;
}

Result<Rule> find_rule(std::string_view id) {
  std::vector<std::string_view> ids;
  std::vector<std::string_view> beginnings;
  for (const Rule& rule : catalogue()) {
    if (rule.id == id) return rule;
    ids.push_back(rule.id);
    if (!id.empty() && (rule.id.starts_with(id) || rule.id.ends_with(fmt::format(".{}", id)))) {
      beginnings.push_back(rule.id);
    }
  }
  Error error = make_error(Code::kInvalidArgument, "unknown rule '{}'{}", id, did_you_mean_text(id, ids));
  error.hint = beginnings.empty() ? "'stoker rules list' shows all rules"
                                  : fmt::format("rules of that name: {}", fmt::join(beginnings, ", "));
  return error;
}

std::string list_text(std::string_view benchmark) {
  std::size_t width = 0;
  for (const Rule& rule : catalogue()) width = std::max(width, rule.id.size());
  std::string text;
  for (const Rule& rule : catalogue()) {
    if (!benchmark.empty() && rule.benchmark != benchmark) continue;
    fmt::format_to(std::back_inserter(text), "{:<{}}  {}\n", rule.id, width, rule.title);
  }
  return text;
}

std::string explain_text(const Rule& rule) {
  std::string text = fmt::format("{}: {}\n\n{}\n\nsource:   [{}] {}\neffect:   {}\nexample:  {}\n", rule.id, rule.title,
                                 rule.text, to_string(rule.source), rule.reference, rule.effect, rule.example);
  if (!has_table(rule)) return text;
  const auto lines = table_lines(rule);
  std::size_t width = 0;
  for (const auto& line : lines) width = std::max(width, line.key.size());
  text += "\nkeys ('*' stands for any ending):\n";
  for (const auto& line : lines) {
    fmt::format_to(std::back_inserter(text), "  {:<{}}  {}\n", line.key, width, line.reason);
  }
  if (rule.id.ends_with(".invalid")) text += "  and every other key\n";
  return text;
}

std::string reference_markdown() {
  std::string text(kIntroduction);
  std::string_view section;
  for (const Rule& rule : catalogue()) {
    if (rule.benchmark != section) {
      section = rule.benchmark;
      fmt::format_to(std::back_inserter(text), "\n## {}\n", section);
    }
    fmt::format_to(std::back_inserter(text), "\n### `{}`: {}\n\n{}\n\n- Source: [{}] {}\n- Effect: {}\n- Example: {}\n",
                   rule.id, rule.title, rule.text, to_string(rule.source), rule.reference, rule.effect, rule.example);
    if (!has_table(rule)) continue;
    text += "\n| Key | Why |\n|---|---|\n";
    for (const auto& line : table_lines(rule)) {
      fmt::format_to(std::back_inserter(text), "| `{}` | {} |\n", line.key, line.reason);
    }
    if (rule.id.ends_with(".invalid")) text += "| every other key | the rules do not allow to change it |\n";
  }
  return text;
}

}  // namespace stoker::rules
