// x.npy with the samples and y.npy with the labels, as numpy.savez orders and names them. What stands in front of a
// member tells its checksum and, where it is deflated, its size: the samples are made twice, once for the checksum, or
// deflated in memory first.
#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "base/aligned_buffer.h"
#include "base/checksum.h"
#include "data/format/numpy/npy.h"
#include "data/format/numpy/numpy_internal.h"
#include "data/format/numpy/sample_array.h"
#include "data/format/zip.h"

namespace stoker::format::numpy {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10;  // stays in the second level cache
constexpr int kLevel = 6;                               // zlib's, and so Python's, own choice

// CRC-32 of the array with its header.
Result<std::uint32_t> crc_of(const SampleArray& array, const std::stop_token& stop) {
  std::uint32_t crc = crc32(std::as_bytes(std::span(array.header())));
  std::vector<std::byte> block(kBlock);
  for (std::uint64_t at = 0; at < array.values().bytes();) {
    if (stop.stop_requested()) return make_error(Code::kInterrupted, "stopped while writing samples");
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(array.values().bytes() - at, block.size()));
    const MutBytes part = MutBytes(block).first(n);
    array.values().fill(at, part);
    crc = crc32(part, crc);
    at += n;
  }
  return crc;
}

struct CompressorFree {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};

// Of all bytes of a member at once.
class Deflater {
 public:
  // Valid until the next call.
  Result<Bytes> compress(Bytes plain) {
    if (compressor_ == nullptr) compressor_.reset(libdeflate_alloc_compressor(kLevel));
    if (compressor_ == nullptr) return make_error(Code::kFailed, "no memory for deflate");
    out_.resize(libdeflate_deflate_compress_bound(compressor_.get(), plain.size()));
    const std::size_t bytes =
        libdeflate_deflate_compress(compressor_.get(), plain.data(), plain.size(), out_.data(), out_.size());
    if (bytes == 0) return make_error(Code::kFailed, "deflate of {} bytes failed", plain.size());
    return Bytes(out_.bytes()).first(bytes);
  }

 private:
  std::unique_ptr<libdeflate_compressor, CompressorFree> compressor_;
  AlignedBuffer out_;
};

class NpzWriter final : public FileWriter {
 public:
  explicit NpzWriter(const config::Dataset& dataset) : dataset_(dataset) {}

  Status write(const dataset::FileSpec& spec, io::Sink& file, const std::stop_token& stop) override {
    const SampleArray array(dataset_, spec);
    out_.begin(file);
    members_.clear();
    STOKER_TRY(dataset_.compression == config::Compression::kZip ? put_deflated(array, stop) : put_stored(array, stop));
    bytes_.clear();
    append_directory(bytes_, members_, out_.position());
    STOKER_TRY(out_.put(bytes_));
    return out_.finish();
  }

 private:
  Status put_stored(const SampleArray& array, const std::stop_token& stop) {
    STOKER_ASSIGN(const std::uint32_t crc, crc_of(array, stop));
    const std::uint64_t bytes = array.header().size() + array.values().bytes();
    STOKER_TRY(begin_member({.name = "x.npy", .crc = crc, .stored_bytes = bytes, .plain_bytes = bytes}));
    STOKER_TRY(array.put(out_, stop));
    const std::vector<std::byte> y = labels(array.values().samples());
    STOKER_TRY(begin_member({.name = "y.npy", .crc = crc32(y), .stored_bytes = y.size(), .plain_bytes = y.size()}));
    return out_.put(y);
  }

  Status put_deflated(const SampleArray& array, const std::stop_token& stop) {
    const Bytes header = std::as_bytes(std::span(array.header()));
    const MutBytes x = plain_.resize(header.size() + static_cast<std::size_t>(array.values().bytes()));
    std::ranges::copy(header, x.begin());
    array.values().fill(0, x.subspan(header.size()));
    STOKER_TRY(put_deflated("x.npy", x, stop));
    return put_deflated("y.npy", labels(array.values().samples()), stop);
  }
  Status put_deflated(std::string name, Bytes plain, const std::stop_token& stop) {
    if (stop.stop_requested()) return make_error(Code::kInterrupted, "stopped while writing samples");
    STOKER_ASSIGN(const Bytes stored, deflater_.compress(plain));
    STOKER_TRY(begin_member({.name = std::move(name),
                             .method = kDeflated,
                             .crc = crc32(plain),
                             .stored_bytes = stored.size(),
                             .plain_bytes = plain.size()}));
    return out_.put(stored);
  }

  Status begin_member(ZipMember member) {
    member.offset = out_.position();
    bytes_.clear();
    append_local_header(bytes_, member);
    members_.push_back(std::move(member));
    return out_.put(bytes_);
  }

  const config::Dataset dataset_;
  OutputBuffer out_;
  std::vector<ZipMember> members_;
  std::vector<std::byte> bytes_;  // of headers and the directory
  AlignedBuffer plain_;
  Deflater deflater_;
};

// Of an archive of these two members.
std::uint64_t archive_bytes(std::uint64_t x_plain, std::uint64_t x_stored, std::uint64_t y_plain,
                            std::uint64_t y_stored) {
  std::vector<std::byte> bytes;
  std::array members{
      ZipMember{.name = "x.npy", .stored_bytes = x_stored, .plain_bytes = x_plain},
      ZipMember{.name = "y.npy", .stored_bytes = y_stored, .plain_bytes = y_plain},
  };
  std::uint64_t at = 0;
  for (ZipMember& member : members) {
    bytes.clear();
    append_local_header(bytes, member);
    member.offset = at;
    at += bytes.size() + member.stored_bytes;
  }
  bytes.clear();
  append_directory(bytes, members, at);
  return at + bytes.size();
}

// Deflate says at most 258 bytes in 2 bits; what does not get smaller is stored, with a little in front of each block.
constexpr std::uint64_t kBestRatio = 1032;
std::uint64_t least_deflated(std::uint64_t bytes) {
  return bytes / kBestRatio + 1;
}
std::uint64_t most_deflated(std::uint64_t bytes) {
  return libdeflate_deflate_compress_bound(nullptr, static_cast<std::size_t>(bytes));
}

}  // namespace

Result<std::unique_ptr<FileWriter>> make_npz_writer(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return std::unique_ptr<FileWriter>(std::make_unique<NpzWriter>(workload.dataset));
}

std::optional<std::string> npz_codec_library(const config::Workload& workload) {
  if (workload.dataset.compression != config::Compression::kZip) return std::nullopt;
  return "libdeflate " LIBDEFLATE_VERSION_STRING;
}

Result<SizeRange> npz_file_bytes(const config::Workload& workload, const dataset::FileSpec& spec) {
  STOKER_TRY(validate(workload));
  const SampleArray array(workload.dataset, spec);
  const std::uint64_t x = array.header().size() + array.values().bytes();
  const std::array shape{spec.rows};
  const std::uint64_t y = npy_header(config::DType::kInt64, shape).size() + spec.rows * sizeof(std::int64_t);
  if (workload.dataset.compression != config::Compression::kZip) {
    const std::uint64_t bytes = archive_bytes(x, x, y, y);
    return SizeRange{bytes, bytes};
  }
  return SizeRange{archive_bytes(x, least_deflated(x), y, least_deflated(y)),
                   archive_bytes(x, most_deflated(x), y, most_deflated(y))};
}

}  // namespace stoker::format::numpy
