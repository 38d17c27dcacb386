// Writes records_0 ... and labels, from front to back. What stands in front of the values says how large the file is
// and where each chunk lies: of compressed chunks that is known when they were compressed. What fits kKeptBytes is kept
// from then; the others are compressed again when their turn comes.
#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "base/aligned_buffer.h"
#include "data/format/hdf5/file_layout.h"
#include "data/format/hdf5/hdf5_internal.h"
#include "data/format/hdf5/lzf.h"
#include "data/format/hdf5/sample_arrays.h"

namespace stoker::format::hdf5 {
namespace {

constexpr std::size_t kKeptBytes = std::size_t{64} << 20;

Status put_zeros(std::uint64_t bytes, ByteTarget& out) {
  static constexpr std::array<std::byte, ByteTarget::kMaxReserve> kZeros{};
  while (bytes > 0) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, kZeros.size()));
    STOKER_TRY(out.put(Bytes(kZeros).first(n)));
    bytes -= n;
  }
  return {};
}

struct CompressorFree {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};

// Makes chunks as they are stored.
class ChunkMaker {
 public:
  explicit ChunkMaker(const config::Dataset& d)
      : compression_(d.compression), level_(static_cast<int>(d.compression_level.value_or(kGzipLevel))) {}

  struct Made {
    Bytes bytes;  // valid until the next call
    std::uint32_t filter_mask = 0;
  };
  Result<Made> make(const SampleValues& values, const ChunkGrid& grid, std::uint64_t number) {
    const std::uint64_t width = values.element_bytes();
    const MutBytes plain = plain_.resize(static_cast<std::size_t>(grid.chunk_elements() * width));
    const std::uint64_t first = number / grid.chunks_per_row() * grid.chunk_rows();
    const std::uint64_t rows = std::min(grid.chunk_rows(), grid.rows() - first);
    // Chunks at the edges reach past the array: fill values, which are zeros.
    std::ranges::fill(plain, std::byte{0});
    grid.for_each_run(number, first, rows, [&](std::uint64_t in_array, std::uint64_t in_chunk, std::uint64_t elements) {
      values.fill(in_array * width, plain.subspan(static_cast<std::size_t>(in_chunk * width),
                                                  static_cast<std::size_t>(elements * width)));
    });
    switch (compression_) {
      case config::Compression::kGzip: return deflate(plain);
      case config::Compression::kLzf: {
        // As h5py: what does not get smaller is stored as it is.
        const MutBytes into = out_.resize(plain.size() - 1);
        const auto bytes = lzf_compress(plain, into);
        return bytes ? Made{into.first(*bytes)} : Made{plain, kNotCompressed};
      }
      default: return Made{plain};
    }
  }

 private:
  Result<Made> deflate(Bytes plain) {
    if (compressor_ == nullptr) compressor_.reset(libdeflate_alloc_compressor(level_));
    if (compressor_ == nullptr) return make_error(Code::kFailed, "no memory for deflate");
    const MutBytes into = out_.resize(libdeflate_zlib_compress_bound(compressor_.get(), plain.size()));
    const std::size_t bytes =
        libdeflate_zlib_compress(compressor_.get(), plain.data(), plain.size(), into.data(), into.size());
    if (bytes == 0) return make_error(Code::kFailed, "deflate of {} bytes failed", plain.size());
    return Made{into.first(bytes)};
  }

  const config::Compression compression_;
  const int level_;
  std::unique_ptr<libdeflate_compressor, CompressorFree> compressor_;
  AlignedBuffer plain_, out_;
};

// Of the first chunks, whose bytes are together.
class KeptChunks {
 public:
  void clear() {
    bytes_.clear();
    ends_.clear();
    is_full_ = false;
  }
  void offer(Bytes chunk) {
    is_full_ = is_full_ || chunk.size() > kKeptBytes - bytes_.size();
    if (is_full_) return;
    bytes_.insert(bytes_.end(), chunk.begin(), chunk.end());
    ends_.push_back(bytes_.size());
  }
  [[nodiscard]] bool has(std::size_t chunk) const { return chunk < ends_.size(); }
  [[nodiscard]] Bytes chunk(std::size_t number) const {
    const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
    return Bytes(bytes_).subspan(begin, ends_[number] - begin);
  }

