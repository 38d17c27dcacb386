#include "data/format/tfrecord/places.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/units.h"
#include "data/format/arena.h"
#include "data/format/read_range.h"
#include "data/format/tfrecord/record.h"

namespace stoker::format::tfrecord {
namespace {

class Headers {
 public:
  Headers(io::ReadableFile& file, io::ReadObserver* observer) : file_(file), observer_(observer) {}

  // Of the record at that byte, which has its framing in the file.
  Result<std::uint64_t> record_bytes(std::uint64_t offset) {
    auto bytes = read(offset);
    if (bytes) return *bytes;
    return std::move(bytes).error().with_context(fmt::format("record at byte {}", offset));
  }

 private:
  Result<std::uint64_t> read(std::uint64_t offset) {
    const std::uint64_t left = file_.size() - offset;
    if (left < kFramingBytes)
      return make_error(Code::kCorrupt, "the file ends {} bytes behind it, expected at least {}", left, kFramingBytes);
    // A block holds the headers of many small records.
    if (offset < begin_ || offset + kHeaderBytes > begin_ + block_.size()) {
      const std::uint64_t bytes = small_ ? std::min(left, kBlock) : kHeaderBytes;
      block_ = {};  // its memory is used again, whatever becomes of the read
      STOKER_ASSIGN(block_, read_range(file_, {offset, bytes}, memory_, observer_));
      begin_ = offset;
    }
    STOKER_ASSIGN(const std::uint64_t payload,
                  payload_bytes(block_.subspan(static_cast<std::size_t>(offset - begin_), kHeaderBytes)));
    if (payload > left - kFramingBytes) {
      return make_error(Code::kCorrupt, "a payload of {} bytes, but only {} are left", payload, left - kFramingBytes);
    }
    if (payload > std::numeric_limits<std::uint32_t>::max())
      return make_error(Code::kUnsupported, "a payload of {} bytes, expected less than 4 GiB", payload);
    small_ = payload < kBlock / 4;
    return payload + kFramingBytes;
  }

  static constexpr std::uint64_t kBlock = std::uint64_t{64} << 10;
  io::ReadableFile& file_;
  io::ReadObserver* const observer_;
  AlignedBuffer memory_;
  Bytes block_;
  std::uint64_t begin_ = 0;
  bool small_ = false;
};

}  // namespace

Result<Places> Places::read(io::ReadableFile& file, io::ReadObserver* observer) {
  Places places;
  const std::uint64_t size = file.size();
  if (size == 0) return places;
  Headers headers(file, observer);
  STOKER_ASSIGN(const std::uint64_t first, headers.record_bytes(0));
  if (size % first == 0) {
    const auto last = size == first ? Result<std::uint64_t>(first) : headers.record_bytes(size - first);
    // A storage that fails is no sign of another layout.
    if (!last && last.error().code != Code::kCorrupt) return last.error();
    if (last && *last == first) {
      places.record_bytes_ = first;
      places.records_ = size / first;
      return places;
    }
  }
  const std::uint64_t most = chunk_memory_limit_bytes();
  for (std::uint64_t offset = 0; offset < size;) {
    STOKER_ASSIGN(const std::uint64_t bytes, headers.record_bytes(offset));
    places.offsets_.push_back(offset);
    if (places.offsets_.size() * sizeof offset > most) {
      return make_error(Code::kUnsupported, "a table of its records takes more than {}",
                        format_bytes(static_cast<double>(most)));
    }
    offset += bytes;
  }
  places.records_ = places.offsets_.size();
  places.offsets_.push_back(size);
  return places;
}

}  // namespace stoker::format::tfrecord
