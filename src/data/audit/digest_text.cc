#include "data/audit/digest_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/plural.h"
#include "base/printable.h"

namespace stoker::audit {
namespace {

std::string lines(const std::vector<NamedDigest>& columns) {
  std::size_t width = 0;
  for (const NamedDigest& column : columns) width = std::max(width, printable_line(column.type).size());
  std::string out;
  for (const NamedDigest& column : columns) {
    out += fmt::format("{:016x}  {:<{}}  {}\n", column.digest, printable_line(column.type), width,
                       printable_line(column.column));
  }
  return out;
}

results::Json columns_json(const std::vector<NamedDigest>& columns) {
  results::Json list = results::Json::array();
  for (const NamedDigest& column : columns) {
    list.push_back({{"name", column.column}, {"type", column.type}, {"digest", fmt::format("{:016x}", column.digest)}});
  }
  return list;
}

}  // namespace

std::string digest_text(const SetDigests& digests, const std::string& path, bool each_file) {
  const std::size_t files = digests.files.size();
  std::string out = fmt::format("{}: {}, {}", printable_line(path), counted_long(digests.rows, "row"),
                                counted_long(digests.columns.size(), "column"));
  if (files > 1) out += fmt::format(", {}", counted_long(files, "file"));
  out += "\n" + lines(digests.columns);
  if (!each_file) return out;
  for (const FileDigest& file : digests.files) {
    out += fmt::format("\n{}: {}\n{}", printable_line(file.name), counted_long(file.rows, "row"), lines(file.columns));
  }
  return out;
}

results::Json digest_json(const SetDigests& digests, const std::string& path, bool each_file) {
  results::Json json = results::Json::object();
  json["path"] = path;
  json["num_files"] = digests.files.size();
  json["rows"] = digests.rows;
  json["columns"] = columns_json(digests.columns);
  if (!each_file) return json;
  json["files"] = results::Json::array();
  for (const FileDigest& file : digests.files) {
    json["files"].push_back({{"name", file.name}, {"rows", file.rows}, {"columns", columns_json(file.columns)}});
  }
  return json;
}

}  // namespace stoker::audit
