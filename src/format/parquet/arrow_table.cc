#include "format/parquet/arrow_table.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/table.h>
#include <arrow/util/config.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <vector>

#include "format/parquet/arrow_columns.h"
#include "format/parquet/segments.h"

namespace stoker::format::parquet {
namespace {

// A file of which only the fetched ranges are there. Reads of anything else fail: fetch() must have asked for all that
// Arrow needs.
class FetchedFile final : public ::arrow::io::RandomAccessFile {
 public:
  explicit FetchedFile(std::int64_t size) : size_(size) {}
  void point_at(std::span<const PlannedRead> reads, Bytes stored) {
    reads_ = reads;
    stored_ = stored;
  }

  ::arrow::Status Close() override {
    closed_ = true;
    return ::arrow::Status::OK();
  }
  [[nodiscard]] bool closed() const override { return closed_; }
  ::arrow::Result<std::int64_t> Tell() const override { return position_; }
  ::arrow::Status Seek(std::int64_t position) override {
    position_ = position;
    return ::arrow::Status::OK();
  }
  ::arrow::Result<std::int64_t> GetSize() override { return size_; }
  ::arrow::Result<std::int64_t> Read(std::int64_t bytes, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const std::int64_t read, ReadAt(position_, bytes, out));
    position_ += read;
    return read;
  }
  ::arrow::Result<std::shared_ptr<::arrow::Buffer>> Read(std::int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, bytes));
    position_ += buffer->size();
    return buffer;
  }
  ::arrow::Result<std::int64_t> ReadAt(std::int64_t position, std::int64_t bytes, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const Bytes found, find(position, bytes));
    if (!found.empty()) std::memcpy(out, found.data(), found.size());
    return static_cast<std::int64_t>(found.size());
  }
  ::arrow::Result<std::shared_ptr<::arrow::Buffer>> ReadAt(std::int64_t position, std::int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(const Bytes found, find(position, bytes));
    return std::make_shared<::arrow::Buffer>(reinterpret_cast<const std::uint8_t*>(found.data()),
                                             static_cast<std::int64_t>(found.size()));
  }

 private:
  ::arrow::Result<Bytes> find(std::int64_t position, std::int64_t bytes) const {
    if (position < 0 || bytes < 0 || position > size_) return ::arrow::Status::Invalid("a read outside the file");
    const auto at = static_cast<std::uint64_t>(position);
    const auto wanted = std::min(static_cast<std::uint64_t>(bytes), static_cast<std::uint64_t>(size_ - position));
    const auto after = std::ranges::upper_bound(reads_, at, {}, &PlannedRead::offset);
    if (after != reads_.begin()) {
      const PlannedRead& read = *std::prev(after);
      const std::uint64_t skip = at - read.offset;
      if (skip <= read.bytes && wanted <= read.bytes - skip) {
        return stored_.subspan(static_cast<std::size_t>(read.at + skip), static_cast<std::size_t>(wanted));
      }
    }
    return ::arrow::Status::IOError("bytes ", at, " to ", at + wanted, " were not fetched");
  }

  std::int64_t size_;
  std::int64_t position_ = 0;
  bool closed_ = false;
  std::span<const PlannedRead> reads_;
  Bytes stored_;
};

// Bytes of the values of an array, as the other decode depths count them: nulls have none, booleans take one each.
std::uint64_t value_bytes(const ::arrow::Array& array) {
  const auto present = static_cast<std::uint64_t>(array.length() - array.null_count());
  switch (array.type_id()) {
    case ::arrow::Type::BOOL: return present;
    case ::arrow::Type::STRING:
    case ::arrow::Type::BINARY:
      return static_cast<std::uint64_t>(static_cast<const ::arrow::BinaryArray&>(array).total_values_length());
    case ::arrow::Type::LARGE_STRING:
    case ::arrow::Type::LARGE_BINARY:
      return static_cast<std::uint64_t>(static_cast<const ::arrow::LargeBinaryArray&>(array).total_values_length());
    case ::arrow::Type::LIST:
    case ::arrow::Type::MAP: {
      const auto& list = static_cast<const ::arrow::ListArray&>(array);
      return value_bytes(
          *list.values()->Slice(list.value_offset(0), list.value_offset(list.length()) - list.value_offset(0)));
    }
    case ::arrow::Type::FIXED_SIZE_LIST: {
      const auto& list = static_cast<const ::arrow::FixedSizeListArray&>(array);
      return value_bytes(*list.values()->Slice(list.value_offset(0), list.length() * list.list_type()->list_size()));
    }
    case ::arrow::Type::STRUCT: {
      std::uint64_t bytes = 0;
      const auto& record = static_cast<const ::arrow::StructArray&>(array);
      for (int i = 0; i < record.num_fields(); ++i) bytes += value_bytes(*record.field(i));
      return bytes;
    }
    default: {
      const auto* fixed = dynamic_cast<const ::arrow::FixedWidthType*>(array.type().get());
      return fixed == nullptr ? 0 : present * static_cast<std::uint64_t>(fixed->bit_width()) / 8;
    }
  }
}

// The values of a fixed-width array without nulls as they lie in memory; empty for all others (booleans are bits in
// Arrow).
Bytes fixed_values(const ::arrow::Array& array, std::uint32_t width) {
  const auto* fixed = dynamic_cast<const ::arrow::FixedWidthType*>(array.type().get());
  if (fixed == nullptr || array.null_count() > 0 || static_cast<std::uint32_t>(fixed->bit_width()) != width * 8)
    return {};
  const ::arrow::ArrayData& data = *array.data();
  if (data.buffers.size() < 2 || data.buffers[1] == nullptr) return {};
  return {reinterpret_cast<const std::byte*>(data.buffers[1]->data()) + array.offset() * width,
          static_cast<std::size_t>(array.length()) * width};
}

