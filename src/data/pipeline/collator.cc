#include "data/pipeline/collator.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/hash.h"

namespace stoker::pipeline {
namespace {

// Copies rows of one column, which lies in segments that rows may straddle, to a tensor. Rows come in order or
// permuted.
class ColumnCopier {
 public:
  ColumnCopier(const format::ColumnView& column, std::uint64_t row_bytes) : column_(column), row_bytes_(row_bytes) {}

  // Bytes of row r, r ascending or not; copies to `out`.
  void copy_row(std::uint64_t row, std::byte* out) { copy(column_.one_value ? 0 : row * row_bytes_, row_bytes_, out); }
  void copy_rows(std::uint64_t row, std::uint64_t rows, std::byte* out) {
    if (!column_.one_value) return copy(row * row_bytes_, rows * row_bytes_, out);
    for (std::uint64_t i = 0; i < rows; ++i) copy_row(row, out + i * row_bytes_);
  }

 private:
  void copy(std::uint64_t from, std::uint64_t count, std::byte* out) {
    if (from < segment_begin_) {
      segment_ = 0;
      segment_begin_ = 0;
    }
    while (count > 0) {
      const Bytes values = column_.segments[segment_].values;
      if (from >= segment_begin_ + values.size()) {
        segment_begin_ += values.size();
        ++segment_;
        continue;
      }
      const std::uint64_t at = from - segment_begin_;
      const std::uint64_t n = std::min<std::uint64_t>(count, values.size() - at);
      std::memcpy(out, values.data() + at, n);
      out += n;
      from += n;
      count -= n;
    }
  }

  const format::ColumnView& column_;
  const std::uint64_t row_bytes_;
  std::size_t segment_ = 0;
  std::uint64_t segment_begin_ = 0;
};

std::uint64_t fixed_row_bytes(const format::ColumnView& column) {
  if (column.width == 0 || !column.definition_levels.empty() || !column.repetition_levels.empty()) return 0;
  return column.width * std::max<std::uint64_t>(column.list_size, 1);
}

}  // namespace

Collator::Collator(std::uint64_t batch_size, std::uint64_t depth) : batch_size_(batch_size), ring_(depth + 1) {}

Status Collator::prepare(const format::Chunk& chunk) {
  if (chunk.columns.empty()) {
    return Error{Code::kUnsupported, "reader.collate: the decode depth makes no arrays to copy",
                 "use dataset.parquet.decode: arrays, or reader.collate: false"};
  }
  for (const auto& column : chunk.columns) {
    if (fixed_row_bytes(column) == 0) {
      Error error =
          make_error(Code::kUnsupported, "reader.collate: column '{}' has rows of different sizes", column.name);
      error.hint = "leave it out with `read: false`, or use reader.collate: false";
      return error;
    }
  }
  for (BatchTensors& tensors : ring_) {
    for (const auto& column : chunk.columns) {
      const std::uint64_t bytes = fixed_row_bytes(column);
      tensors.columns.push_back({std::string(column.name), bytes, AlignedBuffer(bytes * batch_size_)});
    }
  }
  prepared_ = true;
  return {};
}

Result<std::uint64_t> Collator::place(const format::Chunk& chunk, const dataset::Piece& piece, std::uint64_t row_seed,
                                      std::uint64_t done) {
  std::uint64_t batches_with_slot = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!prepared_) STOKER_TRY(prepare(chunk));
    batches_with_slot = released_ + ring_.size();
  }
  if (chunk.columns.size() != ring_.front().columns.size()) {
    return Error{Code::kCorrupt, "reader.collate: files of the data set have different columns", ""};
  }
  for (std::size_t c = 0; c < chunk.columns.size(); ++c) {
    if (fixed_row_bytes(chunk.columns[c]) != ring_.front().columns[c].row_bytes) {
      return make_error(Code::kUnsupported, "reader.collate: column '{}' has rows of {} bytes here and {} elsewhere",
                        chunk.columns[c].name, fixed_row_bytes(chunk.columns[c]), ring_.front().columns[c].row_bytes);
    }
  }
  std::optional<Permutation> order;
  if (row_seed != 0) order.emplace(piece.rows, row_seed);

  while (done < piece.rows) {
    const std::uint64_t position = piece.position + done;
    const std::uint64_t batch = position / batch_size_;
    if (batch >= batches_with_slot) break;
    const std::uint64_t in_batch = position % batch_size_;
    const std::uint64_t rows = std::min(piece.rows - done, batch_size_ - in_batch);
    BatchTensors& tensors = ring_[batch % ring_.size()];
    for (std::size_t c = 0; c < chunk.columns.size(); ++c) {
      const std::uint64_t row_bytes = tensors.columns[c].row_bytes;
      std::byte* out = tensors.columns[c].data.data() + in_batch * row_bytes;
      ColumnCopier copier(chunk.columns[c], row_bytes);
      if (order) {
        for (std::uint64_t i = 0; i < rows; ++i) copier.copy_row((*order)(done + i), out + i * row_bytes);
      } else {
        copier.copy_rows(done, rows, out);
      }
    }
    done += rows;
  }
  return done;
}

bool Collator::wait_for_room(std::uint64_t position) {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] { return closed_ || position / batch_size_ < released_ + ring_.size(); });
  return !closed_;
}

const BatchTensors& Collator::batch(std::uint64_t index) const {
  return ring_[index % ring_.size()];
}

void Collator::release_below(std::uint64_t index) {
  {
    const std::lock_guard lock(mutex_);
    released_ = index;
  }
  freed_.notify_all();
}

void Collator::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  freed_.notify_all();
}

}  // namespace stoker::pipeline
