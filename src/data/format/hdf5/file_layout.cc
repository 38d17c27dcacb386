#include "data/format/hdf5/file_layout.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "data/format/hdf5/element_type.h"
#include "data/format/hdf5/sample_arrays.h"
#include "data/format/hdf5/wire.h"

namespace stoker::format::hdf5 {
namespace {

constexpr std::uint64_t kSuperblockBytes = 48;
// Where values begin: at what every type may begin at, and, where they are many, in a page of their own.
constexpr std::uint64_t kBetween = 8, kPage = 4096, kManyBytes = std::uint64_t{64} << 10;

std::uint64_t up(std::uint64_t at, std::uint64_t multiple) {
  return (at + multiple - 1) / multiple * multiple;
}

void put_superblock(BlockWriter& out, std::uint64_t file_bytes) {
  out.text(kSignature);
  out.u8(3);
  out.u8(8);  // bytes of an address
  out.u8(8);  // and of a length
  out.u8(0);  // nobody writes it
  out.u64(0);
  out.u64(kUndefined);  // no extension
  out.u64(file_bytes);
  out.u64(kSuperblockBytes);  // where the root group lies
  out.checksum();
}

// An object header of version 2, in one piece.
class Header {
 public:
  BlockWriter begin(MessageType type, bool is_constant) {
    ends_.push_back({type, is_constant, messages_.size()});
    return BlockWriter(messages_);
  }
  void append_to(std::vector<std::byte>& out) const {
    constexpr std::uint64_t kMessageHeader = 4;
    const std::uint64_t bytes = messages_.size() + ends_.size() * kMessageHeader;
    // How many bytes its own size takes: 1, 2 or 4.
    const std::uint8_t width = bytes <= 0xFF ? 0 : bytes <= 0xFFFF ? 1 : 2;
    BlockWriter block(out);
    block.text("OHDR");
    block.u8(2);
    block.u8(width);
    block.number(bytes, std::size_t{1} << width);
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      const std::size_t begin = ends_[i].begin;
      const std::size_t end = i + 1 < ends_.size() ? ends_[i + 1].begin : messages_.size();
      block.u8(ends_[i].type);
      block.u16(end - begin);
      block.u8(ends_[i].is_constant ? 1 : 0);
      block.put(Bytes(messages_).subspan(begin, end - begin));
    }
    block.checksum();
  }

 private:
  struct Message {
    MessageType type;
    bool is_constant;
    std::size_t begin;
  };
  std::vector<std::byte> messages_;
  std::vector<Message> ends_;
};

struct NamedObject {
  std::string name;
  std::uint64_t address = 0;
};

void put_root(std::vector<std::byte>& out, const std::vector<NamedObject>& objects) {
  Header header;
  BlockWriter info = header.begin(kLinkInfo, false);
  info.u16(0);
  info.u64(kUndefined);  // no heap: all links are here
  info.u64(kUndefined);
  header.begin(kGroupInfo, true).u16(0);
  for (const NamedObject& object : objects) {
    BlockWriter link = header.begin(kLink, false);
    link.u8(1);
    link.u8(0);
    link.u8(object.name.size());
    link.text(object.name);
    link.u64(object.address);
  }
  header.append_to(out);
}

void put_common(Header& header, config::DType dtype, const std::vector<std::uint64_t>& shape,
                const std::vector<std::uint64_t>& most, bool is_chunked) {
  BlockWriter space = header.begin(kDataspace, false);
  space.u8(2);
  space.u8(shape.size());
  space.u8(most == shape ? 0 : 1);
  space.u8(1);
  for (const std::uint64_t size : shape) space.u64(size);
  if (most != shape) {
    for (const std::uint64_t size : most) space.u64(size);
  }
  BlockWriter type = header.begin(kDatatype, true);
  append_datatype(type, dtype);
  BlockWriter fill = header.begin(kFillValue, true);
  fill.u8(3);
  // Written if it was set, which it was not; room is taken when values come (of chunks: as they come).
  fill.u8(is_chunked ? 0x0B : 0x0A);
}

void put_contiguous(std::vector<std::byte>& out, config::DType dtype, const std::vector<std::uint64_t>& shape,
                    std::uint64_t address, std::uint64_t bytes) {
  Header header;
  put_common(header, dtype, shape, shape, false);
  BlockWriter layout = header.begin(kLayout, false);
  layout.u8(4);
  layout.u8(kContiguous);
  layout.u64(address);
  layout.u64(bytes);
  header.append_to(out);
}

void put_filter(Header& header, const config::Dataset& d, std::uint64_t chunk_bytes) {
  constexpr std::uint16_t kOptional = 1;
  BlockWriter filters = header.begin(kFilters, true);
  filters.u8(2);
  filters.u8(1);
  if (d.compression == config::Compression::kGzip) {
    filters.u16(kDeflate);
    filters.u16(kOptional);
    filters.u16(1);
    filters.u32(static_cast<std::uint64_t>(d.compression_level.value_or(kGzipLevel)));
    return;
  }
  filters.u16(kLzf);
  filters.u16(4);
  filters.u16(kOptional);
  filters.u16(3);
  filters.text(std::string_view("lzf\0", 4));
  filters.u32(4);       // revision of h5py's filter
  filters.u32(0x0105);  // version of the LZF library whose format it is
  filters.u32(chunk_bytes);
}

// The header of an array in chunks, and the index that it leads to.
class ChunkedArray {
 public:
  ChunkedArray(const config::Dataset& d, const ChunkGrid& grid)
      : dataset_(d),
        grid_(grid),
        most_(most_shape(d, grid)),
        index_grid_(most_, grid.chunk()),
        chunk_bytes_(grid.chunk_elements() * config::element_bytes(d.record_element_type)),
        is_filtered_(d.compression != config::Compression::kNone),
        size_bytes_(chunk_size_bytes(chunk_bytes_)),
        entry_bytes_(8 + (is_filtered_ ? size_bytes_ + 4 : 0)) {}

