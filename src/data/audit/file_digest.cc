#include "data/audit/file_digest.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/printable.h"
#include "data/audit/digest.h"
#include "data/audit/parallel.h"
#include "data/format/file_info.h"

namespace stoker::audit {
namespace {

std::string column_text(const NamedDigest* column) {
  return column == nullptr ? "has none"
                           : fmt::format("is '{}', {}", printable_line(column->column), printable_line(column->type));
}

// Where the columns of a file differ from those of the first one; fine when they do not.
Status compare_columns(const FileDigest& first, const FileDigest& other) {
  const auto column = [](const FileDigest& file, std::size_t i) {
    return i < file.columns.size() ? &file.columns[i] : nullptr;
  };
  for (std::size_t i = 0; i < std::max(first.columns.size(), other.columns.size()); ++i) {
    const NamedDigest* a = column(first, i);
    const NamedDigest* b = column(other, i);
    if (a != nullptr && b != nullptr && a->column == b->column && a->type == b->type) continue;
    return Error{.code = Code::kCorrupt,
                 .message = fmt::format("{}: its columns differ from those of {}: column {} {}, there it {}",
                                        printable_line(other.name), printable_line(first.name), i, column_text(b),
                                        column_text(a)),
                 .hint = "such files are no data set; name them one by one"};
  }
  return {};
}

}  // namespace

FileDigester::FileDigester(io::Storage& storage, config::Decode decode)
    : storage_(storage), reader_(storage_, decode, nullptr) {}

Result<FileDigest> FileDigester::digest(const DataFile& file, const std::stop_token& stop) {
  STOKER_TRY(storage_.take(file.path));
  STOKER_ASSIGN(const format::FileInfo info, inspect_file(storage_, file, format::Detail::kSchema));
  if (info.columns.empty()) {
    return make_error(Code::kUnsupported, "{}: has no columns, so there are no values to digest",
                      printable_line(file.path.string()));
  }
  STOKER_ASSIGN(const auto open, reader_.open(file, info));
  std::vector<ColumnDigest> digests(info.columns.begin(), info.columns.end());
  const auto take = [&](std::uint64_t /*first_row*/, const format::Chunk& chunk) -> Status {
    STOKER_CHECK(chunk.columns.size() == digests.size(), "a chunk lacks columns");
    for (std::size_t c = 0; c < digests.size(); ++c) STOKER_TRY(digests[c].add(chunk.columns[c], chunk.rows));
    return {};
  };
  STOKER_TRY(reader_.read(*open, {.stop = stop}, take));
  FileDigest out{.name = file.name, .rows = open->rows(), .bytes = info.file_bytes};
  for (std::size_t c = 0; c < digests.size(); ++c) {
    out.columns.push_back({.column = info.columns[c].name, .type = info.columns[c].type, .digest = digests[c].value()});
  }
  return out;
}

Result<SetDigests> digest_files(const DigestRequest& request, const std::stop_token& stop) {
  const std::vector<DataFile>& files = request.files.files;
  SetDigests out;
  out.files.resize(files.size());
  const auto look = [&](FileDigester& digester, std::uint64_t i, const std::stop_token& token) -> Status {
    STOKER_ASSIGN(out.files[i], digester.digest(files[i], token));
    if (request.progress) request.progress(out.files[i].bytes);
    return {};
  };
  STOKER_TRY(for_each(files.size(), request.ranks, stop, [&]() -> WorkFunction {
    const auto digester = std::make_shared<FileDigester>(request.storage, request.decode);
    return [&look, digester](std::uint64_t i, const std::stop_token& token) { return look(*digester, i, token); };
  }));
  out.columns = out.files.front().columns;
  std::vector<SetDigest> sums(out.columns.size());
  for (const FileDigest& file : out.files) {
    STOKER_TRY(compare_columns(out.files.front(), file));
    out.rows += file.rows;
    for (std::size_t c = 0; c < sums.size(); ++c) sums[c].add(file.columns[c].digest);
  }
  if (out.files.size() == 1) return out;
  for (std::size_t c = 0; c < sums.size(); ++c) out.columns[c].digest = sums[c].value();
  return out;
}

}  // namespace stoker::audit