// Appends a view of the column where it is flat or a list of fixed size.
void add_view(const ::arrow::ChunkedArray& column, const Leaf& leaf, Chunk& chunk) {
  ColumnView view;
  view.name = leaf.name;
  view.width = leaf.width;
  view.max_definition_level = leaf.max_definition;
  view.max_repetition_level = leaf.max_repetition;
  for (const auto& piece : column.chunks()) {
    std::shared_ptr<::arrow::Array> values = piece;
    if (piece->type_id() == ::arrow::Type::FIXED_SIZE_LIST && piece->null_count() == 0) {
      const auto& list = static_cast<const ::arrow::FixedSizeListArray&>(*piece);
      view.list_size = static_cast<std::uint64_t>(list.list_type()->list_size());
      values = list.values()->Slice(list.value_offset(0), list.length() * list.list_type()->list_size());
    }
    const Bytes bytes = fixed_values(*values, leaf.width);
    if (bytes.empty() && values->length() > 0) return;
    append_segment(view.segments, bytes, static_cast<std::uint64_t>(values->length()));
  }
  chunk.columns.push_back(std::move(view));
}

::arrow::Status read_row_group(::parquet::arrow::FileReader& reader, int group, const std::vector<int>& columns,
                               std::shared_ptr<::arrow::Table>& table) {
#if ARROW_VERSION_MAJOR >= 24
  return reader.ReadRowGroup(group, columns).Value(&table);
#else
  return reader.ReadRowGroup(group, columns, &table);
#endif
}

Error arrow_error(const ::arrow::Status& status) {
  return make_error(Code::kCorrupt, "Arrow cannot read it: {}", status.message());
}

}  // namespace

struct ArrowTableReader::State {
  std::shared_ptr<const FileIndex> index;
  std::shared_ptr<FetchedFile> file;
  std::unique_ptr<::parquet::arrow::FileReader> reader;
  std::vector<int> columns;
  std::shared_ptr<::arrow::Table> table;  // what the chunk's views point into
  ArrowColumns all_columns;

  ::arrow::Status open(const std::shared_ptr<const FileIndex>& from, bool verify_checksums) {
    reader.reset();
    index = from;
    file = std::make_shared<FetchedFile>(static_cast<std::int64_t>(index->file_size));
    ::parquet::ReaderProperties reading = ::parquet::default_reader_properties();
    reading.set_page_checksum_verification(verify_checksums);
    auto opened = ::parquet::ParquetFileReader::Open(file, reading, index->metadata);
    ::parquet::ArrowReaderProperties properties;
    properties.set_pre_buffer(false);
    properties.set_use_threads(false);
    ARROW_ASSIGN_OR_RAISE(
        reader, ::parquet::arrow::FileReader::Make(::arrow::default_memory_pool(), std::move(opened), properties));
    columns.clear();
    for (const Leaf& leaf : index->leaves) columns.push_back(static_cast<int>(leaf.column));
    return ::arrow::Status::OK();
  }
};

ArrowTableReader::ArrowTableReader() = default;
ArrowTableReader::~ArrowTableReader() = default;

Status ArrowTableReader::read(const std::shared_ptr<const FileIndex>& index, std::uint32_t group, RowRange wanted,
                              const FetchPlan& plan, Bytes stored, bool verify_checksums, Chunk& chunk) {
  chunk.columns.clear();
  chunk.useful_bytes = 0;
  try {
    if (state_ == nullptr) state_ = std::make_unique<State>();
    State& state = *state_;
    state.table.reset();
    if (state.index != index || state.reader == nullptr) {
      if (const auto status = state.open(index, verify_checksums); !status.ok()) return arrow_error(status);
    }
    state.file->point_at(plan.reads(), stored);
    const ::arrow::Status read = read_row_group(*state.reader, static_cast<int>(group), state.columns, state.table);
    if (!read.ok()) return arrow_error(read);
    if (static_cast<std::uint64_t>(state.table->num_rows()) < wanted.end()) {
      return make_error(Code::kCorrupt, "Arrow read {} rows, not {}", state.table->num_rows(), wanted.end());
    }
    state.table = state.table->Slice(static_cast<std::int64_t>(wanted.first), static_cast<std::int64_t>(wanted.count));
    for (int c = 0; c < state.table->num_columns(); ++c) {
      const ::arrow::ChunkedArray& column = *state.table->column(c);
      for (const auto& piece : column.chunks()) chunk.useful_bytes += value_bytes(*piece);
      // The only leaf below a field of that name, so that field and leaf are one column.
      const std::string& name = state.table->field(c)->name();
      const auto leaf = std::ranges::find(index->leaves, name, &Leaf::root);
      if (std::ranges::count(index->leaves, name, &Leaf::root) == 1) add_view(column, *leaf, chunk);
    }
    return {};
  } catch (const std::exception& e) {
    state_.reset();
    return make_error(Code::kCorrupt, "Arrow cannot read it: {}", e.what());
  }
}

Status ArrowTableReader::complete(Chunk& chunk) {
  STOKER_CHECK(state_ != nullptr && state_->table != nullptr, "no chunk has been read");
  return state_->all_columns.make(*state_->table, state_->reader->manifest(), state_->index->leaves, chunk.columns);
}

}  // namespace stoker::format::parquet
