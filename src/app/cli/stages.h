// The stages of a benchmark command. On a terminal a bar that is erased at the end; otherwise one STATUS line per
// stage: "Stage 2/4: text".
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace stoker::cli {

// "[=====     ] 2/4 text (90 s)": the bar of stage `number` of `total`.
[[nodiscard]] std::string stage_bar(int number, int total, std::string_view text, double elapsed_seconds);

class Stages {
 public:
  enum class Show {
    kNothing,
    kLines,
    kBar,  // stderr is a terminal; a thread keeps the time in it up to date
  };

  // `clock` outlives this.
  Stages(int total, Show show, const Clock& clock);
  ~Stages();
  Stages(const Stages&) = delete;
  Stages& operator=(const Stages&) = delete;

  // The next stage begins. Never more often than `total`.
  void begin(std::string_view text);
  // Takes the bar away until the next stage: somebody else writes to the terminal.
  void yield();

 private:
  struct Bar;
  int total_;
  int number_ = 0;
  Show show_;
  std::unique_ptr<Bar> bar_;
};

}  // namespace stoker::cli
