#include "data/format/hdf5/chunk_index.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "data/format/hdf5/limits.h"
#include "data/format/hdf5/tree.h"

namespace stoker::format::hdf5 {
namespace {

constexpr std::uint64_t kPrefix = 4 + 1 + 1 + 8;  // of blocks of arrays: signature, version, client, header
constexpr std::uint64_t kMostBlocks = kMostChunks;

// A page's bit, from the highest of a byte.
bool has_bit(Bytes bits, std::uint64_t number) {
  const std::size_t at = static_cast<std::size_t>(number / 8);
  return at < bits.size() && (std::to_integer<unsigned>(bits[at]) & 0x80U >> number % 8) != 0;
}

class IndexReader {
 public:
  IndexReader(MetaFile& file, const IndexPlace& place, Array& array) : file_(file), place_(place), array_(array) {}

  Status read() {
    if (place_.address == kUndefined) return {};
    switch (place_.type) {
      case kOldTree: return read_old_tree(place_.address, 256);
      case kSingleChunk:
        return set(0, {.offset = place_.address,
                       .bytes = array_.filters.empty() ? array_.chunk_bytes() : place_.single.bytes,
                       .filter_mask = place_.single.filter_mask});
      case kImplicit: return read_implicit();
      case kFixedArray: return read_fixed_array();
      case kExtensibleArray: return read_extensible_array();
      case kTree: return read_tree();
    }
    return make_error(Code::kUnsupported, "an index of chunks of type {}", static_cast<unsigned>(place_.type));
  }

 private:
  Error corrupt(std::string_view signature, std::uint64_t address, std::string_view why) const {
    return corrupt_block(signature, file_.base() + address, why);
  }

  // Chunk `number` of the array.
  Status set(std::uint64_t number, StoredChunk chunk) {
    if (chunk.offset == kUndefined) return {};
    if (array_.is_edge_plain && array_.grid.is_partial(number)) chunk.filter_mask = ~std::uint32_t{0};
    if (!file_.has(chunk.offset, chunk.bytes)) {
      return make_error(Code::kCorrupt, "chunk {} has {} bytes at address {}, but the file has {} bytes", number,
                        chunk.bytes, chunk.offset, file_.size());
    }
    if (!array_.is_filtered(chunk.filter_mask) && chunk.bytes != array_.chunk_bytes()) {
      return make_error(Code::kCorrupt, "chunk {} has {} bytes, expected {} for its shape", number, chunk.bytes,
                        array_.chunk_bytes());
    }
    chunk.offset += file_.base();
    array_.chunks[static_cast<std::size_t>(number)] = chunk;
    return {};
  }

  // By the place of a chunk in the grid; nothing for one that the array has not (any more).
  std::optional<std::uint64_t> number_at(std::span<const std::uint64_t> place) const {
    std::uint64_t number = 0;
    for (std::size_t axis = 0; axis < place.size(); ++axis) {
      const std::uint64_t count = array_.grid.counts()[axis];
      if (place[axis] >= count) return std::nullopt;
      number = number * count + place[axis];
    }
    return number;
  }

  // An entry of an array or a tree: address, and of filtered chunks their size, in so many bytes, and mask.
  StoredChunk take_entry(BlockReader& in, std::size_t size_bytes) const {
    StoredChunk chunk{.offset = in.u64(), .bytes = array_.chunk_bytes()};
    if (size_bytes == 0) return chunk;
    chunk.bytes = in.number(size_bytes);
    chunk.filter_mask = in.u32();
    return chunk;
  }

  Status read_old_tree(std::uint64_t address, unsigned above) {
    const std::size_t axes = array_.grid.shape().size();
    const std::uint64_t key_bytes = 8 + (axes + 1) * 8;
    STOKER_ASSIGN(BlockReader head, file_.plain_block("TREE", address, 24));
    const std::uint8_t type = head.u8(), level = head.u8();
    const std::uint64_t entries = head.u16();
    if (type != 1 || level >= above) return corrupt("TREE", address, "is no node of chunks");
    STOKER_ASSIGN(const Bytes content, file_.bytes(address + 24, entries * (key_bytes + 8)));
    BlockReader in(content);
    std::vector<std::uint64_t> at(axes);
    for (std::uint64_t i = 0; i < entries; ++i) {
      if (++blocks_ > 2 * kMostBlocks) return corrupt("TREE", address, "more chunks than are read");
      StoredChunk chunk{.bytes = in.u32(), .filter_mask = in.u32()};
      for (std::size_t axis = 0; axis < axes; ++axis) at[axis] = in.u64() / array_.grid.chunk()[axis];
      in.u64();
      chunk.offset = in.u64();
      if (level > 0) {
        STOKER_TRY(read_old_tree(chunk.offset, level));
      } else if (const auto number = number_at(at)) {
        STOKER_TRY(set(*number, chunk));
      }
    }
    return {};
  }

