#include "data/format/hdf5/root_group.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "base/printable.h"
#include "data/format/hdf5/dense_links.h"
#include "data/format/hdf5/object_header.h"

namespace stoker::format::hdf5 {
namespace {

constexpr std::uint64_t kWidth = 8;  // of addresses and lengths
constexpr std::uint64_t kFirstUserBlock = 512;
constexpr std::size_t kMostName = std::size_t{64} << 10;
constexpr std::uint64_t kMostNames = std::uint64_t{64} << 20;  // bytes of all

struct Superblock {
  unsigned version = 0;
  std::uint64_t root = 0;
};

Error ends_early(std::uint64_t expected, std::uint64_t found) {
  return make_error(Code::kCorrupt, "ends early: the superblock says {} bytes, found {}", expected, found);
}

Status check_widths(std::uint8_t addresses, std::uint8_t lengths) {
  if (addresses == kWidth && lengths == kWidth) return {};
  return make_error(Code::kUnsupported, "addresses of {} bytes and lengths of {}, expected 8", addresses, lengths);
}

// The superblock lies at 0, or behind a block of the user: at 512, 1024, 2048, ...
Result<std::uint64_t> find_superblock(MetaFile& file) {
  for (std::uint64_t at = 0; file.has(at, kSignature.size()); at = at == 0 ? kFirstUserBlock : 2 * at) {
    STOKER_ASSIGN(const Bytes found, file.bytes(at, kSignature.size()));
    if (std::ranges::equal(found, std::as_bytes(std::span(kSignature)))) return at;
  }
  STOKER_ASSIGN(const Bytes start, file.up_to(0, kSignature.size()));
  return make_error(Code::kCorrupt, "found '{}' where '\\x89HDF\\r\\n\\x1a\\n' begins an HDF5 file",
                    printable_line({reinterpret_cast<const char*>(start.data()), start.size()}));
}

Result<Superblock> read_superblock(MetaFile& file) {
  STOKER_ASSIGN(const std::uint64_t at, find_superblock(file));
  STOKER_ASSIGN(const Bytes start, file.bytes(at, kSignature.size() + 1));
  Superblock found{.version = std::to_integer<unsigned>(start.back())};
  std::uint64_t base = 0, end = 0;
  if (found.version == 2 || found.version == 3) {
    STOKER_ASSIGN(BlockReader in, file.block(kSignature, at, 48));
    in.u8();
    const std::uint8_t addresses = in.u8(), lengths = in.u8();
    STOKER_TRY(check_widths(addresses, lengths));
    in.u8();
    base = in.u64();
    in.u64();
    end = in.u64();
    found.root = in.u64();
  } else if (found.version <= 1) {
    const std::uint64_t more = found.version == 1 ? 4 : 0;
    STOKER_ASSIGN(BlockReader in, file.plain_block(kSignature, at, 96 + more));
    in.take(5);
    const std::uint8_t addresses = in.u8(), lengths = in.u8();
    STOKER_TRY(check_widths(addresses, lengths));
    in.take(9 + more);
    base = in.u64();
    in.u64();
    end = in.u64();
    in.take(16);  // drivers, name of the root
    found.root = in.u64();
  } else {
    return make_error(Code::kUnsupported, "a superblock of version {}, expected 0 to 3", found.version);
  }
  // Addresses count from the superblock; some files say so, and some say 0 although a user's block is in front.
  if (base != at && base != 0) return corrupt_block("superblock", at, fmt::format("says that it is at {}", base));
  if (end > file.size()) return ends_early(end, file.size());
  file.set_base(base);
  return found;
}

}  // namespace

Result<Link> parse_link(Bytes message) {
  BlockReader in(message);
  const std::uint8_t version = in.u8(), flags = in.u8();
  const std::uint8_t type = (flags & 8U) != 0 ? in.u8() : 0;
  in.take((flags & 4U) != 0 ? 8 : 0);
  in.take((flags & 16U) != 0 ? 1 : 0);
  const std::uint64_t bytes = in.number(std::size_t{1} << (flags & 3U));
  if (bytes > kMostName) return make_error(Code::kUnsupported, "a name of {} bytes", bytes);
  Link link{.name = std::string(in.text(bytes))};
  if (type == 0) link.address = in.u64();
  if (type != 0) link.kind = type == 1 ? LinkKind::kSoft : type == 64 ? LinkKind::kExternal : LinkKind::kOther;
  if (!in.ok() || version != 1) return make_error(Code::kCorrupt, "a link ends early, or is of version {}", version);
  return link;
}

namespace {

// Groups of older files: a B-tree of nodes of symbols, whose names lie in a heap.
class SymbolTable {
 public:
  SymbolTable(MetaFile& file, RootGroup& root) : file_(file), root_(root) {}

