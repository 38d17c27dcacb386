#include "data/format/hdf5/array.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/printable.h"
#include "data/format/hdf5/chunk_index.h"
#include "data/format/hdf5/element_type.h"
#include "data/format/hdf5/limits.h"
#include "data/format/hdf5/object_header.h"

namespace stoker::format::hdf5 {
namespace {

constexpr std::size_t kMostFilters = 32;  // what a mask can say

struct KnownFilter {
  std::uint16_t id;
  std::string_view name;
  bool is_read;
};
// Those that this build reads, and names for those that it does not.
constexpr std::array kKnownFilters{
    KnownFilter{kDeflate, "deflate", true},
    KnownFilter{kShuffle, "shuffle", true},
    KnownFilter{kFletcher32, "fletcher32", true},
    KnownFilter{kLzf, "lzf", true},
    KnownFilter{4, "szip", false},
    KnownFilter{5, "nbit", false},
    KnownFilter{6, "scaleoffset", false},
    KnownFilter{307, "bzip2", false},
    KnownFilter{32001, "blosc", false},
    KnownFilter{32004, "lz4", false},
    KnownFilter{32008, "bitshuffle", false},
    KnownFilter{32013, "zfp", false},
    KnownFilter{32015, "zstd", false},
    KnownFilter{32026, "blosc2", false},
};

Error corrupt(std::string_view what) {
  return make_error(Code::kCorrupt, "{} ends early, or contradicts itself", what);
}

class ArrayParser {
 public:
  ArrayParser(MetaFile& file, Array& array) : file_(file), array_(array) {}

  Status parse(std::uint64_t address) {
    STOKER_ASSIGN(const std::vector<Message> messages, read_object_header(file_, address));
    const Message* const space = find_message(messages, kDataspace);
    const Message* const type = find_message(messages, kDatatype);
    const Message* const layout = find_message(messages, kLayout);
    if (space == nullptr || type == nullptr || layout == nullptr)
      return make_error(Code::kUnsupported, "is no array, expected one");
    for (const Message& message : messages) {
      constexpr std::array kNeeded{kDataspace, kDatatype, kOldFillValue, kFillValue, kLayout, kFilters};
      if (message.is_shared && std::ranges::find(kNeeded, message.type) != kNeeded.end())
        return make_error(Code::kUnsupported, "its type, or another of its properties, is that of another object");
    }
    if (find_message(messages, kExternalFiles) != nullptr)
      return make_error(Code::kUnsupported, "its values lie in other files, expected them in this one");
    STOKER_TRY(parse_space(space->content));
    STOKER_ASSIGN(array_.dtype, parse_datatype(type->content));
    if (const Message* const filters = find_message(messages, kFilters)) {
      STOKER_TRY(parse_filters(filters->content));
    }
    STOKER_TRY(parse_fill(messages));
    STOKER_TRY(parse_layout(*layout));
    return read_chunk_index(file_, index_, array_);
  }

 private:
  Status parse_space(Bytes message) {
    BlockReader in(message);
    const std::uint8_t version = in.u8(), axes = in.u8(), flags = in.u8();
    const std::uint8_t kind = in.u8();
    if (version == 1) in.take(4);
    if (version != 1 && version != 2) return corrupt("its shape");
    if (axes == 0 || (version == 2 && kind != 1))
      return make_error(Code::kUnsupported, "an array without axes, expected the samples as its first axis");
    if (axes > kMostAxes) return corrupt("its shape");
    std::uint64_t elements = 1;
    for (unsigned axis = 0; axis < axes; ++axis) {
      const std::uint64_t size = in.u64();
      if (size > 0 && elements > kMostElements / size) return corrupt("its shape");
      if (size > 0) elements *= size;
      if (size == 0 && axis > 0) return make_error(Code::kUnsupported, "an array whose samples have no elements");
      shape_.push_back(size);
    }
    index_.most_shape = shape_;
    if ((flags & 1U) != 0) {
      for (std::uint64_t& most : index_.most_shape) most = in.u64();
    }
    if (!in.ok()) return corrupt("its shape");
    for (std::size_t axis = 0; axis < shape_.size(); ++axis)
      if (index_.most_shape[axis] < shape_[axis]) return corrupt("its shape");
    return {};
  }

