#include "data/format/parquet/wire/compressor.h"

#include "base/check.h"

namespace stoker::format::parquet {

Result<Compressor> Compressor::make(config::Compression name, std::optional<std::int64_t> level) {
  const CodecRow* found = nullptr;
  std::string accepted;
  for (const CodecRow& row : codec_table()) {
    if (!row.name) continue;
    if (*row.name == name) found = &row;
    accepted += fmt::format("{}{}", accepted.empty() ? "" : ", ", config::to_string(*row.name));
  }
  if (found == nullptr) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format("dataset.compression: '{}' does not go with dataset.format 'parquet'",
                                        config::to_string(name)),
                 .hint = "use one of " + accepted};
  }
  if (!found->levels) return Compressor(*found, 0);
  const CodecLevels& levels = *found->levels;
  const std::int64_t asked = level.value_or(levels.standard);
  if (asked < levels.least || asked > levels.most) {
    return make_error(Code::kConfig, "dataset.compression_level: {} is out of the range of '{}', {} to {}", asked,
                      config::to_string(name), levels.least, levels.most);
  }
  return Compressor(*found, static_cast<int>(asked));
}

std::uint64_t Compressor::most_bytes(std::uint64_t size) const {
  return active() ? row_->most_bytes(size) : size;
}

std::uint64_t Compressor::least_bytes(std::uint64_t size) const {
  return (size + row_->densest - 1) / row_->densest;
}

std::optional<std::string> Compressor::library() const {
  return active() ? std::optional(row_->library()) : std::nullopt;
}

Result<Bytes> Compressor::compress(Bytes page) {
  STOKER_CHECK(active());
  const MutBytes out = out_.resize(static_cast<std::size_t>(most_bytes(page.size())));
  const CodecResult result = row_->compress(contexts_, level_, page, out);
  if (!result.fault.empty()) {
    return make_error(Code::kInternal, "parquet: {}: cannot compress a page of {} bytes: {}", to_string(row_->codec),
                      page.size(), result.fault);
  }
  return Bytes(out).first(static_cast<std::size_t>(result.bytes));
}

}  // namespace stoker::format::parquet
