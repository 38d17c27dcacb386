// Types of elements as HDF5's datatype messages describe them.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "config/columns.h"
#include "data/format/hdf5/wire.h"

namespace stoker::format::hdf5 {

// As h5py has them: booleans are an enumeration of int8, complex numbers a compound of r and i.
void append_datatype(BlockWriter& out, config::DType dtype);

// Of a datatype message. Code::kUnsupported for big endian and for types that have no DType, by their names;
// Code::kCorrupt.
[[nodiscard]] Result<config::DType> parse_datatype(Bytes message);

}  // namespace stoker::format::hdf5
