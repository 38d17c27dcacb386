// What an object of a file (a group, an array) says of itself: the messages of its header.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/hdf5/meta_file.h"

namespace stoker::format::hdf5 {

struct Message {
  std::uint16_t type = 0;  // MessageType, or one that nobody here knows
  bool is_shared = false;  // it only says where it is
  Bytes content;           // as long as the MetaFile
  std::uint64_t address = 0;
};

// Versions 1 and 2, with what continues them. Errors without the file's path.
[[nodiscard]] Result<std::vector<Message>> read_object_header(MetaFile& file, std::uint64_t address);

// The first of that type, or null.
[[nodiscard]] const Message* find_message(const std::vector<Message>& messages, std::uint16_t type);

}  // namespace stoker::format::hdf5
