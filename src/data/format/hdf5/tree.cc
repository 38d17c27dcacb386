#include "data/format/hdf5/tree.h"

#include <vector>

namespace stoker::format::hdf5 {
namespace {

constexpr std::uint64_t kHeaderBytes = 38;
constexpr std::uint64_t kNodeOverhead = 4 + 1 + 1 + 4;  // signature, version, type, checksum
constexpr unsigned kMostDepth = 32;

class Tree {
 public:
  Tree(MetaFile& file, unsigned type, std::uint64_t most, const std::function<Status(Bytes)>& visit)
      : file_(file), type_(type), most_(most), visit_(visit) {}

  Status read(std::uint64_t address) {
    STOKER_ASSIGN(BlockReader head, file_.block("BTHD", address, kHeaderBytes));
    const std::uint8_t version = head.u8(), type = head.u8();
    node_bytes_ = head.u32();
    record_bytes_ = head.u16();
    const std::uint16_t depth = head.u16();
    head.take(2);
    const std::uint64_t root = head.u64();
    const std::uint16_t records = head.u16();
    if (version != 0 || type != type_ || record_bytes_ == 0 || depth > kMostDepth ||
        node_bytes_ < kNodeOverhead + record_bytes_) {
      return corrupt_block("BTHD", file_.base() + address, "is not the tree that is expected there");
    }
    if (root == kUndefined) return {};
    // How many records a node of each height has at most, and the subtree below it: widths of fields follow from that.
    most_records_ = (node_bytes_ - kNodeOverhead) / record_bytes_;
    count_bytes_ = bytes_for(most_records_);
    std::uint64_t below = most_records_;
    total_bytes_.push_back(0);
    for (unsigned height = 1; height <= depth; ++height) {
      const std::uint64_t pointer = 8 + count_bytes_ + total_bytes_.back();
      if (node_bytes_ < kNodeOverhead + pointer + record_bytes_ + pointer)
        return corrupt_block("BTHD", file_.base() + address, "has nodes that are too small");
      const std::uint64_t most = (node_bytes_ - kNodeOverhead - pointer) / (record_bytes_ + pointer);
      if (below > (~std::uint64_t{0} - most) / (most + 1))
        return corrupt_block("BTHD", file_.base() + address, "is too deep");
      below = (most + 1) * below + most;
      total_bytes_.push_back(bytes_for(below));
    }
    return read_node(root, records, depth);
  }

 private:
  Status read_node(std::uint64_t address, std::uint64_t records, unsigned height) {
    const std::string_view signature = height == 0 ? "BTLF" : "BTIN";
    const std::uint64_t pointer = 8 + count_bytes_ + (height == 0 ? 0 : total_bytes_[height - 1]);
    const std::uint64_t bytes = kNodeOverhead + records * record_bytes_ + (height == 0 ? 0 : (records + 1) * pointer);
    if (bytes > node_bytes_) return corrupt_block(signature, file_.base() + address, "has more records than fit");
    // The checksum follows what is used.
    STOKER_ASSIGN(BlockReader in, file_.block(signature, address, bytes));
    in.u8();
    if (in.u8() != type_) return corrupt_block(signature, file_.base() + address, "is of another tree");
    BlockReader values(in.take(records * record_bytes_));
    for (std::uint64_t i = 0; i <= records; ++i) {
      if (height > 0) {
        const std::uint64_t child = in.u64(), child_records = in.number(count_bytes_);
        in.take(total_bytes_[height - 1]);
        // Nodes without records count, too, or a tree could go on for ever.
        if (++nodes_ > most_ + 1) return corrupt_block(signature, file_.base() + address, "has too many nodes");
        STOKER_TRY(read_node(child, child_records, height - 1));
      }
      if (i == records) break;
      if (++seen_ > most_) return corrupt_block(signature, file_.base() + address, "has too many records");
      STOKER_TRY(visit_(values.take(record_bytes_)));
    }
    return {};
  }

  MetaFile& file_;
  const unsigned type_;
  const std::uint64_t most_;
  const std::function<Status(Bytes)>& visit_;
  std::uint64_t node_bytes_ = 0, record_bytes_ = 0, most_records_ = 0;
  std::size_t count_bytes_ = 0;
  std::vector<std::size_t> total_bytes_;  // by height: of a child's number of records in its subtree
  std::uint64_t seen_ = 0, nodes_ = 0;
};

}  // namespace

Status visit_tree(MetaFile& file, std::uint64_t address, unsigned type, std::uint64_t most,
                  const std::function<Status(Bytes record)>& visit) {
  return Tree(file, type, most, visit).read(address);
}

}  // namespace stoker::format::hdf5
