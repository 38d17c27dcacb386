// What the tests of this folder share: loading a few lines of YAML.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/testing/status_matchers.h"
#include "config/load.h"

namespace stoker::config::testing {

[[nodiscard]] inline Result<Loaded> try_load(std::string_view yaml, std::vector<std::string> overrides = {}) {
  return load_text(yaml, "test.yaml", LoadRequest{.overrides = std::move(overrides)});
}

// For texts that must load; the test fails and gets a default when it does not.
[[nodiscard]] inline Loaded loaded(std::string_view yaml, std::vector<std::string> overrides = {}) {
  auto result = try_load(yaml, std::move(overrides));
  EXPECT_OK(result);
  return result ? std::move(result).value() : Loaded{};
}

}  // namespace stoker::config::testing
