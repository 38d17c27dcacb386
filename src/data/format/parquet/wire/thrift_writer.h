// Thrift's compact protocol, the writing half, as far as Parquet's metadata needs it. Appends to a byte vector that the
// caller owns and may reuse.
//
//   ThriftWriter w(bytes);
//   w.begin_struct();  w.i32(1, 7);  w.binary(2, "x");  w.end_struct();
//
// Fields of one struct must be written in ascending order of their ids (all of Parquet's ids are close enough for the
// one-byte field header). A struct inside a struct: field_struct(id) ... end_struct(). An element of a list that is a
// struct: begin_struct() ... end_struct().
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"

namespace stoker::format::parquet {

class ThriftWriter {
 public:
  enum class Type : std::uint8_t {
    kTrue = 1,
    kFalse = 2,
    kByte = 3,
    kI16 = 4,
    kI32 = 5,
    kI64 = 6,
    kBinary = 8,
    kList = 9,
    kStruct = 12
  };

  // `out` must outlive the writer.
  explicit ThriftWriter(std::vector<std::byte>& out) : out_(out) {}

  void begin_struct() {
    STOKER_CHECK(depth_ < ids_.size());
    ids_[depth_++] = 0;
  }
  void end_struct() {
    STOKER_CHECK(depth_ > 0);
    byte(0);
    --depth_;
  }
  void field_struct(std::int16_t id) {
    field(id, Type::kStruct);
    begin_struct();
  }
  // A struct without fields: the marker types of Parquet's unions.
  void empty_struct(std::int16_t id) {
    field_struct(id);
    end_struct();
  }

  void boolean(std::int16_t id, bool value) { field(id, value ? Type::kTrue : Type::kFalse); }
  void i8(std::int16_t id, std::int8_t value) {
    field(id, Type::kByte);
    byte(static_cast<std::uint8_t>(value));
  }
  void i32(std::int16_t id, std::int32_t value) {
    field(id, Type::kI32);
    zigzag(value);
  }
  // The same in 5 bytes whatever the value: sizes can be told before values are known. A varint may end in zeros.
  static constexpr std::size_t kPaddedBytes = 6;  // with the field's head
  void i32_padded(std::int16_t id, std::int32_t value) {
    field(id, Type::kI32);
    const auto bits = (static_cast<std::uint32_t>(value) << 1) ^ static_cast<std::uint32_t>(value >> 31);
    for (unsigned shift = 0; shift < 28; shift += 7) byte(static_cast<std::uint8_t>(bits >> shift | 0x80));
    byte(static_cast<std::uint8_t>(bits >> 28));
  }
  void i64(std::int16_t id, std::int64_t value) {
    field(id, Type::kI64);
    zigzag(value);
  }
  void binary(std::int16_t id, std::string_view value) {
    field(id, Type::kBinary);
    element(value);
  }

  // The head of a list of `size` elements, which follow.
  void list(std::int16_t id, Type of, std::size_t size) {
    field(id, Type::kList);
    const auto type = static_cast<std::uint8_t>(of);
    if (size < 15) {
      byte(static_cast<std::uint8_t>(size << 4 | type));
    } else {
      byte(0xF0U | type);
      varint(size);
    }
  }
  // List elements.
  void element(std::int32_t value) { zigzag(value); }
  void element(std::string_view value) {
    varint(value.size());
    const Bytes bytes = std::as_bytes(std::span(value));
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }

 private:
  void field(std::int16_t id, Type type) {
    STOKER_CHECK(depth_ > 0);
    std::int16_t& last = ids_[depth_ - 1];
    const int delta = id - last;
    STOKER_CHECK(delta > 0 && delta < 16, "fields of a struct are written in ascending order");
    byte(static_cast<std::uint8_t>(static_cast<unsigned>(delta) << 4 | static_cast<unsigned>(type)));
    last = id;
  }
  void byte(std::uint8_t value) { out_.push_back(static_cast<std::byte>(value)); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
  }
  void zigzag(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }

  std::vector<std::byte>& out_;
  std::array<std::int16_t, 8> ids_{};  // last field id of each open struct
  std::size_t depth_ = 0;
};

}  // namespace stoker::format::parquet