  Status read_tree() {
    const bool filtered = !array_.filters.empty();
    const std::size_t size_bytes = filtered ? chunk_size_bytes(array_.chunk_bytes()) : 0;
    const std::size_t axes = array_.grid.shape().size();
    std::vector<std::uint64_t> at(axes);
    return visit_tree(file_, place_.address, filtered ? 11 : 10, kMostChunks, [&](Bytes record) -> Status {
      BlockReader in(record);
      const StoredChunk chunk = take_entry(in, size_bytes);
      for (std::uint64_t& axis : at) axis = in.u64();
      if (!in.ok()) return make_error(Code::kCorrupt, "a record of a chunk ends early");
      const auto number = number_at(at);
      return number ? set(*number, chunk) : Status{};
    });
  }

  // The numbers of the other indexes count the chunks that there may be, in C order; with an axis without bound that
  // one first.
  Result<std::uint64_t> index_of(std::uint64_t number) const {
    const std::size_t axes = array_.grid.shape().size();
    std::vector<std::uint64_t> at(axes);
    for (std::size_t axis = axes; axis-- > 0;) {
      at[axis] = number % array_.grid.counts()[axis];
      number /= array_.grid.counts()[axis];
    }
    std::size_t endless = 0;
    for (std::size_t axis = 0; axis < axes; ++axis)
      if (place_.most_shape[axis] == kUndefined) endless = axis;
    std::uint64_t index = at[endless];
    for (std::size_t axis = 0; axis < axes; ++axis) {
      if (axis == endless) continue;
      const std::uint64_t count = (place_.most_shape[axis] - 1) / array_.grid.chunk()[axis] + 1;
      if (index > (~std::uint64_t{0} - at[axis]) / count) return make_error(Code::kCorrupt, "more chunks than can be");
      index = index * count + at[axis];
    }
    return index;
  }

  Status read_implicit() {
    for (std::uint64_t number = 0; number < array_.chunks.size(); ++number) {
      STOKER_ASSIGN(const std::uint64_t index, index_of(number));
      if (index > ~std::uint64_t{0} / array_.chunk_bytes())
        return make_error(Code::kCorrupt, "more chunks than can be");
      STOKER_TRY(set(number, {.offset = place_.address + index * array_.chunk_bytes(), .bytes = array_.chunk_bytes()}));
    }
    return {};
  }

  // How the entries of arrays are stored.
  Status check_entries(std::string_view signature, std::uint8_t version, std::uint8_t client, std::uint8_t bytes) {
    const bool filtered = !array_.filters.empty();
    entry_bytes_ = bytes;
    size_bytes_ = filtered ? entry_bytes_ - std::min<std::size_t>(entry_bytes_, 12) : 0;
    if (version == 0 && client == (filtered ? 1 : 0) &&
        (filtered ? size_bytes_ >= 1 && size_bytes_ <= 8 : entry_bytes_ == 8))
      return {};
    return corrupt(signature, place_.address, "is not the index that is expected there");
  }