  Status read(Bytes message) {
    BlockReader in(message);
    const std::uint64_t tree = in.u64(), heap = in.u64();
    if (!in.ok()) return make_error(Code::kCorrupt, "the message of a symbol table ends early");
    STOKER_ASSIGN(BlockReader head, file_.plain_block("HEAP", heap, 32));
    head.take(4);
    const std::uint64_t bytes = head.u64();
    head.u64();
    const std::uint64_t at = head.u64();
    STOKER_ASSIGN(names_, file_.bytes(at, bytes));
    return read_tree(tree, 256);
  }

 private:
  Status read_tree(std::uint64_t address, unsigned above) {
    STOKER_ASSIGN(BlockReader head, file_.plain_block("TREE", address, 24));
    const std::uint8_t type = head.u8(), level = head.u8();
    const std::uint64_t entries = head.u16();
    if (type != 0 || level >= above) return corrupt_block("TREE", file_.base() + address, "is no node of a group");
    STOKER_ASSIGN(const Bytes content, file_.bytes(address + 24, entries * 16));
    BlockReader in(content);
    for (std::uint64_t i = 0; i < entries; ++i) {
      if (++nodes_ > kMostLinks) return corrupt_block("TREE", file_.base() + address, "more nodes than a group has");
      in.u64();
      const std::uint64_t child = in.u64();
      STOKER_TRY(level > 0 ? read_tree(child, level) : read_symbols(child));
    }
    return {};
  }

  Status read_symbols(std::uint64_t address) {
    STOKER_ASSIGN(BlockReader head, file_.plain_block("SNOD", address, 8));
    head.u16();
    const std::uint64_t symbols = head.u16();
    STOKER_ASSIGN(const Bytes content, file_.bytes(address + 8, symbols * 40));
    BlockReader in(content);
    for (std::uint64_t i = 0; i < symbols; ++i) {
      const std::uint64_t name = in.u64();
      Link link{.address = in.u64()};
      constexpr std::uint32_t kSoftLink = 2;
      if (in.u32() == kSoftLink) link.kind = LinkKind::kSoft;
      in.take(20);
      if (name >= names_.size()) return corrupt_block("SNOD", file_.base() + address, "a symbol without a name");
      const std::string_view rest(reinterpret_cast<const char*>(names_.data()) + name,
                                  std::min(names_.size() - static_cast<std::size_t>(name), kMostName));
      link.name = rest.substr(0, rest.find('\0'));
      STOKER_TRY(root_.add(std::move(link)));
    }
    return {};
  }

  MetaFile& file_;
  RootGroup& root_;
  Bytes names_;
  std::size_t nodes_ = 0;
};

}  // namespace

Status RootGroup::add(Link link) {
  name_bytes += link.name.size();
  if (links.size() == kMostLinks || name_bytes > kMostNames)
    return make_error(Code::kUnsupported, "more than {} links, or longer names, in its root group", kMostLinks);
  links.push_back(std::move(link));
  return {};
}

Result<RootGroup> read_root_group(MetaFile& file) {
  STOKER_ASSIGN(const Superblock superblock, read_superblock(file));
  RootGroup root{.superblock = superblock.version};
  STOKER_ASSIGN(const std::vector<Message> messages, read_object_header(file, superblock.root));
  bool is_told = false;
  for (const Message& message : messages) {
    // A group has one of either, and as many of the third as there is room for.
    if (message.type == kSymbolTable || message.type == kLinkInfo) {
      if (is_told) return make_error(Code::kCorrupt, "a group that says twice where its links are");
      is_told = true;
    }
    if (message.type == kSymbolTable) STOKER_TRY(SymbolTable(file, root).read(message.content));
    if (message.type == kLinkInfo) STOKER_TRY(read_dense_links(file, message.content, root));
    if (message.type != kLink) continue;
    STOKER_ASSIGN(Link link, parse_link(message.content));
    STOKER_TRY(root.add(std::move(link)));
  }
  return root;
}

}  // namespace stoker::format::hdf5
