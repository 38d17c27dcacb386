// What tests ask of a verdict.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "mlperf/rules/judge.h"

namespace stoker::rules::testing {

// Findings of one rule.
inline std::vector<Finding> of_rule(const Judgement& judgement, std::string_view rule) {
  std::vector<Finding> found;
  std::ranges::copy_if(judgement.findings, std::back_inserter(found), [&](const Finding& f) { return f.rule == rule; });
  return found;
}

// The rules with findings that are not CLOSED, one entry per finding.
inline std::vector<std::string> broken(const Judgement& judgement) {
  std::vector<std::string> rules;
  for (const Finding& f : judgement.findings) {
    if (f.category != Category::kClosed) rules.push_back(f.rule);
  }
  return rules;
}

// Every finding as text, for messages.
inline std::string text(const Judgement& judgement) {
  std::string all;
  for (const Finding& f : judgement.findings) all += f.rule + ": " + to_string(f) + "\n";
  return all;
}

}  // namespace stoker::rules::testing