  // Of arrays whose one chunk is all that they can ever be.
  [[nodiscard]] bool is_single() const { return most_ == grid_.shape() && most_ == grid_.chunk(); }
  [[nodiscard]] std::uint64_t index_bytes() const {
    return is_single() ? 0
                       : kIndexHeader + kBlockPrefix + (pages() + 7) / 8 + (pages() + 1) * 4 + entries() * entry_bytes_;
  }

  // `address`: of its index, or of its only chunk.
  void put_header(std::vector<std::byte>& out, std::uint64_t address, const WrittenChunk& first) const {
    Header header;
    put_common(header, dataset_.record_element_type, grid_.shape(), most_, true);
    BlockWriter layout = header.begin(kLayout, false);
    layout.u8(4);
    layout.u8(kChunked);
    layout.u8(is_single() && is_filtered_ ? 2 : 0);
    layout.u8(grid_.chunk().size() + 1);
    const std::uint64_t element = config::element_bytes(dataset_.record_element_type);
    const std::size_t width = bytes_for(std::max(element, *std::ranges::max_element(grid_.chunk())));
    layout.u8(width);
    for (const std::uint64_t size : grid_.chunk()) layout.number(size, width);
    layout.number(element, width);
    layout.u8(is_single() ? kSingleChunk : kFixedArray);
    if (!is_single()) {
      layout.u8(kPageBits);
    } else if (is_filtered_) {
      layout.u64(first.bytes);
      layout.u32(first.filter_mask);
    }
    layout.u64(address);
    if (is_filtered_) put_filter(header, dataset_, chunk_bytes_);
    header.append_to(out);
  }

  // Of chunks that lie one after the other from `address` on.
  void put_index(std::vector<std::byte>& out, std::uint64_t address, std::span<const WrittenChunk> chunks) const {
    const std::uint64_t begin = out.size();
    BlockWriter header(out);
    header.text("FAHD");
    header.u8(0);
    header.u8(is_filtered_ ? 1 : 0);
    header.u8(entry_bytes_);
    header.u8(kPageBits);
    header.u64(entries());
    header.u64(begin + kIndexHeader);
    header.checksum();
    BlockWriter block(out);
    block.text("FADB");
    block.u8(0);
    block.u8(is_filtered_ ? 1 : 0);
    block.u64(begin);
    const std::vector<Entry> all = entries_of(address, chunks);
    if (pages() == 0) {
      put_entries(block, all);
      block.checksum();
      return;
    }
    // All pages are there: a bit each, from the highest of a byte.
    for (std::uint64_t page = 0; page < pages(); page += 8)
      block.u8(0xFF00U >> std::min<std::uint64_t>(pages() - page, 8));
    block.checksum();
    for (std::span<const Entry> rest(all); !rest.empty();) {
      const std::size_t n = std::min<std::size_t>(rest.size(), kPageEntries);
      BlockWriter page(out);
      put_entries(page, rest.first(n));
      page.checksum();
      rest = rest.subspan(n);
    }
  }

 private:
  static constexpr std::uint64_t kIndexHeader = 28, kBlockPrefix = 4 + 2 + 8;
  static constexpr std::uint8_t kPageBits = 10;  // the library's own choice
  static constexpr std::uint64_t kPageEntries = std::uint64_t{1} << kPageBits;

  struct Entry {
    std::uint64_t address = kUndefined;
    WrittenChunk chunk;
  };

  static std::vector<std::uint64_t> most_shape(const config::Dataset& d, const ChunkGrid& grid) {
    std::vector<std::uint64_t> most = grid.shape();
    if (!d.hdf5.max_shape.empty()) std::ranges::copy(d.hdf5.max_shape, most.begin() + 1);
    return most;
  }

  // The index counts the chunks that there may be.
  [[nodiscard]] std::uint64_t entries() const { return index_grid_.chunks(); }
  [[nodiscard]] std::uint64_t pages() const {
    return entries() > kPageEntries ? (entries() + kPageEntries - 1) / kPageEntries : 0;
  }

