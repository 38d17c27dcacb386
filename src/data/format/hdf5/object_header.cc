#include "data/format/hdf5/object_header.h"

#include <algorithm>

namespace stoker::format::hdf5 {
namespace {

// A header that continues itself, or goes on for ever, ends here.
constexpr std::size_t kMostPieces = 1024;
constexpr std::size_t kMostMessages = std::size_t{1} << 17;
constexpr std::string_view kWhat = "object header";

struct Piece {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
};

class HeaderReader {
 public:
  HeaderReader(MetaFile& file, std::uint64_t address) : file_(file), address_(address) {}

  Result<std::vector<Message>> read() {
    STOKER_ASSIGN(const Bytes start, file_.up_to(address_, 6));
    const bool is_new = start.size() == 6 && std::ranges::equal(start.first(4), std::as_bytes(std::span("OHDR", 4)));
    STOKER_TRY(is_new ? read_new() : read_old());
    for (std::size_t piece = 0; piece < pieces_.size(); ++piece) {
      if (piece == kMostPieces) return corrupt("more pieces than a header has");
      const Piece at = pieces_[piece];
      if (is_new) {
        STOKER_ASSIGN(BlockReader in, file_.block("OCHK", at.address, at.bytes));
        STOKER_TRY(take_messages(in, at.address + 4));
      } else {
        STOKER_ASSIGN(const Bytes content, file_.bytes(at.address, at.bytes));
        BlockReader in(content);
        STOKER_TRY(take_messages(in, at.address));
      }
    }
    return std::move(messages_);
  }

 private:
  Error corrupt(std::string_view why) const { return corrupt_block(kWhat, file_.base() + address_, why); }

  // Version 2: OHDR, version, flags, what the flags say there is, the size of the messages, messages, checksum.
  Status read_new() {
    STOKER_ASSIGN(const Bytes start, file_.bytes(address_, 6));
    BlockReader in(start.subspan(4));
    const std::uint8_t version = in.u8(), flags = in.u8();
    if (version != 2) {
      return make_error(Code::kUnsupported, "an object header of version {} at byte {} of the file, expected 1 or 2",
                        version, file_.base() + address_);
    }
    has_order_ = (flags & 4U) != 0;
    is_new_ = true;
    const std::uint64_t size_at = 6 + ((flags & 32U) != 0 ? 16U : 0U) + ((flags & 16U) != 0 ? 4U : 0U);
    const std::size_t width = std::size_t{1} << (flags & 3U);
    STOKER_ASSIGN(const Bytes prefix, file_.bytes(address_, size_at + width));
    const std::uint64_t size = BlockReader(prefix.last(width)).number(width);
    const std::uint64_t head = size_at + width;
    if (!file_.has(address_ + head, size)) return corrupt("ends behind the end of the file");
    STOKER_ASSIGN(BlockReader all, file_.block("OHDR", address_, head + size + 4));
    all.take(head - 4);
    return take_messages(all, address_ + head);
  }

  // Version 1: 16 bytes, then messages.
  Status read_old() {
    STOKER_ASSIGN(const Bytes prefix, file_.bytes(address_, 16));
    BlockReader in(prefix);
    if (in.u8() != 1) return corrupt("is none");
    in.take(7);
    const std::uint64_t size = in.u32();
    if (!file_.has(address_ + 16, size)) return corrupt("ends behind the end of the file");
    STOKER_ASSIGN(const Bytes content, file_.bytes(address_ + 16, size));
    BlockReader messages(content);
    return take_messages(messages, address_ + 16);
  }

  Status take_messages(BlockReader& in, std::uint64_t address) {
    const std::size_t head = is_new_ ? (has_order_ ? 6U : 4U) : 8U;
    const std::size_t whole = in.rest().size();
    // What is too short for a message is a gap.
    while (in.rest().size() >= head) {
      Message message;
      message.type = is_new_ ? in.u8() : in.u16();
      const std::uint16_t size = in.u16();
      message.is_shared = (in.u8() & 2U) != 0;
      in.take(is_new_ ? (has_order_ ? 2U : 0U) : 3U);
      message.address = address + (whole - in.rest().size());
      message.content = in.take(size);
      if (!in.ok()) return corrupt("a message ends behind its end");
      if (messages_.size() == kMostMessages) return corrupt("more messages than a header has");
      if (message.type == kContinuation) {
        BlockReader place(message.content);
        const std::uint64_t at = place.u64(), bytes = place.u64();
        if (!place.ok() || !file_.has(at, bytes)) return corrupt("goes on behind the end of the file");
        pieces_.push_back({at, bytes});
      }
      messages_.push_back(message);
    }
    return {};
  }

  MetaFile& file_;
  const std::uint64_t address_;
  bool is_new_ = false, has_order_ = false;
  std::vector<Piece> pieces_;
  std::vector<Message> messages_;
};

}  // namespace

Result<std::vector<Message>> read_object_header(MetaFile& file, std::uint64_t address) {
  return HeaderReader(file, address).read();
}

const Message* find_message(const std::vector<Message>& messages, std::uint16_t type) {
  const auto found = std::ranges::find(messages, type, &Message::type);
  return found == messages.end() ? nullptr : &*found;
}

}  // namespace stoker::format::hdf5
