#include "data/format/numpy/place.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <functional>
#include <string>

#include "base/aligned_buffer.h"
#include "base/printable.h"
#include "base/units.h"
#include "data/format/arena.h"
#include "data/format/read_range.h"

namespace stoker::format::numpy {
namespace {

constexpr std::string_view kSamples = "x.npy";
constexpr std::uint64_t kDirectoryMost = std::uint64_t{64} << 20;
constexpr std::uint64_t kHeadBytes = 4096;  // has the header of all arrays but those of many axes

// The first into.size() bytes of what is deflated; false when they are not there. Zlib, because libdeflate inflates all
// or nothing.
bool inflate_begin(Bytes stored, MutBytes into) {
  z_stream stream{};
  if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  // Zlib does not write there; its interface is older than const.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(stored.data()));
  stream.avail_in = static_cast<uInt>(stored.size());
  stream.next_out = reinterpret_cast<Bytef*>(into.data());
  stream.avail_out = static_cast<uInt>(into.size());
  const int result = ::inflate(&stream, Z_SYNC_FLUSH);
  ::inflateEnd(&stream);
  return (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) && stream.avail_out == 0;
}

Status check_method(const ZipMember& member) {
  if (member.method == kStored) {
    if (member.stored_bytes == member.plain_bytes) return {};
    return corrupt_member(member,
                          fmt::format("stored in {} bytes, but {} large", member.stored_bytes, member.plain_bytes));
  }
  if (member.method == kDeflated) return {};
  return make_error(Code::kUnsupported, "member '{}' is compressed by method {}, expected 0 (stored) or 8 (deflated)",
                    printable_line(member.name), member.method);
}

// All members are read and inflated: together they are no larger than memory allows, and none is read twice.
Status check_sizes(std::vector<ZipMember> members) {
  std::uint64_t plain = 0;
  const std::uint64_t most = chunk_memory_limit_bytes();
  for (const ZipMember& member : members) {
    if (member.plain_bytes > most - std::min(most, plain)) {
      return make_error(Code::kUnsupported, "the members of the archive have more than {} together, half of the memory",
                        format_bytes(static_cast<double>(most)));
    }
    plain += member.plain_bytes;
  }
  std::ranges::sort(members, {}, &ZipMember::offset);
  for (std::size_t i = 1; i < members.size(); ++i) {
    const ZipMember& before = members[i - 1];
    if (members[i].offset - before.offset < kLocalHeader + before.stored_bytes)
      return corrupt_member(members[i], "lies within the member before it");
  }
  return {};
}

Status check_array(const Place& place) {
  if (place.array.shape.empty())
    return make_error(Code::kUnsupported, "an array without axes, expected the samples as its last axis");
  if (place.elements_per_sample() == 0)
    return make_error(Code::kUnsupported, "an array whose samples have no elements");
  const std::uint64_t bytes = place.array.bytes + place.array.data_bytes();
  if (bytes == place.member.plain_bytes) return {};
  return make_error(Code::kCorrupt, "the array has {} bytes, expected {} for its shape", place.member.plain_bytes,
                    bytes);
}

// Bytes of a file, in memory until the next are wanted.
using Ranges = std::function<Result<Bytes>(const ByteRange&)>;

Place npy_place(std::uint64_t file_bytes) {
  Place place;
  place.member = {.name = std::string(kSamples), .stored_bytes = file_bytes, .plain_bytes = file_bytes};
  return place;
}

// All of it but content and array.
Result<Place> archive_place(const Ranges& ranges, std::uint64_t size) {
  // The directory of an archive of two members is a hundred bytes; a comment or many members have it read again.
  std::uint64_t end_bytes = std::min<std::uint64_t>(size, kHeadBytes);
  STOKER_ASSIGN(Bytes end, ranges({size - end_bytes, end_bytes}));
  auto directory = find_directory(end, size);
  if (!directory && end_bytes < std::min(size, kZipEndBytes)) {
    end_bytes = std::min(size, kZipEndBytes);
    STOKER_ASSIGN(end, ranges({size - end_bytes, end_bytes}));
    directory = find_directory(end, size);
  }
  if (!directory) return directory.error();
  if (directory->bytes > kDirectoryMost) {
    return make_error(Code::kCorrupt, "the ZIP archive: a directory of {} bytes, expected at most {}", directory->bytes,
                      kDirectoryMost);
  }
  const std::uint64_t begin = size - end_bytes;
  Bytes content;
  if (directory->offset >= begin) {
    content =
        end.subspan(static_cast<std::size_t>(directory->offset - begin), static_cast<std::size_t>(directory->bytes));
  } else {
    STOKER_ASSIGN(content, ranges({directory->offset, directory->bytes}));
  }
  Place place;
  STOKER_ASSIGN(place.all, parse_directory(content, *directory));
  const auto member = std::ranges::find(place.all, kSamples, &ZipMember::name);
  if (member == place.all.end()) {
    return make_error(Code::kUnsupported, "no member '{}' among its {}: the samples are looked for there", kSamples,
                      place.all.size());
  }
  place.member = *member;
  for (const ZipMember& one : place.all) STOKER_TRY(check_method(one));
  STOKER_TRY(check_sizes(place.all));
  return place;
}

// Reads what says where the samples lie: the beginning of a .npy file; of an archive its directory, and the beginning
// of the member.
class PlaceReader {
 public:
  PlaceReader(io::ReadableFile& file, io::ReadObserver* observer) : file_(file), observer_(observer) {}

