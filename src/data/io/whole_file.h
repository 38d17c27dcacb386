// Small files as a whole: manifests and the like.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "data/io/storage.h"

namespace stoker::io {

// Code::kNotFound when absent; Code::kCorrupt above `bytes_max`.
[[nodiscard]] Result<std::string> read_whole(Storage&, const Path&, std::uint64_t bytes_max = std::uint64_t{64} << 20);

// Under which a file is written until it is whole: "<path>.tmp".
[[nodiscard]] Path temporary_name(const Path&);

// Whether the new file must survive a crash of the machine once it has its name.
enum class Durable : bool { kNo, kYes };

// Lets `write` fill a file of that temporary name and renames it: whatever happens, the path holds what it held before
// or all that was written. A temporary file that was made is removed when something fails; the error is the first one.
// By one writer at a time.
[[nodiscard]] Status replace_file(Storage&, const Path&, Durable, const WriteOptions&,
                                  const std::function<Status(WritableFile&)>& write);
[[nodiscard]] Status replace_whole(Storage&, const Path&, std::string_view text);  // durable

}  // namespace stoker::io
