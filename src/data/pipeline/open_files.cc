#include "data/pipeline/open_files.h"

#include <utility>

namespace stoker::pipeline {

OpenFiles::OpenFiles(std::uint64_t kept)
    : kept_(kept, [](std::uint64_t /*file*/, const OpenFile& /*open*/) { return std::uint64_t{1}; }) {}

Result<std::shared_ptr<const OpenFile>> OpenFiles::open(std::uint64_t file, FileOpener& opener) {
  bool made = false;
  const auto open_it = [&]() -> Result<std::shared_ptr<const OpenFile>> {
    made = true;
    auto open = std::make_shared<OpenFile>();
    STOKER_ASSIGN(open->reader, opener.open(file));
    open->version = open->reader->version();
    open->units.reserve(open->reader->units().size());
    for (const format::Unit& unit : open->reader->units()) open->units.push_back({unit.first_row, unit.rows});
    return std::shared_ptr<const OpenFile>(std::move(open));
  };
  STOKER_ASSIGN(auto open, kept_.find_or_make(file, open_it));
  if (made || open->reader->version_now() == open->version) return open;
  kept_.erase(file, open);
  return kept_.find_or_make(file, open_it);
}

}  // namespace stoker::pipeline
