#include "data/storages/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/data_set_names.h"
#include "data/storages/generated.h"

namespace stoker::storages {
namespace {

using config::StorageType;
using Opened = Result<std::unique_ptr<io::Storage>>;

Opened open_posix(const config::Workload& /*workload*/) {
  return io::make_posix_storage();
}

Opened open_generated(const config::Workload& w) {
  return make_generated_storage(io::make_posix_storage(), w);
}

struct Row {
  StorageType type;
  Opened (*open)(const config::Workload&);
};
constexpr std::array kRows{
    Row{StorageType::kLocalFs, open_posix},
    Row{StorageType::kDirectFs, open_posix},
    Row{StorageType::kGenerated, open_generated},
};

Result<const Row*> row_of(const config::Workload& w) {
  const auto row = std::ranges::find(kRows, w.storage.storage_type, &Row::type);
  if (row != kRows.end()) return row;
  std::string there;
  for (const Row& one : kRows) there += (there.empty() ? "" : ", ") + std::string(config::to_string(one.type));
  return Error{
      .code = Code::kUnsupported,
      .message = fmt::format("storage.storage_type: found {}, but object stores are not supported; expected one "
                             "of {}",
                             config::to_string(w.storage.storage_type), there),
      .hint = "mount the store as a file system and use ++workload.storage.storage_type=local_fs"};
}

}  // namespace

Result<std::unique_ptr<io::Storage>> open_storage(const config::Workload& w) {
  STOKER_ASSIGN(const Row* const row, row_of(w));
  return row->open(w);
}

Status check_storage(const config::Workload& w) {
  STOKER_TRY(open_storage(w));
  return {};
}

Result<std::unique_ptr<io::Storage>> open_storage_of(const io::Path& path) {
  if (!config::is_uri(path.native())) return io::make_posix_storage();
  return Error{
      .code = Code::kUnsupported,
      .message = fmt::format("{}: is a URI, but object stores are not supported; expected a path", path.string()),
      .hint = "mount the store as a file system, and leave the scheme out"};
}

}  // namespace stoker::storages
