// The names in the root group of a file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/format/hdf5/meta_file.h"

namespace stoker::format::hdf5 {

enum class LinkKind { kHard, kSoft, kExternal, kOther };

struct Link {
  std::string name;
  LinkKind kind = LinkKind::kHard;
  std::uint64_t address = 0;  // of the header of what it leads to, where kind is kHard
};

inline constexpr std::size_t kMostLinks = std::size_t{1} << 17;

// Of a link message. Code::kUnsupported for a name of more than 64 KiB.
[[nodiscard]] Result<Link> parse_link(Bytes message);

struct RootGroup {
  unsigned superblock = 0;  // its version
  std::vector<Link> links;
  std::uint64_t name_bytes = 0;  // of all of them

  // Code::kUnsupported for more links, or longer names, than are looked at.
  [[nodiscard]] Status add(Link link);
};

// Superblocks of version 0 to 3, groups of links, of many links, and of symbol tables. Sets the file's base. Errors
// without the file's path: Code::kCorrupt for what is no HDF5, or ends early.
[[nodiscard]] Result<RootGroup> read_root_group(MetaFile& file);

}  // namespace stoker::format::hdf5
