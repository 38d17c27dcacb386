// The text of the catalogue, apart from what is made of it.
#pragma once

#include <vector>

#include "mlperf/rules/catalogue.h"

namespace stoker::rules::internal {

[[nodiscard]] std::vector<Rule> all_rules();

}  // namespace stoker::rules::internal
