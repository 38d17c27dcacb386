#include "data/format/hdf5/element_type.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/check.h"

namespace stoker::format::hdf5 {
namespace {

using config::DType;

enum Class : std::uint8_t { kFixed = 0, kFloat = 1, kBitfield = 4, kCompound = 6, kEnum = 8 };

// By the number of a class.
constexpr std::array<std::string_view, 12> kClasses{"integers",   "floats",   "times",     "strings",
                                                    "bit fields", "opaque",   "compounds", "references",
                                                    "enums",      "variable", "arrays",    "complex numbers"};

struct Row {
  DType dtype;
  Class type;
  std::uint32_t size;
  bool is_signed = false;
};
constexpr std::array kRows{
    Row{DType::kUint8, kFixed, 1},         Row{DType::kInt8, kFixed, 1, true},    Row{DType::kUint16, kFixed, 2},
    Row{DType::kInt16, kFixed, 2, true},   Row{DType::kUint32, kFixed, 4},        Row{DType::kInt32, kFixed, 4, true},
    Row{DType::kUint64, kFixed, 8},        Row{DType::kInt64, kFixed, 8, true},   Row{DType::kFloat16, kFloat, 2, true},
    Row{DType::kFloat32, kFloat, 4, true}, Row{DType::kFloat64, kFloat, 8, true},
};

// IEEE 754, by the bytes of an element.
struct FloatShape {
  std::uint32_t size;
  std::uint8_t exponent_at, exponent_bits, mantissa_bits;
  std::uint32_t bias;
};
constexpr std::array kFloatShapes{FloatShape{2, 10, 5, 10, 15}, FloatShape{4, 23, 8, 23, 127},
                                  FloatShape{8, 52, 11, 52, 1023}};

void begin(BlockWriter& out, std::uint32_t version, Class type, std::uint32_t bits, std::uint64_t size) {
  out.u8(version << 4U | type);
  out.number(bits, 3);
  out.u32(size);
}

// A type as it is parsed: nested ones end where the next thing begins.
struct Parsed {
  DType dtype = DType::kUint8;
  std::uint32_t size = 0;
};

Error unsupported(std::string_view what) {
  return make_error(Code::kUnsupported, "elements are {}, expected numbers or booleans in little endian", what);
}
Error corrupt() {
  return make_error(Code::kCorrupt, "its datatype ends early, or contradicts itself");
}

Result<Parsed> find(Class type, std::uint32_t size, bool is_signed) {
  for (const Row& row : kRows)
    if (row.type == type && row.size == size && row.is_signed == is_signed) return Parsed{row.dtype, size};
  return unsupported(fmt::format("{} of {} bytes", kClasses[type], size));
}

Result<Parsed> parse(BlockReader& in, bool is_member);

Result<Parsed> parse_fixed(BlockReader& in, std::uint32_t bits, std::uint32_t size) {
  const std::uint32_t offset = in.u16(), precision = in.u16();
  if (!in.ok()) return corrupt();
  if (offset != 0 || precision != size * 8) return unsupported("integers of fewer bits than bytes have");
  auto found = find(kFixed, size, (bits & 8U) != 0);
  if (found && size > 1 && (bits & 1U) != 0) return unsupported("integers in big endian");
  return found;
}

Result<Parsed> parse_float(BlockReader& in, std::uint32_t bits, std::uint32_t size) {
  const std::uint32_t offset = in.u16(), precision = in.u16();
  const std::uint8_t exponent_at = in.u8(), exponent_bits = in.u8(), mantissa_at = in.u8(), mantissa_bits = in.u8();
  const std::uint32_t bias = in.u32();
  if (!in.ok()) return corrupt();
  const auto* const shape = std::ranges::find(kFloatShapes, size, &FloatShape::size);
  if (shape == kFloatShapes.end() || offset != 0 || precision != size * 8 || mantissa_at != 0 ||
      exponent_at != shape->exponent_at || exponent_bits != shape->exponent_bits ||
      mantissa_bits != shape->mantissa_bits || bias != shape->bias || (bits >> 8U & 0xFFU) != size * 8 - 1) {
    return unsupported(fmt::format("floats of {} bytes that are not those of IEEE 754", size));
  }
  if ((bits & 0x41U) != 0) return unsupported("floats in big endian");
  return find(kFloat, size, true);
}

// Booleans: FALSE 0, TRUE 1, of one byte.
Result<Parsed> parse_enum(BlockReader& in, std::uint32_t version, std::uint32_t bits) {
  STOKER_ASSIGN(const Parsed base, parse(in, true));
  const std::uint32_t members = bits & 0xFFFFU;
  if (members != 2 || base.size != 1) return unsupported("an enumeration that is not that of booleans");
  std::array<std::string_view, 2> names;
  for (std::string_view& name : names) {
    const std::string_view rest(reinterpret_cast<const char*>(in.rest().data()), in.rest().size());
    const std::size_t end = rest.find('\0');
    if (end == std::string_view::npos) return corrupt();
    // Older ones are padded to whole 8 bytes.
    name = in.text(version < 3 ? (end / 8 + 1) * 8 : end + 1).substr(0, end);
  }
  const std::uint8_t first = in.u8(), second = in.u8();
  if (!in.ok()) return corrupt();
  const bool booleans = (names[0] == "FALSE" && names[1] == "TRUE" && first == 0 && second == 1) ||
                        (names[1] == "FALSE" && names[0] == "TRUE" && second == 0 && first == 1);
  if (!booleans) return unsupported("an enumeration that is not that of booleans");
  return Parsed{DType::kBool, 1};
}

// Complex numbers: r and i, floats without a gap.
Result<Parsed> parse_compound(BlockReader& in, std::uint32_t version, std::uint32_t bits, std::uint32_t size) {
  if ((bits & 0xFFFFU) != 2 || (size != 8 && size != 16)) return unsupported("compounds");
  const DType part = size == 8 ? DType::kFloat32 : DType::kFloat64;
  for (const std::string_view name : {"r", "i"}) {
    const std::string_view there = in.text(version < 3 ? 8 : 2);
    if (!in.ok() || there.substr(0, there.find('\0')) != name) return unsupported("compounds");
    const std::uint64_t offset = in.number(version < 3 ? 4 : bytes_for(size));
    if (version == 1) in.take(28);  // axes of the member
    STOKER_ASSIGN(const Parsed member, parse(in, true));
    if (member.dtype != part || offset != (name == "r" ? 0 : size / 2)) return unsupported("compounds");
  }
  return Parsed{size == 8 ? DType::kComplex64 : DType::kComplex128, size};
}

Result<Parsed> parse(BlockReader& in, bool is_member) {
  const std::uint8_t head = in.u8();
  const std::uint32_t version = head >> 4U, type = head & 15U;
  const auto bits = static_cast<std::uint32_t>(in.number(3));
  const std::uint32_t size = in.u32();
  if (!in.ok() || size == 0) return corrupt();
  if (version < 1 || version > 5 || type >= kClasses.size())
    return make_error(Code::kCorrupt, "a datatype of version {} and class {}", version, type);
  switch (type) {
    case kFixed: return parse_fixed(in, bits, size);
    case kFloat: return parse_float(in, bits, size);
    case kBitfield: {
      // Bits that nobody calls numbers, as they lie there.
      const std::uint32_t offset = in.u16(), precision = in.u16();
      if (!in.ok()) return corrupt();
      if (offset != 0 || precision != size * 8) return unsupported("bit fields of fewer bits than bytes have");
      if (size > 1 && (bits & 1U) != 0) return unsupported("bit fields in big endian");
      return find(kFixed, size, false);
    }
    case kEnum:
      if (!is_member) return parse_enum(in, version, bits);
      break;
    case kCompound:
      if (!is_member) return parse_compound(in, version, bits, size);
      break;
    default: break;
  }
  return unsupported(kClasses[type]);
}

}  // namespace

void append_datatype(BlockWriter& out, DType dtype) {
  if (dtype == DType::kBool) {
    begin(out, 3, kEnum, 2, 1);
    append_datatype(out, DType::kInt8);
    out.text(std::string_view("FALSE\0TRUE\0", 11));
    out.u8(0);
    out.u8(1);
    return;
  }
  if (dtype == DType::kComplex64 || dtype == DType::kComplex128) {
    const std::uint64_t size = config::element_bytes(dtype);
    begin(out, 3, kCompound, 2, size);
    for (const bool imaginary : {false, true}) {
      out.text(std::string_view(imaginary ? "i\0" : "r\0", 2));
      out.u8(imaginary ? size / 2 : 0);
      append_datatype(out, dtype == DType::kComplex64 ? DType::kFloat32 : DType::kFloat64);
    }
    return;
  }
  const auto* const row = std::ranges::find(kRows, dtype, &Row::dtype);
  STOKER_CHECK(row != kRows.end(), "an array of elements that HDF5 has not");
  if (row->type == kFixed) {
    begin(out, 1, kFixed, row->is_signed ? 8 : 0, row->size);
    out.u16(0);
    out.u16(row->size * 8);
    return;
  }
  const auto* const shape = std::ranges::find(kFloatShapes, row->size, &FloatShape::size);
  // The highest bit of the mantissa is not stored; the sign is the last bit.
  begin(out, 1, kFloat, 0x20U | (row->size * 8 - 1) << 8U, row->size);
  out.u16(0);
  out.u16(row->size * 8);
  out.u8(shape->exponent_at);
  out.u8(shape->exponent_bits);
  out.u8(0);
  out.u8(shape->mantissa_bits);
  out.u32(shape->bias);
}

Result<DType> parse_datatype(Bytes message) {
  BlockReader in(message);
  STOKER_ASSIGN(const Parsed parsed, parse(in, false));
  return parsed.dtype;
}

}  // namespace stoker::format::hdf5
