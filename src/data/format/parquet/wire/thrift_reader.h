// Thrift's compact protocol, the reading half, as far as Parquet's metadata needs it. The bytes are untrusted: every
// read is checked against the end, nesting and list lengths are bounded, nothing is allocated. The first failure
// sticks: from then on all values are 0 and all structs are at their end, so that a parser checks state() once, when it
// is done.
//
//   ThriftReader r(bytes);
//   for (ThriftReader::Struct s(r); s.next();) {
//     switch (s.id()) { case 1: s.read(size); break;  default: s.skip(); }
//   }
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "base/bytes.h"

namespace stoker::format::parquet {

class ThriftReader {
 public:
  enum class State : std::uint8_t {
    kOk,
    kTruncated,  // the bytes end inside the value: more of them might do
    kMalformed,
    kTooDeep,  // nested more than kMaxDepth levels
  };
  enum Type : std::uint8_t {
    kStop = 0,
    kTrue = 1,
    kFalse = 2,
    kI8 = 3,
    kI16 = 4,
    kI32 = 5,
    kI64 = 6,
    kDouble = 7,
    kBinary = 8,
    kList = 9,
    kSet = 10,
    kMap = 11,
    kStruct = 12,
    kUuid = 13
  };
  struct ListHead {
    std::uint8_t type = kStop;
    std::uint64_t size = 0;  // at most as many as there are bytes left
  };

  explicit ThriftReader(Bytes in) : begin_(in.data()), at_(in.data()), end_(in.data() + in.size()) {}

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool ok() const { return state_ == State::kOk; }
  // What to say of the bytes when that is not kOk.
  [[nodiscard]] std::string problem() const {
    if (state_ != State::kTooDeep) return "is malformed";
    return "is nested more than " + std::to_string(kMaxDepth) + " levels deep, which is the most that stoker reads";
  }
  // Bytes consumed.
  [[nodiscard]] std::size_t position() const { return static_cast<std::size_t>(at_ - begin_); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      const std::uint8_t b = byte();
      value |= static_cast<std::uint64_t>(b & 0x7FU) << (shift < 64 ? shift : 63);
      if (b < 0x80) return value;
    }
    fail(State::kMalformed);
    return 0;
  }
  std::int64_t zigzag() {
    const std::uint64_t v = varint();
    return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
  }
  std::uint8_t byte() {
    if (at_ == end_) {
      fail(State::kTruncated);
      return 0;
    }
    return static_cast<std::uint8_t>(*at_++);
  }
  Bytes binary() {
    const std::uint64_t size = varint();
    if (size > left()) {
      fail(size > kMaxBytes ? State::kMalformed : State::kTruncated);
      return {};
    }
    const Bytes value(at_, static_cast<std::size_t>(size));
    at_ += size;
    return value;
  }
  ListHead list() {
    const std::uint8_t head = byte();
    const std::uint64_t size = (head >> 4) == 15 ? varint() : head >> 4;
    // Every element takes at least one byte.
    if (size > left()) {
      fail(size > kMaxBytes ? State::kMalformed : State::kTruncated);
      return {};
    }
    return {.type = static_cast<std::uint8_t>(head & 0x0F), .size = size};
  }
  // The elements of a list.
  void skip_elements(const ListHead& list, int depth = 0) {
    for (std::uint64_t i = 0; i < list.size && ok(); ++i) skip(list.type, true, depth + 1);
  }
  // The rest of a value of that type. `in_list`: booleans take a byte there and none as a field.
  void skip(std::uint8_t type, bool in_list = false, int depth = 0);
  void fail(State state) {
    if (state_ == State::kOk) state_ = state;
    at_ = end_;
  }

