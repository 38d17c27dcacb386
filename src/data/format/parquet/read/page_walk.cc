#include "data/format/parquet/read/page_walk.h"

#include <algorithm>

#include "base/aligned_buffer.h"

namespace stoker::format::parquet {
namespace {

// Enough for most headers; those with long statistics take more reads.
constexpr std::uint64_t kProbeBytes = 512;
constexpr std::uint64_t kMaxProbeBytes = 16 << 20;

class PageWalk {
 public:
  PageWalk(io::ReadableFile& file, const ChunkIndex& chunk)
      : file_(file), chunk_(chunk), at_(chunk.offset), end_(chunk.offset + chunk.bytes) {}

  Status run(const PageFunction& page) {
    while (at_ < end_ && values_ < chunk_.values) {
      STOKER_ASSIGN(const PageHeader header, read_header());
      const std::uint64_t left = end_ - at_ - header.header_bytes;
      if (header.stored_bytes > left)
        return corrupt(fmt::format("has {} bytes, but the column chunk has only {} left", header.stored_bytes, left));
      if (header.is_data()) {
        if (header.values > chunk_.values - values_) {
          return corrupt(fmt::format("has {} values, but the column chunk has only {} left", header.values,
                                     chunk_.values - values_));
        }
        values_ += header.values;
      }
      page(header);
      at_ += std::uint64_t{header.header_bytes} + header.stored_bytes;
      ++page_;
    }
    if (values_ == chunk_.values) return {};
    return make_error(Code::kCorrupt, "the column chunk ends after {} of its {} values", values_, chunk_.values);
  }

 private:
  Result<PageHeader> read_header() {
    for (std::uint64_t probe = std::min(kProbeBytes, end_ - at_);; probe = std::min(probe * 8, end_ - at_)) {
      const MutBytes memory = memory_.resize(static_cast<std::size_t>(probe));
      STOKER_TRY(io::read_at(file_, at_, memory));
      auto header = parse_page_header(memory);
      if (!header) return corrupt(header.error().message);
      if (header->has_value()) return **header;
      if (probe >= end_ - at_ || probe >= kMaxProbeBytes)
        return corrupt("the column chunk ends inside the page header");
    }
  }

  [[nodiscard]] Error corrupt(std::string_view what) const {
    return make_error(Code::kCorrupt, "page {} at byte {}: {}", page_, at_, what);
  }

  io::ReadableFile& file_;
  const ChunkIndex& chunk_;
  std::uint64_t at_;
  const std::uint64_t end_;
  std::uint64_t values_ = 0, page_ = 0;
  AlignedBuffer memory_;
};

}  // namespace

Status walk_pages(io::ReadableFile& file, const ChunkIndex& chunk, const PageFunction& page) {
  return PageWalk(file, chunk).run(page);
}

}  // namespace stoker::format::parquet
