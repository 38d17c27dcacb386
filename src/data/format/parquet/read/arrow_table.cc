#include "data/format/parquet/read/arrow_table.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/table.h>
#include <arrow/util/config.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/format/parquet/read/arrow_columns.h"
#include "data/format/parquet/read/segments.h"

namespace stoker::format::parquet {
namespace {

// A file of which only the column chunks of one row group are there, as far as they were fetched: where a chunk begins
// its dictionary page and its wanted pages lie back to back, and then it ends, wherever the footer says that it does.
// Reads of anything else fail: fetch() must have asked for all that Arrow needs.
class FetchedFile final : public ::arrow::io::RandomAccessFile {
 public:
  explicit FetchedFile(const FileIndex& index) : index_(index) {}
  void point_at(std::uint32_t group, std::span<const ColumnPagesHeld> columns) {
    group_ = group;
    columns_ = columns;
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
  ::arrow::Result<std::int64_t> GetSize() override { return static_cast<std::int64_t>(index_.file_size); }
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
    ARROW_ASSIGN_OR_RAISE(const Found found, find(position, bytes));
    auto* to = static_cast<std::byte*>(out);
    std::ranges::copy(found.pages, std::ranges::copy(found.dictionary, to).out);
    return static_cast<std::int64_t>(found.dictionary.size() + found.pages.size());
  }
  ::arrow::Result<std::shared_ptr<::arrow::Buffer>> ReadAt(std::int64_t position, std::int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(const Found found, find(position, bytes));
    if (!found.dictionary.empty() && !found.pages.empty()) {
      return ::arrow::Buffer::FromString(std::string(as_text(found.dictionary)).append(as_text(found.pages)));
    }
    return std::make_shared<::arrow::Buffer>(as_text(found.dictionary.empty() ? found.pages : found.dictionary));
  }

 private:
  struct Found {
    Bytes dictionary, pages;
  };
  static Bytes part_of(Bytes all, std::uint64_t first, std::uint64_t count) {
    first = std::min<std::uint64_t>(first, all.size());
    return all.subspan(first, std::min<std::uint64_t>(count, all.size() - first));
  }
  static std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

  ::arrow::Result<Found> find(std::int64_t position, std::int64_t bytes) const {
    if (position < 0 || bytes < 0) return ::arrow::Status::Invalid("a read outside the file");
    const auto at = static_cast<std::uint64_t>(position);
    // The last one that begins there or before: a chunk may begin where another ends.
    std::size_t leaf = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::uint64_t begin = index_.chunk(group_, i).offset;
      if (begin <= at && (leaf == columns_.size() || begin > index_.chunk(group_, leaf).offset)) leaf = i;
    }
    if (leaf < columns_.size()) {
      const Bytes dictionary = columns_[leaf].stored_dictionary, pages = columns_[leaf].stored;
      const std::uint64_t skip = at - index_.chunk(group_, leaf).offset;
      if (skip <= dictionary.size() + pages.size()) {
        const Bytes in_dictionary = part_of(dictionary, skip, static_cast<std::uint64_t>(bytes));
        return Found{in_dictionary, part_of(pages, skip - std::min<std::uint64_t>(skip, dictionary.size()),
                                            static_cast<std::uint64_t>(bytes) - in_dictionary.size())};
      }
    }
    return ::arrow::Status::IOError("bytes ", at, " to ", at + static_cast<std::uint64_t>(bytes), " were not fetched");
  }