  Status parse_filters(Bytes message) {
    BlockReader in(message);
    const std::uint8_t version = in.u8(), count = in.u8();
    if (version != 1 && version != 2) return corrupt("its list of filters");
    if (version == 1) in.take(6);
    if (count > kMostFilters) return corrupt("its list of filters");
    bool is_compressed = false;
    for (unsigned i = 0; i < count; ++i) {
      Filter filter{.id = in.u16()};
      const std::uint16_t name_bytes = version == 1 || filter.id >= 256 ? in.u16() : std::uint16_t{0};
      in.u16();
      const std::uint16_t values = in.u16();
      const std::string_view name = in.text(version == 1 ? (name_bytes + 7U) / 8 * 8 : name_bytes);
      BlockReader data(in.take(values * std::uint64_t{4}));
      if (version == 1 && values % 2 != 0) in.take(4);
      if (!in.ok()) return corrupt("its list of filters");
      const auto* const known = std::ranges::find(kKnownFilters, filter.id, &KnownFilter::id);
      if (known == kKnownFilters.end() || !known->is_read) {
        return make_error(Code::kUnsupported,
                          "values behind filter {} ({}), expected deflate, shuffle, fletcher32 or lzf", filter.id,
                          known != kKnownFilters.end() ? known->name : printable_line(name.substr(0, name.find('\0'))));
      }
      if (filter.id == kDeflate || filter.id == kLzf) {
        if (std::exchange(is_compressed, true))
          return make_error(Code::kUnsupported, "values that are compressed twice");
      }
      if (filter.id == kShuffle) {
        filter.element_bytes = values > 0 ? data.u32() : static_cast<std::uint32_t>(array_.width());
        if (filter.element_bytes == 0) return corrupt("its list of filters");
      }
      array_.filters.push_back(filter);
    }
    return {};
  }

  // What values are that were never written: zeros, unless a message says another.
  Status parse_fill(const std::vector<Message>& messages) {
    array_.fill.assign(static_cast<std::size_t>(array_.width()), std::byte{0});
    const Message* const message = find_message(messages, kFillValue);
    const Message* const old = find_message(messages, kOldFillValue);
    if (message == nullptr && old == nullptr) return {};
    BlockReader in(message != nullptr ? message->content : old->content);
    bool has_value = true;
    if (message != nullptr) {
      const std::uint8_t version = in.u8();
      if (version == 3) {
        has_value = (in.u8() & 32U) != 0;
      } else if (version == 1 || version == 2) {
        in.u16();
        const std::uint8_t is_defined = in.u8();
        has_value = version == 1 || is_defined != 0;
      } else {
        return corrupt("its fill value");
      }
    }
    if (!has_value) return {};
    const std::uint64_t bytes = in.u32();
    const Bytes value = in.take(bytes);
    if (!in.ok() || (bytes != 0 && bytes != array_.width())) return corrupt("its fill value");
    std::ranges::copy(value, array_.fill.begin());
    return {};
  }

  Status parse_layout(const Message& message) {
    BlockReader in(message.content);
    const std::uint8_t version = in.u8();
    if (version < 1 || version > 4)
      return make_error(Code::kUnsupported, "a layout of version {}, expected 1 to 4", version);
    std::uint8_t kind = 0;
    std::uint8_t axes = 0;
    std::uint64_t address = kUndefined;
    if (version <= 2) {
      axes = in.u8();
      kind = in.u8();
      in.take(5);
      if (kind != kCompact) address = in.u64();
    } else {
      kind = in.u8();
    }
    array_.layout = static_cast<LayoutClass>(kind);
    switch (kind) {
      case kCompact: {
        if (version <= 2) in.take(axes * 4U);
        const std::uint64_t bytes = version <= 2 ? in.u32() : in.u16();
        address = message.address + (message.content.size() - in.rest().size());
        in.take(bytes);
        if (!in.ok()) return corrupt("its layout");
        return set_whole(address, bytes);
      }
      case kContiguous: {
        if (version > 2) address = in.u64();
        std::uint64_t bytes = kUndefined;
        if (version > 2) bytes = in.u64();
        if (!in.ok()) return corrupt("its layout");
        return set_whole(address, bytes);
      }
      case kChunked: return version == 4 ? parse_new_chunks(in) : parse_old_chunks(in, version, axes, address);
      case kVirtual: return make_error(Code::kUnsupported, "a virtual data set, expected values in this file");
      default: return corrupt("its layout");
    }
  }

