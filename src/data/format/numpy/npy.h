// NumPy's .npy: a header of text, then the elements. As numpy.lib.format describes it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "config/columns.h"

namespace stoker::format::numpy {

// An array as its header describes it.
struct NpyHeader {
  config::DType dtype = config::DType::kUint8;
  std::string descr;                 // as it stands there: "|u1"
  std::vector<std::uint64_t> shape;  // elements lie in C order: the last axis varies fastest
  std::uint64_t bytes = 0;           // of the header: where the elements begin

  [[nodiscard]] std::uint64_t elements() const;
  [[nodiscard]] std::uint64_t data_bytes() const { return elements() * config::element_bytes(dtype); }
};

// Whether arrays can have these elements.
[[nodiscard]] bool has_descr(config::DType);

// Byte for byte what numpy.save writes in front of such an array (version 1.0; numpy 1.25 and later).
[[nodiscard]] std::string npy_header(config::DType, std::span<const std::uint64_t> shape);

// How many bytes of the file its header takes, from its first kNpyPrefix bytes. Code::kCorrupt for what is no .npy,
// Code::kUnsupported for a header of more than 1 MiB.
inline constexpr std::size_t kNpyPrefix = 12;
[[nodiscard]] Result<std::uint64_t> npy_header_bytes(Bytes prefix);
// From the whole header. Code::kCorrupt; Code::kUnsupported for big endian, Fortran's order and types that have no
// DType.
[[nodiscard]] Result<NpyHeader> parse_npy_header(Bytes header);

}  // namespace stoker::format::numpy