  const FileIndex& index_;
  std::int64_t position_ = 0;
  bool closed_ = false;
  std::uint32_t group_ = 0;
  std::span<const ColumnPagesHeld> columns_;
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

::arrow::Result<std::unique_ptr<::arrow::RecordBatchReader>> read_batches(::parquet::arrow::FileReader& reader,
                                                                          int group, int column) {
#if ARROW_VERSION_MAJOR >= 24
  return reader.GetRecordBatchReader({group}, {column});
#else
  std::unique_ptr<::arrow::RecordBatchReader> batches;
  ARROW_RETURN_NOT_OK(reader.GetRecordBatchReader({group}, {column}, &batches));
  return batches;
#endif
}

// The rows [skip, skip + count) of what the column's chunk is shown to be. No row behind them is decoded.
::arrow::Result<std::shared_ptr<::arrow::Table>> read_rows(::parquet::arrow::FileReader& reader, int group, int column,
                                                           std::uint64_t skip, std::uint64_t count) {
  const auto end = static_cast<std::int64_t>(skip + count);
  reader.set_batch_size(end);
  ARROW_ASSIGN_OR_RAISE(const auto source, read_batches(reader, group, column));
  std::vector<std::shared_ptr<::arrow::RecordBatch>> batches;  // several where Arrow's 2 GiB of text are full
  std::int64_t rows = 0;
  while (rows < end) {
    std::shared_ptr<::arrow::RecordBatch> batch;
    ARROW_RETURN_NOT_OK(source->ReadNext(&batch));
    if (batch == nullptr) return ::arrow::Status::Invalid("the pages hold ", rows, " rows, not ", end);
    rows += batch->num_rows();
    batches.push_back(std::move(batch));
  }
  ARROW_ASSIGN_OR_RAISE(const auto table, ::arrow::Table::FromRecordBatches(source->schema(), batches));
  return table->Slice(static_cast<std::int64_t>(skip), static_cast<std::int64_t>(count));
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
    file = std::make_shared<FetchedFile>(*index);
    ::parquet::ReaderProperties reading = ::parquet::default_reader_properties();
    reading.set_page_checksum_verification(verify_checksums);
    // A chunk that is shown in part ends before the footer says so, which only a stream may do.
    if (!index->cut.empty()) reading.enable_buffered_stream();
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

  ::arrow::Status read_whole(int group, RowRange wanted) {
    ARROW_RETURN_NOT_OK(read_row_group(*reader, group, columns, table));
    if (static_cast<std::uint64_t>(table->num_rows()) < wanted.end()) {
      return ::arrow::Status::Invalid("there are ", table->num_rows(), " rows, not ", wanted.end());
    }
    table = table->Slice(static_cast<std::int64_t>(wanted.first), static_cast<std::int64_t>(wanted.count));
    return ::arrow::Status::OK();
  }

  ::arrow::Status read_part(int group, RowRange wanted, std::span<const ColumnPagesHeld> held) {
    std::vector<std::shared_ptr<::arrow::Field>> fields;
    std::vector<std::shared_ptr<::arrow::ChunkedArray>> arrays;
    for (std::size_t leaf = 0; leaf < columns.size(); ++leaf) {
      const std::uint64_t skip = wanted.first - held[leaf].first_row;
      ARROW_ASSIGN_OR_RAISE(const auto part, read_rows(*reader, group, columns[leaf], skip, wanted.count));
      fields.push_back(part->field(0));
      arrays.push_back(part->column(0));
    }
    table = ::arrow::Table::Make(::arrow::schema(std::move(fields)), std::move(arrays),
                                 static_cast<std::int64_t>(wanted.count));
    return ::arrow::Status::OK();
  }
};

ArrowTableReader::ArrowTableReader() = default;
ArrowTableReader::~ArrowTableReader() = default;

Status ArrowTableReader::read(const std::shared_ptr<const FileIndex>& index, std::uint32_t group, RowRange wanted,
                              std::span<const ColumnPagesHeld> columns, bool verify_checksums, Chunk& chunk) {
  chunk.columns.clear();
  chunk.useful_bytes = 0;
  try {
    if (state_ == nullptr) state_ = std::make_unique<State>();
    State& state = *state_;
    state.table.reset();
    if (state.index != index || state.reader == nullptr) {
      if (const auto status = state.open(index, verify_checksums); !status.ok()) return arrow_error(status);
    }
    state.file->point_at(group, columns);
    const ::arrow::Status read = index->cut.contains(group) ? state.read_part(static_cast<int>(group), wanted, columns)
                                                            : state.read_whole(static_cast<int>(group), wanted);
    if (!read.ok()) return arrow_error(read);
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
