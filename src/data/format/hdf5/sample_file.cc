#include "data/format/hdf5/sample_file.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "base/printable.h"
#include "data/format/hdf5/limits.h"
#include "data/format/hdf5/meta_file.h"
#include "data/format/hdf5/root_group.h"

namespace stoker::format::hdf5 {
namespace {

constexpr std::string_view kPrefix = "records_";
constexpr std::size_t kNamesTold = 5;

std::optional<std::uint64_t> number_of(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const std::string_view digits = name.substr(kPrefix.size());
  std::uint64_t number = 0;
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (bad != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  // "records_00" is another name.
  return digits == fmt::format("{}", number) ? std::optional(number) : std::nullopt;
}

Error has_none(const RootGroup& root) {
  std::vector<std::string> names;
  for (const Link& link : root.links)
    if (names.size() < kNamesTold) names.push_back(fmt::format("'{}'", printable_line(link.name)));
  return make_error(Code::kUnsupported,
                    "no array 'records_0' among the {} names of its root group{}{}{}: the samples "
                    "are looked for there",
                    root.links.size(), names.empty() ? "" : " (", fmt::join(names, ", "),
                    names.empty()                      ? ""
                    : root.links.size() > names.size() ? ", ...)"
                                                       : ")");
}

// Whoever adds and multiplies sizes later need not look.
Status check_size(const SampleFile& file) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62U;
  std::uint64_t row = 0;
  for (const Array& array : file.arrays) {
    row += array.row_bytes();
    if (row > kMost / std::max<std::uint64_t>(1, file.rows()))
      return make_error(Code::kUnsupported, "{} samples of {} bytes or more", file.rows(), row);
  }
  return {};
}

}  // namespace

Result<SampleFile> read_sample_file(io::ReadableFile& file, bool verify_checksums, io::ReadObserver* observer) {
  MetaFile meta(file, observer, verify_checksums);
  STOKER_ASSIGN(const RootGroup root, read_root_group(meta));
  SampleFile found{.superblock = root.superblock};
  std::vector<std::pair<std::uint64_t, const Link*>> links;
  for (const Link& link : root.links) {
    if (const auto number = number_of(link.name)) {
      links.emplace_back(*number, &link);
    } else {
      found.others.push_back(link.name);
    }
  }
  if (links.empty()) return has_none(root);
  if (links.size() > kMostArrays) return make_error(Code::kUnsupported, "more than {} arrays", kMostArrays);
  std::ranges::sort(links, {}, [](const auto& link) { return link.first; });
  std::uint64_t chunks = 0;
  for (const auto& [number, link] : links) {
    if (number != found.arrays.size()) {
      return make_error(Code::kUnsupported, "no array '{}{}', but '{}': expected them numbered from 0", kPrefix,
                        found.arrays.size(), printable_line(link->name));
    }
    if (link->kind != LinkKind::kHard) {
      return make_error(Code::kUnsupported, "'{}' is {}, expected an array", printable_line(link->name),
                        link->kind == LinkKind::kExternal ? "a link into another file"
                        : link->kind == LinkKind::kSoft   ? "a link to another name"
                                                          : "a link of a user's own kind");
    }
    STOKER_ASSIGN(Array array, read_array(meta, link->name, link->address));
    chunks += array.chunks.size();
    if (chunks > kMostChunks) return make_error(Code::kUnsupported, "arrays of more than {} chunks", kMostChunks);
    found.arrays.push_back(std::move(array));
  }
  for (const Array& array : found.arrays) {
    if (array.grid.rows() == found.rows()) continue;
    return make_error(Code::kUnsupported, "array '{}' has {} samples, but '{}' has {}", printable_line(array.name),
                      array.grid.rows(), printable_line(found.arrays.front().name), found.rows());
  }
  STOKER_TRY(check_size(found));
  return found;
}

}  // namespace stoker::format::hdf5