  Status read_fixed_array() {
    constexpr std::uint64_t kHeader = 28;
    STOKER_ASSIGN(BlockReader head, file_.block("FAHD", place_.address, kHeader));
    const std::uint8_t version = head.u8(), client = head.u8(), entry = head.u8(), page_bits = head.u8();
    const std::uint64_t entries = head.u64(), block = head.u64();
    STOKER_TRY(check_entries("FAHD", version, client, entry));
    if (block == kUndefined) return {};
    if (page_bits > 32 || entries > (std::uint64_t{1} << 58U) / entry_bytes_)
      return corrupt("FAHD", place_.address, "contradicts itself");
    STOKER_TRY(sort_numbers());
    if (!numbers_.empty() && numbers_.back().index >= entries)
      return corrupt("FAHD", place_.address, "has fewer entries than the array has chunks");
    const std::uint64_t page = std::uint64_t{1} << page_bits;
    const std::uint64_t pages = entries > page ? (entries + page - 1) / page : 0;
    if (pages == 0) {
      STOKER_ASSIGN(BlockReader in, file_.block("FADB", block, kPrefix + entries * entry_bytes_ + 4));
      in.take(kPrefix - 4);
      return take_entries(in.rest(), 0, entries);
    }
    const std::uint64_t bitmap = (pages + 7) / 8;
    STOKER_ASSIGN(BlockReader in, file_.block("FADB", block, kPrefix + bitmap + 4));
    in.take(kPrefix - 4);
    const Bytes bits = in.take(bitmap);
    const std::uint64_t first = block + kPrefix + bitmap + 4;
    for (std::uint64_t i = 0; i < pages; ++i) {
      if (!has_bit(bits, i)) continue;
      const std::uint64_t n = std::min(page, entries - i * page);
      STOKER_ASSIGN(BlockReader one, file_.block("", first + i * (page * entry_bytes_ + 4), n * entry_bytes_ + 4));
      STOKER_TRY(take_entries(one.rest(), i * page, n));
    }
    return {};
  }

  // Entries [first, first + count) of the index, as far as the array has these chunks.
  Status take_entries(Bytes content, std::uint64_t first, std::uint64_t count) {
    STOKER_TRY(sort_numbers());
    for (auto at = std::ranges::lower_bound(numbers_, first, {}, &Numbered::index);
         at != numbers_.end() && at->index < first + count; ++at) {
      BlockReader in(content.subspan(static_cast<std::size_t>((at->index - first) * entry_bytes_), entry_bytes_));
      STOKER_TRY(set(at->number, take_entry(in, size_bytes_)));
    }
    return {};
  }

  Status sort_numbers() {
    if (!numbers_.empty()) return {};
    for (std::uint64_t number = 0; number < array_.chunks.size(); ++number) {
      STOKER_ASSIGN(const std::uint64_t index, index_of(number));
      numbers_.push_back({index, number});
    }
    std::ranges::sort(numbers_, {}, &Numbered::index);
    return {};
  }
  [[nodiscard]] bool has_any(std::uint64_t first, std::uint64_t count) const {
    const auto at = std::ranges::lower_bound(numbers_, first, {}, &Numbered::index);
    return at != numbers_.end() && at->index < first + count;
  }

  // An extensible array: the first entries in an index block, which leads to data blocks, and to super blocks that lead
  // to more of them. Super block s is 2^(s / 2) data blocks of 2^((s + 1) / 2) times the least number of entries; the
  // data blocks of the first ones are named in the index block itself.
  Status read_extensible_array() {
    constexpr std::uint64_t kHeader = 4 + 8 + 6 * 8 + 8 + 4;
    STOKER_ASSIGN(BlockReader head, file_.block("EAHD", place_.address, kHeader));
    const std::uint8_t version = head.u8(), client = head.u8(), entry = head.u8();
    const std::uint8_t most_bits = head.u8(), in_index = head.u8(), least = head.u8(), least_pointers = head.u8(),
                       page_bits = head.u8();
    head.take(48);
    const std::uint64_t block = head.u64();
    STOKER_TRY(check_entries("EAHD", version, client, entry));
    if (most_bits > 64 || page_bits > 32 || !std::has_single_bit(least) || !std::has_single_bit(least_pointers) ||
        most_bits < std::countr_zero(least)) {
      return corrupt("EAHD", place_.address, "contradicts itself");
    }
    if (block == kUndefined) return {};
    STOKER_TRY(sort_numbers());
    page_entries_ = std::uint64_t{1} << page_bits;
    offset_bytes_ = (most_bits + 7U) / 8;
    const std::uint64_t supers = 1U + most_bits - static_cast<unsigned>(std::countr_zero(least));
    const std::uint64_t direct_supers =
        std::min<std::uint64_t>(supers, 2U * static_cast<unsigned>(std::countr_zero(least_pointers)));
    const std::uint64_t direct_blocks = 2 * (std::uint64_t{least_pointers} - 1);
    const std::uint64_t bytes = kPrefix + in_index * entry_bytes_ + (direct_blocks + supers - direct_supers) * 8 + 4;
    STOKER_ASSIGN(BlockReader in, file_.block("EAIB", block, bytes));
    in.take(kPrefix - 4);
    STOKER_TRY(take_entries(in.take(in_index * entry_bytes_), 0, in_index));
    BlockReader direct(in.take(direct_blocks * 8));
    std::uint64_t first = in_index;
    for (std::uint64_t s = 0; s < supers; ++s) {
      if (s / 2 >= 63 || (s + 1) / 2 >= 56) break;
      const std::uint64_t blocks = std::uint64_t{1} << s / 2, entries = std::uint64_t{least} << (s + 1) / 2;
      if (blocks > (std::uint64_t{1} << 62U) / entries) break;
      const std::uint64_t all = blocks * entries;
      if (s < direct_supers) {
        for (std::uint64_t i = 0; i < blocks; ++i)
          STOKER_TRY(read_data_block(direct.u64(), first + i * entries, entries, {}, 0));
      } else {
        STOKER_TRY(read_super_block(in.u64(), first, blocks, entries));
      }
      first += all;
    }
    return {};
  }