  // In one piece, which is one chunk.
  Status set_whole(std::uint64_t address, std::uint64_t bytes) {
    if (!array_.filters.empty()) return make_error(Code::kCorrupt, "filters on values that are not in chunks");
    STOKER_TRY(set_grid(shape_));
    if (shape_.front() == 0) return {};
    if (bytes != kUndefined && address != kUndefined && bytes < array_.chunk_bytes()) {
      return make_error(Code::kCorrupt, "{} bytes of values, expected {} for its shape", bytes, array_.chunk_bytes());
    }
    index_.type = kSingleChunk;
    index_.address = address;
    return {};
  }

  Status parse_old_chunks(BlockReader& in, std::uint8_t version, std::uint8_t axes, std::uint64_t address) {
    if (version == 3) {
      axes = in.u8();
      address = in.u64();
    }
    std::vector<std::uint64_t> chunk;
    for (unsigned axis = 0; axis < axes; ++axis) chunk.push_back(in.u32());
    if (!in.ok()) return corrupt("its layout");
    index_.type = kOldTree;
    index_.address = address;
    return set_chunk(std::move(chunk));
  }

  Status parse_new_chunks(BlockReader& in) {
    const std::uint8_t flags = in.u8(), axes = in.u8(), width = in.u8();
    if (width == 0 || width > 8) return corrupt("its layout");
    std::vector<std::uint64_t> chunk;
    for (unsigned axis = 0; axis < axes; ++axis) chunk.push_back(in.number(width));
    const std::uint8_t type = in.u8();
    array_.is_edge_plain = (flags & 1U) != 0;
    switch (type) {
      case kSingleChunk:
        if ((flags & 2U) != 0) {
          index_.single.bytes = in.u64();
          index_.single.filter_mask = in.u32();
        } else if (!array_.filters.empty()) {
          return corrupt("its layout");
        }
        break;
      case kImplicit:
        if (!array_.filters.empty()) return corrupt("its layout");
        break;
      case kFixedArray: in.take(1); break;
      case kExtensibleArray: in.take(5); break;
      case kTree: in.take(6); break;
      default: return make_error(Code::kUnsupported, "an index of chunks of type {}, expected 1 to 5", type);
    }
    index_.type = static_cast<ChunkIndex>(type);
    index_.address = in.u64();
    if (!in.ok()) return corrupt("its layout");
    return set_chunk(std::move(chunk));
  }

  // The last size is that of an element.
  Status set_chunk(std::vector<std::uint64_t> chunk) {
    if (chunk.size() != shape_.size() + 1 || chunk.back() != array_.width()) return corrupt("the shape of its chunks");
    std::uint64_t bytes = 1;
    for (const std::uint64_t size : chunk) {
      if (size == 0 || bytes > kMostChunkBytes / size) return corrupt("the shape of its chunks");
      bytes *= size;
    }
    chunk.pop_back();
    array_.index = index_.type;
    return set_grid(std::move(chunk));
  }

  Status set_grid(std::vector<std::uint64_t> chunk) {
    if (shape_.front() == 0) {
      // Nothing to find: rows of any shape, none of them.
      index_.address = kUndefined;
      std::vector<std::uint64_t> one = shape_;
      one.front() = 1;
      array_.grid = ChunkGrid(shape_, std::move(one));
      return {};
    }
    std::uint64_t chunks = 1;
    for (std::size_t axis = 0; axis < shape_.size(); ++axis) {
      const std::uint64_t count = (shape_[axis] - 1) / chunk[axis] + 1;
      if (chunks > kMostChunks / count) {
        return make_error(Code::kUnsupported, "an array of more than {} chunks", kMostChunks);
      }
      chunks *= count;
    }
    array_.grid = ChunkGrid(shape_, std::move(chunk));
    array_.chunks.resize(static_cast<std::size_t>(chunks));
    return {};
  }

  MetaFile& file_;
  Array& array_;
  std::vector<std::uint64_t> shape_;
  IndexPlace index_;
};

}  // namespace

Result<Array> read_array(MetaFile& file, std::string name, std::uint64_t address) {
  Array array{.name = std::move(name)};
  if (auto parsed = ArrayParser(file, array).parse(address); !parsed)
    return std::move(parsed).error().with_context(fmt::format("array '{}'", printable_line(array.name)));
  return array;
}

}  // namespace stoker::format::hdf5
