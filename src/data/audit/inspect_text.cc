#include "data/audit/inspect_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/plural.h"
#include "base/printable.h"
#include "base/units.h"
#include "config/enum_names.h"
#include "data/audit/value_json.h"
#include "data/format/format.h"

namespace stoker::audit {
namespace {

using results::Json;

constexpr std::size_t kWidth = 100;
// Row groups that have a line of their own, from the first one on.
constexpr std::size_t kGroupsShown = 10;

// On one line of at most `width` characters; what is cut off leaves dots.
std::string fitted(std::string text, std::size_t width) {
  if (text.size() <= width) return text;
  std::size_t end = width - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

std::string bytes(std::uint64_t n) {
  return format_bytes(static_cast<double>(n));
}

std::string ratio(std::uint64_t plain, std::uint64_t stored) {
  return stored == 0 ? "-" : fmt::format("{:.2f}", static_cast<double>(plain) / static_cast<double>(stored));
}

// All chunks of a column together.
struct ColumnTotals {
  std::set<std::string> codecs, encodings;
  format::PagesInfo pages;
  std::uint64_t values = 0, stored = 0, plain = 0, nulls = 0;
  std::size_t chunks = 0, with_nulls = 0, with_range = 0, offset_indexes = 0, column_indexes = 0, bloom_filters = 0;
  Json least, most;
};

void add_range(const format::ColumnInfo& column, const format::ChunkInfo& chunk, ColumnTotals& totals) {
  if (!chunk.min || !chunk.max) return;
  ++totals.with_range;
  Json least = value_json(column, std::as_bytes(std::span(*chunk.min)));
  Json most = value_json(column, std::as_bytes(std::span(*chunk.max)));
  if (totals.with_range == 1 || least < totals.least) totals.least = std::move(least);
  if (totals.with_range == 1 || totals.most < most) totals.most = std::move(most);
}

ColumnTotals totals_of(const format::FileInfo& info, std::size_t c) {
  ColumnTotals out;
  for (const format::RowGroupInfo& group : info.row_groups) {
    const format::ChunkInfo& chunk = group.columns[c];
    out.codecs.insert(chunk.codec);
    out.encodings.insert(chunk.encodings.begin(), chunk.encodings.end());
    const bool first = out.pages.data == 0;
    if (chunk.pages.data > 0) {
      out.pages.smallest_bytes =
          first ? chunk.pages.smallest_bytes : std::min(out.pages.smallest_bytes, chunk.pages.smallest_bytes);
      out.pages.largest_bytes = std::max(out.pages.largest_bytes, chunk.pages.largest_bytes);
    }
    out.pages.data += chunk.pages.data;
    out.pages.dictionary += chunk.pages.dictionary;
    out.pages.other += chunk.pages.other;
    out.pages.version2 += chunk.pages.version2;
    out.pages.with_checksum += chunk.pages.with_checksum;
    out.values += chunk.values;
    out.stored += chunk.stored_bytes;
    out.plain += chunk.plain_bytes;
    ++out.chunks;
    out.with_nulls += chunk.nulls ? 1 : 0;
    out.nulls += chunk.nulls.value_or(0);
    out.offset_indexes += chunk.offset_index ? 1 : 0;
    out.column_indexes += chunk.column_index ? 1 : 0;
    out.bloom_filters += chunk.bloom_filter ? 1 : 0;
    add_range(info.columns[c], chunk, out);
  }
  return out;
}

// "offset index", or of how many chunks; nothing when there is none.
void add_count(std::string& text, std::size_t n, std::size_t of, std::string_view what) {
  if (n == 0) return;
  text += n == of ? fmt::format(", {}", what) : fmt::format(", {} in {} of {}", what, n, of);
}

std::string pages_text(const ColumnTotals& t) {
  std::string text = counted_long(t.pages.data, "data page");
  if (t.pages.version2 > 0) {
    text += t.pages.version2 == t.pages.data ? " of version 2" : fmt::format(", {} of version 2", t.pages.version2);
  }
  if (t.pages.data == 1) {
    text += fmt::format(" of {}", bytes(t.pages.largest_bytes));
  } else if (t.pages.data > 1) {
    text += fmt::format(" of {} to {}", bytes(t.pages.smallest_bytes), bytes(t.pages.largest_bytes));
  }
  if (t.pages.dictionary > 0) text += fmt::format(", {}", counted_long(t.pages.dictionary, "dictionary page"));
  if (t.pages.other > 0)
    text += fmt::format(", {}", counted_long(t.pages.other, "page of another kind", "pages of other kinds"));
  const std::uint64_t all = t.pages.data + t.pages.dictionary + t.pages.other;
  if (t.pages.with_checksum > 0) {
    text += t.pages.with_checksum == all ? ", with checksums"
                                         : fmt::format(", {} of {} with checksums", t.pages.with_checksum, all);
  }
  return text;
}

std::string indexes_text(const ColumnTotals& t) {
  std::string text;
  add_count(text, t.offset_indexes, t.chunks, "offset index");
  add_count(text, t.column_indexes, t.chunks, "column index");
  add_count(text, t.bloom_filters, t.chunks, "Bloom filter");
  return text;
}

std::string range_text(const format::ColumnInfo& column, const ColumnTotals& t) {
  if (t.with_nulls < t.chunks && t.with_range < t.chunks) return "no statistics";
  std::string text = t.with_nulls == t.chunks ? counted_long(t.nulls, "null") : std::string("nulls not counted");
  // The text forms of decimals have another order than their values.
  const bool comparable =
      column.values != format::ValueType::kDecimal && column.values != format::ValueType::kDecimalBytes;
  if (t.with_range == t.chunks && t.chunks > 0 && (comparable || t.chunks == 1)) {
    constexpr std::size_t kValueWidth = 30;
    text += fmt::format(", {} to {}", fitted(printable_line(results::dump_line(t.least)), kValueWidth),
                        fitted(printable_line(results::dump_line(t.most)), kValueWidth));
  }
  return text;
}

std::string column_text(const format::FileInfo& info, std::size_t c) {
  const format::ColumnInfo& column = info.columns[c];
  std::string out = fmt::format("  {}: {}\n", printable_line(column.name), printable_line(column.type));
  if (info.row_groups.empty()) return out;
  const ColumnTotals t = totals_of(info, c);
  const auto line = [&](const std::string& text) { out += fmt::format("      {}\n", fitted(text, kWidth - 6)); };
  line(fmt::format("{}, {}, ratio {}, {}", bytes(t.stored), fmt::join(t.codecs, " and "), ratio(t.plain, t.stored),
                   fmt::join(t.encodings, " ")));
  line(pages_text(t));
  line(range_text(column, t) + indexes_text(t));
  return out;
}

std::string groups_text(const format::FileInfo& info) {
  std::string out =
      fmt::format("\nrow groups\n  {:>8} {:>15} {:>12} {:>12} {:>8}\n", "number", "rows", "stored", "plain", "ratio");
  for (std::size_t g = 0; g < info.row_groups.size() && g < kGroupsShown; ++g) {
    std::uint64_t stored = 0, plain = 0;
    for (const format::ChunkInfo& chunk : info.row_groups[g].columns) {
      stored += chunk.stored_bytes;
      plain += chunk.plain_bytes;
    }
    out += fmt::format("  {:>8} {:>15} {:>12} {:>12} {:>8}\n", g, format_count(info.row_groups[g].rows), bytes(stored),
                       bytes(plain), ratio(plain, stored));
  }
  if (info.row_groups.size() > kGroupsShown)
    out += fmt::format("  and {} more\n", format_count(info.row_groups.size() - kGroupsShown));
  return out;
}

std::string schema_text(const std::vector<format::SchemaNode>& schema) {
  std::string out;
  for (const format::SchemaNode& node : schema)
    out += fitted(std::string(2 + 2 * std::size_t{node.depth}, ' ') + field_text(node), kWidth) + "\n";
  return out;
}

std::string rows_text(const std::vector<Json>& rows) {
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out += fmt::format("\nrow {}\n", i);
    for (const auto& [name, value] : rows[i].items()) {
      out += fitted(fmt::format("  {}: {}", printable_line(name), printable_line(results::dump_line(value))), kWidth) +
             "\n";
    }
  }
  return out;
}

std::string manifest_lines(const std::optional<results::DatasetManifest>& manifest) {
  if (!manifest) return "no manifest: written by another program, or not as a data set\n";
  const results::DatasetManifest& m = *manifest;
  std::string out =
      fmt::format("data set of model '{}', written by stoker {}{}\n", printable_line(m.model),
                  printable_line(m.generator_version), m.complete ? "" : "; INCOMPLETE: datagen did not finish");
  out += fmt::format("manifest: {} and {} of {}, format {}, compression {}\n",
                     counted_long(static_cast<std::uint64_t>(m.num_files_train), "training file"),
                     counted_long(static_cast<std::uint64_t>(m.num_files_eval), "evaluation file"),
                     counted_long(static_cast<std::uint64_t>(m.num_samples_per_file), "row"), printable_line(m.format),
                     printable_line(m.compression));
  return out;
}

}  // namespace

std::string field_text(const format::SchemaNode& node) {
  constexpr const char* kRepetitions[] = {"required", "optional", "repeated"};
  std::string text = fmt::format("{} {} {}", kRepetitions[static_cast<std::size_t>(node.repetition)],
                                 node.physical.empty() ? "group" : node.physical, printable_line(node.name));
  if (!node.logical.empty()) text += " " + printable_line(node.logical);
  return text;
}

std::string file_text(const FileView& view) {
  const format::FileInfo& info = view.info;
  std::string out =
      fmt::format("{}: {}, {}, {}, {}, {}\n", printable_line(view.file.path.string()),
                  config::to_string(view.file.format->name), bytes(info.file_bytes), counted_long(info.rows, "row"),
                  counted_long(info.num_row_groups, "row group"), counted_long(info.columns.size(), "column"));
  if (!info.created_by.empty()) {
    out += fitted(fmt::format("written by {}, format version {}", printable_line(info.created_by),
                              printable_line(info.version)),
                  kWidth) +
           "\n";
  }
  for (const format::KeyInfo& key : info.keys)
    out += fitted(fmt::format("key {} ({})", printable_line(key.name), bytes(key.value_bytes)), kWidth) + "\n";
  if (!info.schema.empty()) out += "\nschema\n" + schema_text(info.schema);
  if (!info.row_groups.empty()) out += groups_text(info);
  if (!info.columns.empty()) out += "\ncolumns\n";
  for (std::size_t c = 0; c < info.columns.size(); ++c) out += column_text(info, c);
  return out + rows_text(view.rows);
}

std::string folder_text(const FolderView& view, const std::string& path) {
  std::string out =
      fmt::format("{}: {}, {}, {}, {}\n", printable_line(path), counted_long(view.files, "file"), bytes(view.bytes),
                  counted_long(view.rows, "row"), counted_long(view.row_groups, "row group"));
  out += manifest_lines(view.manifest);
  out += view.least_rows == view.most_rows
             ? fmt::format("every file has {}\n", counted_long(view.least_rows, "row"))
             : fmt::format("files have {} to {} rows\n", format_count(view.least_rows), format_count(view.most_rows));
  if (view.schemas.size() == 1) {
    out += "all files have the schema of the first one\n";
  } else {
    out += fmt::format("FILES DIFFER: {}\n", counted_long(view.schemas.size(), "schema"));
    for (const SchemaGroup& group : view.schemas) {
      out += fmt::format("  {} as {}{}{}\n", counted_long(group.files, "file"), printable_line(group.first_file),
                         group.difference.empty() ? "" : ", which ", group.difference);
    }
  }
  return out + "\nfirst file\n" + file_text(view.first);
}

}  // namespace stoker::audit
