#include "data/format/hdf5/dense_links.h"

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include "data/format/hdf5/tree.h"

namespace stoker::format::hdf5 {
namespace {

constexpr unsigned kLinksByName = 5;  // the type of the tree
constexpr std::uint64_t kHeapHeader = 146;
constexpr unsigned kMostLevels = 16;

// Objects by their place in one address space, which blocks of growing size cover: rows of `width` blocks, the first
// two of `start` bytes each, and from then on of twice those of the row before.
class Heap {
 public:
  explicit Heap(MetaFile& file) : file_(file) {}

  Status open(std::uint64_t address) {
    address_ = address;
    STOKER_ASSIGN(BlockReader in, file_.block("FRHP", address, kHeapHeader));
    const std::uint8_t version = in.u8();
    id_bytes_ = in.u16();
    const std::uint16_t filters = in.u16();
    has_checksums_ = (in.u8() & 2U) != 0;
    const std::uint64_t most_object = in.u32();
    in.take(96);
    width_ = in.u16();
    start_ = in.u64();
    most_direct_ = in.u64();
    const std::uint16_t bits = in.u16();
    in.u16();
    root_ = in.u64();
    rows_ = in.u16();
    if (filters != 0) return make_error(Code::kUnsupported, "a group whose names are compressed");
    if (version != 0 || !std::has_single_bit(width_) || !std::has_single_bit(start_) ||
        !std::has_single_bit(most_direct_) || most_direct_ < start_ || bits > 64 || rows_ > 64 || start_ > 1U << 30U) {
      return corrupt_block("FRHP", file_.base() + address, "contradicts itself");
    }
    offset_bytes_ = (bits + 7U) / 8;
    length_bytes_ =
        std::min((static_cast<std::size_t>(std::countr_zero(most_direct_)) + 7) / 8, bytes_for(most_object));
    return {};
  }

  [[nodiscard]] std::size_t id_bytes() const { return id_bytes_; }

  Result<Bytes> object(Bytes id) {
    BlockReader in(id);
    if ((in.u8() & 0xF0U) != 0) return make_error(Code::kUnsupported, "a group with names that are too long");
    const std::uint64_t offset = in.number(offset_bytes_), length = in.number(length_bytes_);
    if (!in.ok()) return corrupt_block("FRHP", file_.base() + address_, "has shorter numbers of objects");
    return rows_ == 0 ? in_direct(root_, start_, offset, length)
                      : in_indirect(root_, rows_, offset, length, kMostLevels);
  }

 private:
  [[nodiscard]] std::uint64_t block_bytes(std::uint64_t row) const { return row < 2 ? start_ : start_ << (row - 1); }

  Result<Bytes> in_indirect(std::uint64_t address, std::uint64_t rows, std::uint64_t offset, std::uint64_t length,
                            unsigned levels) {
    const std::uint64_t bytes = 4 + 1 + 8 + offset_bytes_ + rows * width_ * 8 + 4;
    STOKER_ASSIGN(BlockReader in, file_.block("FHIB", address, bytes));
    in.take(1 + 8 + offset_bytes_);
    for (std::uint64_t row = 0; row < rows && levels > 0; ++row) {
      const std::uint64_t size = block_bytes(row);
      // Past what 64 bits can say, nothing follows.
      if (size == 0 || size > ~std::uint64_t{0} / width_) break;
      if (offset >= size * width_) {
        offset -= size * width_;
        in.take(width_ * 8);
        continue;
      }
      in.take(offset / size * 8);
      const std::uint64_t child = in.u64();
      offset %= size;
      if (size <= most_direct_) return in_direct(child, size, offset, length);
      const auto first_row = static_cast<std::uint64_t>(std::countr_zero(start_ * width_));
      const std::uint64_t child_rows = static_cast<std::uint64_t>(std::countr_zero(size)) - first_row + 1;
      if (child_rows == 0 || child_rows > 64) break;
      return in_indirect(child, child_rows, offset, length, levels - 1);
    }
    return corrupt_block("FHIB", file_.base() + address, "has no place for an object");
  }

  Result<Bytes> in_direct(std::uint64_t address, std::uint64_t bytes, std::uint64_t offset, std::uint64_t length) {
    STOKER_ASSIGN(const Bytes all, file_.bytes(address, bytes));
    STOKER_TRY(file_.plain_block("FHDB", address, bytes));
    const std::uint64_t head = 4 + 1 + 8 + offset_bytes_ + (has_checksums_ ? 4 : 0);
    if (offset < head || offset > bytes || length > bytes - offset)
      return corrupt_block("FHDB", file_.base() + address, "has no place for an object");
    if (has_checksums_ && file_.verify_checksums() && checked_.insert(address).second) {
      // As if the checksum itself were 0.
      std::vector<std::byte> copy(all.begin(), all.end());
      const MutBytes own = MutBytes(copy).subspan(static_cast<std::size_t>(head - 4), 4);
      const std::uint32_t stored = BlockReader(own).u32();
      std::ranges::fill(own, std::byte{0});
      if (metadata_checksum(copy) != stored)
        return corrupt_block("FHDB", file_.base() + address, "has another checksum than it should");
    }
    return all.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
  }

  MetaFile& file_;
  std::uint64_t address_ = 0, root_ = 0, start_ = 0, most_direct_ = 0, width_ = 0, rows_ = 0;
  std::size_t id_bytes_ = 0, offset_bytes_ = 0, length_bytes_ = 0;
  bool has_checksums_ = false;
  std::set<std::uint64_t> checked_;
};

}  // namespace

Status read_dense_links(MetaFile& file, Bytes link_info, RootGroup& root) {
  BlockReader in(link_info);
  in.u8();
  in.take((in.u8() & 1U) != 0 ? 8 : 0);
  const std::uint64_t heap_address = in.u64(), tree_address = in.u64();
  if (!in.ok()) return make_error(Code::kCorrupt, "the message of a group's links ends early");
  if (heap_address == kUndefined) return {};
  Heap heap(file);
  STOKER_TRY(heap.open(heap_address));
  return visit_tree(file, tree_address, kLinksByName, kMostLinks, [&](Bytes record) -> Status {
    BlockReader fields(record);
    fields.u32();  // hash of the name
    const Bytes id = fields.take(heap.id_bytes());
    if (!fields.ok()) return make_error(Code::kCorrupt, "a record of a group's links ends early");
    STOKER_ASSIGN(const Bytes message, heap.object(id));
    STOKER_ASSIGN(Link link, parse_link(message));
    return root.add(std::move(link));
  });
}

}  // namespace stoker::format::hdf5
