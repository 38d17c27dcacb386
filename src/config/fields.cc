#include "config/fields.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "base/check.h"
#include "config/field_rows_internal.h"

namespace stoker::config {
namespace {

// Every name that a file may use, and its row.
const std::map<std::string_view, const Field*>& by_name() {
  static const std::map<std::string_view, const Field*> index = [] {
    std::map<std::string_view, const Field*> result;
    for (const Field& field : fields()) {
      const bool fresh = result.emplace(field.key, &field).second;
      STOKER_CHECK(fresh, "a key has one row");
      for (const Alias& alias : field.aliases) {
        const bool fresh_alias = result.emplace(alias.key, &field).second;
        STOKER_CHECK(fresh_alias, "an alias has one meaning");
      }
    }
    return result;
  }();
  return index;
}

}  // namespace

const std::vector<Field>& fields() {
  static const std::vector<Field> table = [] {
    std::vector<Field> rows = training_fields();
    std::ranges::move(data_fields(), std::back_inserter(rows));
    return rows;
  }();
  return table;
}

const Field* find_field(std::string_view key) {
  const auto at = by_name().find(key);
  return at == by_name().end() ? nullptr : at->second;
}

std::string canonical_section(std::string_view key) {
  constexpr std::string_view kAlias = "data_reader";
  if (key == kAlias || key.starts_with("data_reader.")) return "reader" + std::string(key.substr(kAlias.size()));
  return std::string(key);
}

bool is_section(std::string_view key) {
  const std::string prefix = std::string(key) + ".";
  const auto at = by_name().lower_bound(prefix);
  return at != by_name().end() && at->first.starts_with(prefix);
}

std::vector<std::string_view> names_in_section(std::string_view section) {
  const std::string prefix = section.empty() ? std::string() : std::string(section) + ".";
  std::vector<std::string_view> names;
  for (const auto& [key, field] : by_name()) {
    if (!key.starts_with(prefix)) continue;
    const std::string_view rest = key.substr(prefix.size());
    const std::string_view name = rest.substr(0, rest.find('.'));
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  if (section.empty()) names.push_back("data_reader");
  return names;
}

}  // namespace stoker::config
