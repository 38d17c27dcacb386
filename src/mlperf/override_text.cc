#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/overrides.h"
#include "mlperf/override_text_internal.h"

namespace stoker::mlperf::internal {

std::string columns_value(const std::vector<config::ColumnSpec>& columns) {
  std::vector<std::string> entries;
  for (const auto& c : columns) {
    entries.push_back(fmt::format("{{name: {}, dtype: {}, size: {}}}", config::override_text(c.name),
                                  config::to_string(c.dtype), c.size));
  }
  return fmt::format("[{}]", fmt::join(entries, ","));
}

}  // namespace stoker::mlperf::internal