 private:
  std::vector<std::byte> bytes_;
  std::vector<std::size_t> ends_;
  bool is_full_ = false;
};

Status check_stop(const std::stop_token& stop) {
  if (stop.stop_requested()) return make_error(Code::kInterrupted, "stopped while writing samples");
  return {};
}

std::uint64_t chunk_bytes_of(const ChunkGrid& grid, const config::Dataset& d) {
  return grid.chunk_elements() * config::element_bytes(d.record_element_type);
}

// All chunks of a file, each of the same size.
FileLayout chunked_layout(const config::Dataset& d, const dataset::FileSpec& spec, const ChunkGrid& grid,
                          std::uint64_t bytes) {
  const std::uint64_t chunks = grid.chunks() * static_cast<std::uint64_t>(d.hdf5.num_dset_per_record);
  return {d, spec, std::vector<WrittenChunk>(static_cast<std::size_t>(chunks), WrittenChunk{.bytes = bytes})};
}

class Hdf5Writer final : public FileWriter {
 public:
  explicit Hdf5Writer(const config::Dataset& dataset) : dataset_(dataset), maker_(dataset) {}

  Status write(const dataset::FileSpec& spec, io::Sink& file, const std::stop_token& stop) override {
    out_.begin(file);
    STOKER_TRY(is_contiguous(dataset_) ? put_contiguous(spec, stop) : put_chunked(spec, stop));
    return out_.finish();
  }

 private:
  Status put_contiguous(const dataset::FileSpec& spec, const std::stop_token& stop) {
    const FileLayout layout(dataset_, spec);
    STOKER_TRY(out_.put(layout.head()));
    for (std::size_t i = 0; i < layout.arrays().size(); ++i) {
      const SampleValues& values = layout.arrays()[i];
      STOKER_TRY(put_zeros(layout.address(i) - out_.position(), out_));
      STOKER_TRY(values.put(0, values.bytes(), out_, stop));
    }
    return put_labels(layout);
  }

  Status put_chunked(const dataset::FileSpec& spec, const std::stop_token& stop) {
    const std::vector<SampleValues> arrays = sample_arrays(dataset_, spec);
    const ChunkGrid grid = grid_of(dataset_, arrays.front());
    kept_.clear();
    if (dataset_.compression == config::Compression::kNone)
      return put_chunks(chunked_layout(dataset_, spec, grid, chunk_bytes_of(grid, dataset_)), stop);
    std::vector<WrittenChunk> written;
    for (const SampleValues& values : arrays) {
      for (std::uint64_t number = 0; number < grid.chunks(); ++number) {
        STOKER_TRY(check_stop(stop));
        STOKER_ASSIGN(const ChunkMaker::Made made, maker_.make(values, grid, number));
        written.push_back({made.bytes.size(), made.filter_mask});
        kept_.offer(made.bytes);
      }
    }
    return put_chunks(FileLayout(dataset_, spec, written), stop);
  }

  Status put_chunks(const FileLayout& layout, const std::stop_token& stop) {
    STOKER_TRY(out_.put(layout.head()));
    std::size_t chunk = 0;
    for (std::size_t i = 0; i < layout.arrays().size(); ++i) {
      STOKER_TRY(put_zeros(layout.address(i) - out_.position(), out_));
      for (std::uint64_t number = 0; number < layout.grid().chunks(); ++number, ++chunk) {
        STOKER_TRY(check_stop(stop));
        if (kept_.has(chunk)) {
          STOKER_TRY(out_.put(kept_.chunk(chunk)));
        } else {
          STOKER_ASSIGN(const ChunkMaker::Made made, maker_.make(layout.arrays()[i], layout.grid(), number));
          STOKER_TRY(out_.put(made.bytes));
        }
      }
    }
    return put_labels(layout);
  }

  Status put_labels(const FileLayout& layout) { return put_zeros(layout.file_bytes() - out_.position(), out_); }

  const config::Dataset dataset_;
  ChunkMaker maker_;
  KeptChunks kept_;
  OutputBuffer out_;
};

