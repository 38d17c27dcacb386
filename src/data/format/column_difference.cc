#include "data/format/column_difference.h"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <vector>

namespace stoker::format {
namespace {

constexpr std::size_t kShown = 8;

std::map<std::string_view, std::string_view> by_name(std::span<const NamedColumn> columns) {
  std::map<std::string_view, std::string_view> types;
  for (const NamedColumn& column : columns) types.emplace(column.name, column.type);
  return types;
}

}  // namespace

std::string column_difference(std::span<const NamedColumn> here, std::span<const NamedColumn> there) {
  const auto types_here = by_name(here);
  const auto types_there = by_name(there);
  std::vector<std::string> differences;
  for (const NamedColumn& column : here) {
    const auto other = types_there.find(column.name);
    if (other == types_there.end()) {
      differences.push_back(fmt::format("'{}' is only here", column.name));
    } else if (other->second != column.type) {
      differences.push_back(fmt::format("'{}' is {} here and {} there", column.name, column.type, other->second));
    }
  }
  for (const NamedColumn& column : there) {
    if (!types_here.contains(column.name)) differences.push_back(fmt::format("'{}' is only there", column.name));
  }
  const std::size_t more = differences.size() > kShown ? differences.size() - kShown : 0;
  if (more > 0) {
    differences.resize(kShown);
    differences.push_back(fmt::format("{} more", more));
  }
  return fmt::format("{}", fmt::join(differences, "; "));
}

}  // namespace stoker::format