  [[nodiscard]] std::vector<Entry> entries_of(std::uint64_t address, std::span<const WrittenChunk> chunks) const {
    std::vector<Entry> all(static_cast<std::size_t>(entries()));
    for (std::size_t number = 0; number < chunks.size(); ++number) {
      std::uint64_t rest = number, index = 0, factor = 1;
      for (std::size_t axis = grid_.shape().size(); axis-- > 0;) {
        index += rest % grid_.counts()[axis] * factor;
        rest /= grid_.counts()[axis];
        factor *= index_grid_.counts()[axis];
      }
      all[static_cast<std::size_t>(index)] = {address, chunks[number]};
      address += chunks[number].bytes;
    }
    return all;
  }
  void put_entries(BlockWriter& block, std::span<const Entry> entries) const {
    for (const Entry& entry : entries) {
      block.u64(entry.address);
      if (!is_filtered_) continue;
      block.number(entry.chunk.bytes, size_bytes_);
      block.u32(entry.chunk.filter_mask);
    }
  }

  const config::Dataset& dataset_;
  const ChunkGrid& grid_;
  const std::vector<std::uint64_t> most_;
  const ChunkGrid index_grid_;
  const std::uint64_t chunk_bytes_;
  const bool is_filtered_;
  const std::size_t size_bytes_, entry_bytes_;
};

}  // namespace

FileLayout::FileLayout(const config::Dataset& d, const dataset::FileSpec& spec) : FileLayout(d, spec, {}, true) {}

FileLayout::FileLayout(const config::Dataset& d, const dataset::FileSpec& spec, std::span<const WrittenChunk> chunks)
    : FileLayout(d, spec, chunks, false) {}

FileLayout::FileLayout(const config::Dataset& d, const dataset::FileSpec& spec, std::span<const WrittenChunk> chunks,
                       bool is_contiguous)
    : arrays_(sample_arrays(d, spec)),
      grid_(grid_of(d, arrays_.front())),
      samples_(spec.rows),
      is_contiguous_(is_contiguous) {
  // Its size does not depend on addresses.
  place(0, chunks);
  make_head(d, chunks);
  place(up(head_.size(), labels_address() >= kManyBytes ? kPage : kBetween), chunks);
  make_head(d, chunks);
  head_.resize(static_cast<std::size_t>(addresses_.front()));
}

void FileLayout::place(std::uint64_t begin, std::span<const WrittenChunk> chunks) {
  addresses_.clear();
  std::uint64_t at = begin;
  for (std::size_t i = 0; i < arrays_.size(); ++i) {
    addresses_.push_back(at);
    if (is_contiguous_) {
      at += arrays_[i].bytes();
    } else {
      const auto count = static_cast<std::size_t>(grid_.chunks());
      for (const WrittenChunk& chunk : chunks.subspan(i * count, count)) at += chunk.bytes;
    }
    at = up(at, kBetween);
  }
  addresses_.push_back(at);
}

void FileLayout::make_head(const config::Dataset& d, std::span<const WrittenChunk> chunks) {
  const ChunkedArray chunked(d, grid_);
  const auto own = [&](std::size_t array) {
    const auto count = static_cast<std::size_t>(is_contiguous_ ? 0 : grid_.chunks());
    return chunks.subspan(array * count, count);
  };
  const auto put_array = [&](std::vector<std::byte>& out, std::size_t i, std::uint64_t index) {
    if (is_contiguous_) {
      put_contiguous(out, d.record_element_type, grid_.shape(), addresses_[i], arrays_[i].bytes());
    } else {
      chunked.put_header(out, chunked.is_single() ? addresses_[i] : index, own(i).front());
    }
  };
  // Each header has one size, whatever addresses it holds: those of the arrays' are alike.
  std::vector<NamedObject> objects;
  for (std::size_t i = 0; i < arrays_.size(); ++i) objects.push_back({array_name(i)});
  objects.push_back({"labels"});
  std::vector<std::byte> root, array, labels;
  put_root(root, objects);
  put_array(array, 0, 0);
  put_contiguous(labels, config::DType::kInt64, {samples_}, labels_address(), labels_bytes());
  for (std::size_t i = 0; i < objects.size(); ++i)
    objects[i].address = kSuperblockBytes + root.size() + i * array.size();
  const std::uint64_t first_index = objects.back().address + labels.size();

  head_.clear();
  BlockWriter superblock(head_);
  put_superblock(superblock, file_bytes());
  put_root(head_, objects);
  for (std::size_t i = 0; i < arrays_.size(); ++i) put_array(head_, i, first_index + i * chunked.index_bytes());
  head_.insert(head_.end(), labels.begin(), labels.end());
  if (is_contiguous_ || chunked.is_single()) return;
  for (std::size_t i = 0; i < arrays_.size(); ++i) {
    chunked.put_index(head_, addresses_[i], own(i));
    STOKER_CHECK(head_.size() == first_index + (i + 1) * chunked.index_bytes(), "an index of another size");
  }
}

}  // namespace stoker::format::hdf5