class Hdf5File final : public FileContents {
 public:
  Hdf5File(const config::Dataset& dataset, const dataset::FileSpec& spec) : layout_(dataset, spec) {}
  [[nodiscard]] std::uint64_t size() const override { return layout_.file_bytes(); }
  void read(std::uint64_t offset, MutBytes into) const override {
    // What is between the parts, and the labels.
    std::ranges::fill(into, std::byte{0});
    const std::uint64_t end = offset + into.size();
    // The part of `into` that lies in [begin, begin + bytes).
    const auto part = [&](std::uint64_t begin, std::uint64_t bytes) {
      const std::uint64_t first = std::max(offset, begin), last = std::min(end, begin + bytes);
      return first < last
                 ? into.subspan(static_cast<std::size_t>(first - offset), static_cast<std::size_t>(last - first))
                 : MutBytes{};
    };
    if (const MutBytes head = part(0, layout_.head().size()); !head.empty())
      std::ranges::copy(Bytes(layout_.head()).subspan(static_cast<std::size_t>(offset), head.size()), head.begin());
    for (std::size_t i = 0; i < layout_.arrays().size(); ++i) {
      const SampleValues& values = layout_.arrays()[i];
      const MutBytes own = part(layout_.address(i), values.bytes());
      if (!own.empty()) values.fill(std::max(offset, layout_.address(i)) - layout_.address(i), own);
    }
  }

 private:
  const FileLayout layout_;
};

class Hdf5Contents final : public Contents {
 public:
  explicit Hdf5Contents(const config::Dataset& dataset) : dataset_(dataset) {}
  Result<std::unique_ptr<FileContents>> file(const dataset::FileSpec& spec) override {
    return std::unique_ptr<FileContents>(std::make_unique<Hdf5File>(dataset_, spec));
  }

 private:
  const config::Dataset dataset_;
};

// What a chunk comes to at least and at most. Deflate says at most 258 bytes in 2 bits, LZF 264 in 3 bytes.
SizeRange stored_bytes(const config::Dataset& d, std::uint64_t plain) {
  constexpr std::uint64_t kBestDeflate = 1032, kBestLzf = 264 / 3;
  switch (d.compression) {
    case config::Compression::kGzip:
      return {plain / kBestDeflate + 1, libdeflate_zlib_compress_bound(nullptr, static_cast<std::size_t>(plain))};
    case config::Compression::kLzf: return {plain / kBestLzf, plain};
    default: return {plain, plain};
  }
}

}  // namespace

Result<std::unique_ptr<FileWriter>> make_writer(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return std::unique_ptr<FileWriter>(std::make_unique<Hdf5Writer>(workload.dataset));
}

std::optional<std::string> codec_library(const config::Workload& workload) {
  switch (workload.dataset.compression) {
    case config::Compression::kGzip: return "libdeflate " LIBDEFLATE_VERSION_STRING;
    case config::Compression::kLzf: return "stoker LZF 1";
    default: return std::nullopt;
  }
}

Result<SizeRange> file_bytes(const config::Workload& workload, const dataset::FileSpec& spec) {
  STOKER_TRY(validate(workload));
  const config::Dataset& d = workload.dataset;
  if (is_contiguous(d)) {
    const std::uint64_t bytes = FileLayout(d, spec).file_bytes();
    return SizeRange{bytes, bytes};
  }
  const ChunkGrid grid = grid_of(d, sample_arrays(d, spec).front());
  const SizeRange chunk = stored_bytes(d, chunk_bytes_of(grid, d));
  return SizeRange{chunked_layout(d, spec, grid, chunk.least).file_bytes(),
                   chunked_layout(d, spec, grid, chunk.most).file_bytes()};
}

Result<std::unique_ptr<Contents>> make_contents(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  if (!is_contiguous(workload.dataset)) {
    return Error{.code = Code::kConfig,
                 .message =
                     "dataset.compression, dataset.hdf5.chunk_dims, dataset.hdf5.max_shape: the bytes of hdf5 "
                     "files of chunks cannot be computed, expected arrays in one piece",
                 .hint = "leave all three at their defaults"};
  }
  return std::unique_ptr<Contents>(std::make_unique<Hdf5Contents>(workload.dataset));
}

}  // namespace stoker::format::hdf5
