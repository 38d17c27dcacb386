// A launcher that starts nothing: it remembers what it was asked to run and answers with exit codes that a test has put
// in.
#pragma once

#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "cluster/launch/process.h"

namespace stoker::launch::testing {

class FakeLauncher final : public Launcher {
 public:
  // The answer to the next run that has none yet; without answers every run returns 0.
  void answer(Result<int> result) { answers_.push_back(std::move(result)); }
  // Called in every run, to leave behind what the program would (files, a stop request).
  void on_run(std::function<void(const ProcessSpec&)> effect) { effect_ = std::move(effect); }

  Result<int> run(const ProcessSpec& spec, const std::stop_token& /*stop*/) override {
    specs.push_back(spec);
    if (effect_) effect_(spec);
    if (answers_.empty()) return 0;
    Result<int> result = std::move(answers_.front());
    answers_.pop_front();
    return result;
  }

  std::vector<ProcessSpec> specs;  // one per run, in order

 private:
  std::deque<Result<int>> answers_;
  std::function<void(const ProcessSpec&)> effect_;
};

}  // namespace stoker::launch::testing
