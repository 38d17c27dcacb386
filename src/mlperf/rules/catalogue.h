// Every rule that is checked, with an id: what `stoker rules list|explain` and docs/rules.md show, and what findings
// refer to.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace stoker::rules {

// Where a rule comes from.
enum class Source {
  kRules,    // the rules of MLPerf Storage
  kTool,     // checked by mlpstorage
  kChecker,  // checked by the submission checker only
  kOurs,     // stoker's own
};
[[nodiscard]] std::string_view to_string(Source source);

struct Rule {
  std::string_view id;         // "training.files"
  std::string_view benchmark;  // run (all of them), training, checkpointing, kvcache, vectordb, submission
  std::string_view title;
  std::string_view text;  // what is checked and why
  Source source = Source::kOurs;
  std::string_view reference;  // where the source says so
  std::string_view effect;     // on the division
  std::string_view example;    // something that breaks it, and what then happens
};

[[nodiscard]] std::span<const Rule> catalogue();
// Names that --benchmark takes, in the order of the catalogue.
[[nodiscard]] std::vector<std::string_view> benchmarks();

// Code::kInvalidArgument with the nearest ids. A benchmark's name or the beginning of ids ("training.override") is
// no rule.
[[nodiscard]] Result<Rule> find_rule(std::string_view id);

// One line per rule: id and title, aligned; of one benchmark, or of all when `benchmark` is empty.
[[nodiscard]] std::string list_text(std::string_view benchmark);
// The whole rule; for the rules about overrides with their table.
[[nodiscard]] std::string explain_text(const Rule& rule);
// docs/rules.md.
[[nodiscard]] std::string reference_markdown();

}  // namespace stoker::rules
