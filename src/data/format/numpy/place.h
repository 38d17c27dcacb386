// Where the samples of a file lie: what the beginning of a .npy file says, or the directory of a .npz archive and the
// beginning of its member x.npy.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/format/numpy/npy.h"
#include "data/format/zip.h"
#include "data/io/storage.h"

namespace stoker::format::numpy {

// A .npy file counts as a member that is all of it.
struct Place {
  ZipMember member;            // x.npy
  std::uint64_t content = 0;   // where the member's bytes begin
  std::vector<ZipMember> all;  // of an archive, in its order
  NpyHeader array;

  [[nodiscard]] bool is_archive() const { return !all.empty(); }
  [[nodiscard]] std::uint64_t samples() const { return array.shape.back(); }
  [[nodiscard]] std::uint64_t elements_per_sample() const {
    std::uint64_t product = 1;
    for (std::size_t axis = 0; axis + 1 < array.shape.size(); ++axis) product *= array.shape[axis];
    return product;
  }
};

// Errors without the file's path. Code::kCorrupt; Code::kUnsupported for arrays without axes, in another order or of
// other types, archives without x.npy, and other methods of compression.
[[nodiscard]] Result<Place> read_place(io::ReadableFile& file, bool is_archive, io::ReadObserver* observer);

// The same where all bytes of the file are at hand, in two steps: its members, and then the array, of which the plain
// bytes of the member are needed.
[[nodiscard]] Result<Place> find_members(Bytes file, bool is_archive);
[[nodiscard]] Status find_array(Bytes plain, Place& place);

[[nodiscard]] Error corrupt_member(const ZipMember& member, std::string_view what);

}  // namespace stoker::format::numpy
