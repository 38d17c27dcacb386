// Appending to a column's segments.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "data/format/format.h"

namespace stoker::format::parquet {

// Elements that lie right behind the last ones join their segment.
inline void append_segment(std::vector<Segment>& segments, Bytes values, std::uint64_t elements) {
  if (!segments.empty()) {
    Segment& last = segments.back();
    if (last.values.data() + last.values.size() == values.data()) {
      last.values = Bytes(last.values.data(), last.values.size() + values.size());
      last.elements += elements;
      return;
    }
  }
  segments.push_back({.values = values, .elements = elements});
}

}  // namespace stoker::format::parquet