  // Walks the fields of one struct.
  class Struct {
   public:
    explicit Struct(ThriftReader& reader) : r_(reader) {}
    // Goes to the next field. The value of the one before must have been read or skipped.
    bool next() {
      const std::uint8_t head = r_.byte();
      type_ = head & 0x0F;
      if (type_ == kStop) return false;
      const unsigned delta = head >> 4;
      const std::int64_t id = delta != 0 ? id_ + static_cast<std::int64_t>(delta) : r_.zigzag();
      if (id < std::numeric_limits<std::int16_t>::min() || id > std::numeric_limits<std::int16_t>::max()) {
        r_.fail(State::kMalformed);
      }
      id_ = id;
      return r_.ok();
    }
    [[nodiscard]] std::int64_t id() const { return id_; }
    [[nodiscard]] std::uint8_t type() const { return type_; }
    // Each of these reads the field's value and says whether there was one. A field of another type than the caller
    // knows it with is skipped, as by all of Thrift's readers, and leaves `out` as it was: it counts as absent.
    bool read(std::int32_t& out) {
      if (!expect(kI32)) return false;
      const std::int64_t v = r_.zigzag();
      if (v < std::numeric_limits<std::int32_t>::min() || v > std::numeric_limits<std::int32_t>::max()) {
        r_.fail(State::kMalformed);
        return false;
      }
      out = static_cast<std::int32_t>(v);
      return r_.ok();
    }
    bool read(std::int64_t& out) {
      if (!expect(kI64)) return false;
      out = r_.zigzag();
      return r_.ok();
    }
    bool read(bool& out) {
      const bool is_bool = type_ == kTrue || type_ == kFalse;
      if (is_bool) {
        out = type_ == kTrue;
      } else {
        skip();
      }
      return is_bool;
    }
    bool read(Bytes& out) {
      if (!expect(kBinary)) return false;
      out = r_.binary();
      return r_.ok();
    }
    // True when the field is a list of elements of that type; `head` says how many the caller now reads.
    bool begin_list(std::uint8_t element, ListHead& head) {
      if (!expect(kList)) return false;
      const ListHead found = r_.list();
      if (found.size > 0 && found.type != element) {
        r_.skip_elements(found);
        return false;
      }
      head = found;
      return r_.ok();
    }
    // True when the field is a struct, which the caller now reads.
    bool begin_struct() { return expect(kStruct); }
    void skip() { r_.skip(type_); }

   private:
    bool expect(std::uint8_t type) {
      if (type_ != type) skip();
      return type_ == type;
    }
    ThriftReader& r_;
    std::int64_t id_ = 0;
    std::uint8_t type_ = kStop;
  };

 private:
  // No string or list of Parquet metadata is longer.
  static constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 31;
  static constexpr int kMaxDepth = 32;

  [[nodiscard]] std::uint64_t left() const { return static_cast<std::uint64_t>(end_ - at_); }

  const std::byte* begin_;
  const std::byte* at_;
  const std::byte* end_;
  State state_ = State::kOk;
};

inline void ThriftReader::skip(std::uint8_t type, bool in_list, int depth) {
  if (depth >= kMaxDepth && type >= kList && type <= kStruct) return fail(State::kTooDeep);
  switch (type) {
    case kTrue:
    case kFalse:
      if (in_list) byte();
      return;
    case kI8: byte(); return;
    case kI16:
    case kI32:
    case kI64: varint(); return;
    case kDouble:
    case kUuid: {
      const std::uint64_t size = type == kDouble ? 8 : 16;
      if (size > left()) return fail(State::kTruncated);
      at_ += size;
      return;
    }
    case kBinary: binary(); return;
    case kList:
    case kSet: return skip_elements(list(), depth);
    case kMap: {
      const std::uint64_t size = varint();
      if (size == 0) return;
      const std::uint8_t types = byte();
      for (std::uint64_t i = 0; i < size && ok(); ++i) {
        skip(types >> 4, true, depth + 1);
        skip(types & 0x0F, true, depth + 1);
      }
      return;
    }
    case kStruct:
      for (Struct s(*this); s.next();) skip(s.type(), false, depth + 1);
      return;
    default: fail(State::kMalformed);
  }
}

}  // namespace stoker::format::parquet
