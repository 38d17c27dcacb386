// Deflate undone, of content whose sizes are known before.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/status.h"

struct libdeflate_decompressor;

namespace stoker::format {

// Keeps its memory. For one thread.
class Inflater {
 public:
  enum class Frame { kNone, kZlib };

  // All of `stored` as all of `into`; Code::kCorrupt where they are not that.
  [[nodiscard]] Status inflate(Bytes stored, Frame frame, MutBytes into);

 private:
  struct Free {
    void operator()(libdeflate_decompressor* decompressor) const;
  };
  std::unique_ptr<libdeflate_decompressor, Free> decompressor_;
};

}  // namespace stoker::format
