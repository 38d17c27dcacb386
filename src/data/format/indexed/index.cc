#include "data/format/indexed/index.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string_view>

#include "base/aligned_buffer.h"
#include "base/units.h"
#include "config/formats.h"
#include "data/format/arena.h"
#include "data/format/read_range.h"

namespace stoker::format::indexed {
namespace {

constexpr std::uint64_t kWidth = sizeof(std::uint64_t);
constexpr std::uint64_t kBlockRows = (std::uint64_t{256} << 10) / kWidth;

// One of the two index files, a block of numbers at a time.
class Numbers {
 public:
  Numbers(std::unique_ptr<io::ReadableFile> file, io::ReadObserver* observer)
      : file_(std::move(file)), observer_(observer) {}

  [[nodiscard]] std::string path() const { return file_->path().string(); }
  [[nodiscard]] std::uint64_t size() const { return file_->size(); }
  Status read(std::uint64_t first, std::uint64_t count) {
    STOKER_ASSIGN(block_, read_range(*file_, {first * kWidth, count * kWidth}, memory_, observer_));
    return {};
  }
  [[nodiscard]] std::uint64_t operator[](std::uint64_t i) const {
    std::uint64_t number = 0;
    std::memcpy(&number, block_.data() + i * kWidth, kWidth);
    return number;
  }

 private:
  std::unique_ptr<io::ReadableFile> file_;
  io::ReadObserver* const observer_;
  AlignedBuffer memory_;
  Bytes block_;
};

Result<Numbers> open(io::Storage& storage, const io::Path& data_file, const config::SideFile& side, bool direct,
                     io::ReadObserver* observer) {
  io::Path path = data_file;
  path += side.end;
  auto file = storage.open(path, {.direct = direct});
  if (!file) {
    if (file.error().code != Code::kNotFound) return std::move(file).error();
    return Error{.code = Code::kNotFound,
                 .message = fmt::format("{}: is missing: it says where the samples of {} lie", path.string(),
                                        data_file.filename().string()),
                 .hint =
                     "copy a data set with its index files; `stoker data verify --repair` writes those of a data "
                     "set of its own anew"};
  }
  return Numbers(*std::move(file), observer);
}

Status check_sizes(const Numbers& offsets, const Numbers& lengths) {
  for (const Numbers* numbers : {&offsets, &lengths}) {
    if (numbers->size() % kWidth != 0) {
      return make_error(Code::kCorrupt, "{}: is {} bytes long, expected a multiple of {}", numbers->path(),
                        numbers->size(), kWidth);
    }
  }
  if (offsets.size() == lengths.size()) return {};
  return make_error(Code::kCorrupt, "{}: has the lengths of {} samples, expected {}, as {} has offsets", lengths.path(),
                    lengths.size() / kWidth, offsets.size() / kWidth, offsets.path());
}

}  // namespace

Result<Index> Index::read(io::Storage& storage, const io::Path& data_file, std::uint64_t file_bytes, bool direct,
                          io::ReadObserver* observer) {
  const std::span<const config::SideFile> sides = config::spec_of(config::FormatName::kIndexedBinary).side_files;
  STOKER_ASSIGN(Numbers offsets, open(storage, data_file, sides[0], direct, observer));
  STOKER_ASSIGN(Numbers lengths, open(storage, data_file, sides[1], direct, observer));
  STOKER_TRY(check_sizes(offsets, lengths));
  Index index;
  index.rows_ = offsets.size() / kWidth;
  if (index.rows_ == 0 && file_bytes != 0) {
    return make_error(Code::kCorrupt, "{}: has {} bytes, but its index names no samples", data_file.string(),
                      file_bytes);
  }
  bool is_uniform = true;
  for (std::uint64_t first = 0; first < index.rows_; first += kBlockRows) {
    const std::uint64_t count = std::min(kBlockRows, index.rows_ - first);
    STOKER_TRY(offsets.read(first, count));
    STOKER_TRY(lengths.read(first, count));
    if (first == 0) index.sample_bytes_ = lengths[0];
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t row = first + i;
      const ByteRange place{offsets[i], lengths[i]};
      if (place.bytes == 0 || place.offset > file_bytes || place.bytes > file_bytes - place.offset) {
        return Error{.code = Code::kCorrupt,
                     .message = fmt::format("{}: sample {} lies at byte {} and is {} bytes long, expected a place in "
                                            "the {} bytes of {}",
                                            offsets.path(), row, place.offset, place.bytes, file_bytes,
                                            data_file.filename().string()),
                     .hint =
                         "files that several ranks of DLIO wrote together have wrong indexes; write the data set "
                         "anew"};
      }
      if (is_uniform && place.bytes == index.sample_bytes_ && place.offset == row * index.sample_bytes_) continue;
      if (is_uniform) {
        const std::uint64_t most = chunk_memory_limit_bytes();
        if (index.rows_ > most / sizeof(ByteRange)) {
          return make_error(Code::kUnsupported, "{}: a table of {} samples of different sizes takes more than {}",
                            offsets.path(), index.rows_, format_bytes(static_cast<double>(most)));
        }
        index.places_.reserve(static_cast<std::size_t>(index.rows_));
        for (std::uint64_t before = 0; before < row; ++before)
          index.places_.push_back({before * index.sample_bytes_, index.sample_bytes_});
        is_uniform = false;
      }
      if (place.bytes > std::numeric_limits<std::uint32_t>::max()) {
        return make_error(Code::kUnsupported,
                          "{}: sample {} of {} bytes, expected less than 4 GiB where samples differ", lengths.path(),
                          row, place.bytes);
      }
      index.places_.push_back(place);
    }
  }
  return index;
}

}  // namespace stoker::format::indexed
