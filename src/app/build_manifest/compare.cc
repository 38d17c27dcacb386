#include "app/build_manifest/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/error_number.h"
#include "base/plural.h"

namespace stoker::build_manifest {
namespace {

using results::Json;

using Entries = std::vector<std::pair<std::string, std::string>>;

void flatten(const Json& json, const std::string& prefix, Entries& out) {
  for (const auto& [key, value] : json.items()) {
    const std::string path = prefix.empty() ? key : fmt::format("{}.{}", prefix, key);
    if (value.is_object()) {
      flatten(value, path, out);
    } else {
      out.emplace_back(path, value.is_null()     ? std::string("unknown")
                             : value.is_string() ? value.get<std::string>()
                                                 : value.dump());
    }
  }
}

Entries entries(const Json& manifest) {
  Entries all;
  flatten(manifest, "", all);
  std::erase_if(all, [](const auto& entry) { return entry.first == "kind" || entry.first == "manifest_version"; });
  return all;
}

bool is_around(std::string_view key) {
  return key.starts_with("mpi.") || key.starts_with("host.");
}

bool names(const std::string& word, const std::string& key) {
  return key == word || key.starts_with(word + ".");
}

}  // namespace

bool Comparison::passed() const {
  return mismatched.empty() && (options.allow_missing || missing.empty()) && (!options.strict || around.empty());
}

Comparison compare(const Json& recorded, const Json& here, CompareOptions options) {
  Comparison result;
  result.options = std::move(options);
  const Entries own = entries(here);
  const auto dirty = [](const Json& manifest) {
    const Json none;
    const auto stoker = manifest.find("stoker");
    return stoker != manifest.end() && stoker->is_object() && stoker->value("dirty", none) == Json(true);
  };
  result.both_dirty = dirty(recorded) && dirty(here);
  const Entries theirs = entries(recorded);
  const std::vector<std::string>& skip = result.options.skip;
  std::ranges::copy_if(skip, std::back_inserter(result.skipped_nothing), [&](const std::string& word) {
    return std::ranges::none_of(theirs, [&](const auto& entry) { return names(word, entry.first); });
  });
  for (const auto& [key, value] : theirs) {
    ++result.total;
    const auto found = std::ranges::find(own, key, &Entries::value_type::first);
    if (std::ranges::any_of(skip, [&key = key](const std::string& word) { return names(word, key); })) {
      ++result.skipped;
    } else if (found == own.end()) {
      result.missing.push_back(key);
    } else if (found->second == value) {
      ++result.matched;
    } else {
      (is_around(key) ? result.around : result.mismatched).push_back({key, value, found->second});
    }
  }
  return result;
}

std::string report(const Comparison& c, std::string_view recorded_name, std::string_view here_name) {
  std::string out = fmt::format("build manifest {}: {}\n", recorded_name, c.passed() ? "PASSED" : "FAILED");
  out += fmt::format("compared with {}: {}: {} matched, {} mismatched, {} missing, {} skipped\n", here_name,
                     counted(c.total, "entry", "entries"), c.matched, c.mismatched.size() + c.around.size(),
                     c.missing.size(), c.skipped);
  const auto list = [&out](std::string_view kind, const std::vector<Difference>& differences) {
    for (const Difference& d : differences)
      out += fmt::format("  {}: {}: recorded {}, here {}\n", kind, d.key, d.recorded, d.here);
  };
  list("build", c.mismatched);
  list(c.options.strict ? "host" : "host, warning only", c.around);
  for (const std::string& key : c.missing) {
    out += fmt::format("  missing{}: {}\n", c.options.allow_missing ? ", allowed" : "", key);
  }
  if (c.both_dirty) out += fmt::format("  note: {}\n", kBothDirty);
  return out;
}

Status verdict(const Comparison& c, std::string_view recorded_name) {
  if (!c.skipped_nothing.empty()) {
    return Error{
        .code = Code::kInvalidArgument,
        .message = fmt::format("--skip: {} has no entry and no group '{}'", recorded_name,
                               fmt::join(c.skipped_nothing, "', '")),
        .hint = "an entry is written as in the file with dots, such as build.flags; a group is its first part"};
  }
  if (c.passed()) return {};
  std::string first;
  std::size_t count = c.mismatched.size();
  if (!c.mismatched.empty()) {
    const Difference& d = c.mismatched.front();
    first = fmt::format("{}: recorded {}, here {}", d.key, d.recorded, d.here);
  } else if (c.options.strict && !c.around.empty()) {
    const Difference& d = c.around.front();
    count = c.around.size();
    first = fmt::format("{}: recorded {}, here {}", d.key, d.recorded, d.here);
  } else {
    count = c.missing.size();
    first = fmt::format("{}: missing here", c.missing.front());
  }
  Error error = make_error(Code::kFailed, "{}: this is another build ({}): {}", recorded_name,
                           counted(count, "difference"), first);
  error.hint =
      "use the program that the manifest was written by, or write a new one for this program: stoker manifest --output "
      "FILE";
  error.number = ErrorNumber::kIncompatible;
  return error;
}

}  // namespace stoker::build_manifest