  [[nodiscard]] std::uint64_t pages_of(std::uint64_t entries) const {
    return entries > page_entries_ ? entries / page_entries_ : 0;
  }

  Status read_super_block(std::uint64_t address, std::uint64_t first, std::uint64_t blocks, std::uint64_t entries) {
    if (address == kUndefined || !has_any(first, blocks * entries)) return {};
    const std::uint64_t bitmap = (pages_of(entries) + 7) / 8;
    if (blocks > kMostBlocks || bitmap > kMostBlocks) return corrupt("EASB", address, "more chunks than are read");
    const std::uint64_t bytes = kPrefix + offset_bytes_ + blocks * bitmap + blocks * 8 + 4;
    STOKER_ASSIGN(BlockReader in, file_.block("EASB", address, bytes));
    in.take(kPrefix - 4 + offset_bytes_);
    const Bytes bits = in.take(blocks * bitmap);
    for (std::uint64_t i = 0; i < blocks; ++i)
      STOKER_TRY(read_data_block(in.u64(), first + i * entries, entries, bits, i * pages_of(entries)));
    return {};
  }

  // `bits`: from `first_bit` on, which of its pages there are.
  Status read_data_block(std::uint64_t address, std::uint64_t first, std::uint64_t entries, Bytes bits,
                         std::uint64_t first_bit) {
    if (address == kUndefined || !has_any(first, entries)) return {};
    const std::uint64_t head = kPrefix + offset_bytes_;
    const std::uint64_t pages = pages_of(entries);
    if (pages == 0) {
      STOKER_ASSIGN(BlockReader in, file_.block("EADB", address, head + entries * entry_bytes_ + 4));
      in.take(head - 4);
      return take_entries(in.rest(), first, entries);
    }
    STOKER_TRY(file_.block("EADB", address, head + 4));
    for (std::uint64_t i = 0; i < pages; ++i) {
      const std::uint64_t from = first + i * page_entries_;
      if (!has_bit(bits, first_bit + i) || !has_any(from, page_entries_)) continue;
      const std::uint64_t bytes = page_entries_ * entry_bytes_ + 4;
      STOKER_ASSIGN(BlockReader in, file_.block("", address + head + 4 + i * bytes, bytes));
      STOKER_TRY(take_entries(in.rest(), from, page_entries_));
    }
    return {};
  }

  struct Numbered {
    std::uint64_t index, number;  // in the index, and of the array's chunks
  };

  MetaFile& file_;
  const IndexPlace& place_;
  Array& array_;
  std::uint64_t blocks_ = 0;
  std::size_t entry_bytes_ = 0, size_bytes_ = 0, offset_bytes_ = 0;
  std::uint64_t page_entries_ = 0;
  std::vector<Numbered> numbers_;
};

}  // namespace

Status read_chunk_index(MetaFile& file, const IndexPlace& place, Array& array) {
  return IndexReader(file, place, array).read();
}

}  // namespace stoker::format::hdf5
