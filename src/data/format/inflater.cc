#include "data/format/inflater.h"

#include <libdeflate.h>

#include <cstddef>

namespace stoker::format {

void Inflater::Free::operator()(libdeflate_decompressor* decompressor) const {
  libdeflate_free_decompressor(decompressor);
}

Status Inflater::inflate(Bytes stored, Frame frame, MutBytes into) {
  if (decompressor_ == nullptr) decompressor_.reset(libdeflate_alloc_decompressor());
  if (decompressor_ == nullptr) return make_error(Code::kFailed, "no memory for inflate");
  const auto function = frame == Frame::kZlib ? libdeflate_zlib_decompress_ex : libdeflate_deflate_decompress_ex;
  std::size_t used = 0;
  const auto result =
      function(decompressor_.get(), stored.data(), stored.size(), into.data(), into.size(), &used, nullptr);
  if (result == LIBDEFLATE_SUCCESS && used == stored.size()) return {};
  return make_error(Code::kCorrupt, "its {} bytes are not {} bytes deflated", stored.size(), into.size());
}

}  // namespace stoker::format