  Result<Place> read(bool is_archive) {
    Place place = npy_place(file_.size());
    if (is_archive) {
      STOKER_ASSIGN(place,
                    archive_place([this](const ByteRange& r) { return range(r.offset, r.bytes); }, file_.size()));
    }
    STOKER_TRY(read_header(place));
    return place;
  }

 private:
  Result<Bytes> range(std::uint64_t offset, std::uint64_t bytes) {
    STOKER_ASSIGN(const MutBytes read, read_range(file_, {offset, bytes}, memory_, observer_));
    return Bytes(read);
  }

  Status read_header(Place& place) {
    const ZipMember& member = place.member;
    std::uint64_t at = member.offset;
    if (place.is_archive()) {
      STOKER_ASSIGN(const Bytes local, range(at, kLocalHeader));
      STOKER_ASSIGN(const std::uint64_t bytes, local_header_bytes(local, member));
      at += bytes;
      if (at > file_.size() || member.stored_bytes > file_.size() - at)
        return corrupt_member(member, "ends behind the end of the file");
    }
    place.content = at;
    STOKER_ASSIGN(Bytes head, plain(place, std::min(kHeadBytes, member.plain_bytes)));
    const auto bytes = npy_header_bytes(head.first(std::min(head.size(), kNpyPrefix)));
    if (!bytes) return bytes.error();
    if (*bytes > head.size() && *bytes <= member.plain_bytes) {
      STOKER_ASSIGN(head, plain(place, *bytes));
    }
    return find_array(head, place);
  }

  // The first bytes of the member.
  Result<Bytes> plain(const Place& place, std::uint64_t bytes) {
    if (place.member.method == kStored) return range(place.content, bytes);
    // What does not get smaller is deflated to a little more.
    const std::uint64_t enough = std::min(place.member.stored_bytes, bytes + bytes / 8 + kHeadBytes);
    STOKER_ASSIGN(const Bytes stored, range(place.content, enough));
    plain_.resize(static_cast<std::size_t>(bytes));
    if (!inflate_begin(stored, plain_)) return corrupt_member(place.member, "its beginning cannot be inflated");
    return Bytes(plain_);
  }

  io::ReadableFile& file_;
  io::ReadObserver* const observer_;
  AlignedBuffer memory_;
  std::vector<std::byte> plain_;
};

}  // namespace

Error corrupt_member(const ZipMember& member, std::string_view what) {
  return make_error(Code::kCorrupt, "member '{}' at byte {} of the file: {}", printable_line(member.name),
                    member.offset, what);
}

Result<Place> find_members(Bytes file, bool is_archive) {
  if (!is_archive) return npy_place(file.size());
  const auto range = [file](const ByteRange& r) -> Result<Bytes> {
    return file.subspan(static_cast<std::size_t>(r.offset), static_cast<std::size_t>(r.bytes));
  };
  return archive_place(range, file.size());
}

Status find_array(Bytes plain, Place& place) {
  STOKER_ASSIGN(place.array, parse_npy_header(plain));
  return check_array(place);
}

Result<Place> read_place(io::ReadableFile& file, bool is_archive, io::ReadObserver* observer) {
  return PlaceReader(file, observer).read(is_archive);
}

}  // namespace stoker::format::numpy
