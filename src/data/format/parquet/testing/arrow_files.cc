#include "data/format/parquet/testing/arrow_files.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/builder.h>
#include <arrow/io/memory.h>
#include <arrow/result.h>
#include <parquet/arrow/writer.h>

#include <random>

#include "base/check.h"
#include "base/hash.h"

namespace stoker::format::parquet::testing {
namespace {

void check(const ::arrow::Status& status) {
  STOKER_CHECK(status.ok(), status.ToString().c_str());
}

class Source {
 public:
  explicit Source(const ArraySpec& spec) : spec_(spec), random_(mix64(spec.seed)) {}
  bool is_null(const ::arrow::Field& field) {
    return field.nullable() && spec_.nulls > 0 && unit_(random_) < spec_.nulls;
  }
  std::uint64_t number() {
    const std::uint64_t n = random_();
    return spec_.distinct > 0 ? mix64(n % static_cast<std::uint64_t>(spec_.distinct)) : n;
  }
  std::uint64_t below(std::int64_t n) { return random_() % static_cast<std::uint64_t>(n); }
  std::string text(std::size_t bytes) {
    std::string out(bytes, '\0');
    std::uint64_t n = number();
    for (char& c : out) c = static_cast<char>('a' + (n = mix64(n)) % 26);
    return out;
  }
  std::string text() {
    const std::uint64_t n = number();
    std::string out(n % static_cast<std::uint64_t>(spec_.max_bytes + 1), '\0');
    std::uint64_t m = n;
    for (char& c : out) c = static_cast<char>('a' + (m = mix64(m)) % 26);
    return out;
  }
  [[nodiscard]] const ArraySpec& spec() const { return spec_; }

 private:
  ArraySpec spec_;
  std::mt19937_64 random_;
  std::uniform_real_distribution<double> unit_{0, 1};
};

void append(::arrow::ArrayBuilder& builder, const ::arrow::Field& field, Source& source);

template <class Builder>
void append_number(::arrow::ArrayBuilder& builder, Source& source) {
  using T = typename Builder::value_type;
  check(static_cast<Builder&>(builder).Append(static_cast<T>(source.number() >> 11)));
}

void append_value(::arrow::ArrayBuilder& builder, const ::arrow::DataType& type, Source& source) {
  using ::arrow::Type;
  switch (type.id()) {
    case Type::INT8: return append_number<::arrow::Int8Builder>(builder, source);
    case Type::UINT8: return append_number<::arrow::UInt8Builder>(builder, source);
    case Type::INT16: return append_number<::arrow::Int16Builder>(builder, source);
    case Type::UINT16: return append_number<::arrow::UInt16Builder>(builder, source);
    case Type::INT32: return append_number<::arrow::Int32Builder>(builder, source);
    case Type::UINT32: return append_number<::arrow::UInt32Builder>(builder, source);
    case Type::INT64: return append_number<::arrow::Int64Builder>(builder, source);
    case Type::UINT64: return append_number<::arrow::UInt64Builder>(builder, source);
    case Type::FLOAT: return append_number<::arrow::FloatBuilder>(builder, source);
    case Type::DOUBLE: return append_number<::arrow::DoubleBuilder>(builder, source);
    case Type::TIMESTAMP: return append_number<::arrow::TimestampBuilder>(builder, source);
    case Type::HALF_FLOAT:
      return check(
          static_cast<::arrow::HalfFloatBuilder&>(builder).Append(static_cast<std::uint16_t>(source.number())));
    case Type::BOOL: return check(static_cast<::arrow::BooleanBuilder&>(builder).Append((source.number() & 1) != 0));
    case Type::STRING: return check(static_cast<::arrow::StringBuilder&>(builder).Append(source.text()));
    case Type::BINARY: return check(static_cast<::arrow::BinaryBuilder&>(builder).Append(source.text()));
    case Type::LARGE_BINARY: return check(static_cast<::arrow::LargeBinaryBuilder&>(builder).Append(source.text()));
    case Type::FIXED_SIZE_BINARY: {
      const auto width = static_cast<const ::arrow::FixedSizeBinaryType&>(type).byte_width();
      return check(
          static_cast<::arrow::FixedSizeBinaryBuilder&>(builder).Append(source.text(static_cast<std::size_t>(width))));
    }
    case Type::LIST: {
      auto& list = static_cast<::arrow::ListBuilder&>(builder);
      check(list.Append());
      for (std::uint64_t n = source.below(source.spec().max_list + 1); n > 0; --n) {
        append(*list.value_builder(), *type.field(0), source);
      }
      return;
    }
    case Type::FIXED_SIZE_LIST: {
      auto& list = static_cast<::arrow::FixedSizeListBuilder&>(builder);
      check(list.Append());
      for (int n = static_cast<const ::arrow::FixedSizeListType&>(type).list_size(); n > 0; --n) {
        append(*list.value_builder(), *type.field(0), source);
      }
      return;
    }
    case Type::STRUCT: {
      auto& record = static_cast<::arrow::StructBuilder&>(builder);
      check(record.Append());
      for (int i = 0; i < type.num_fields(); ++i) append(*record.field_builder(i), *type.field(i), source);
      return;
    }
    default: STOKER_CHECK(false, "random_array does not know this type");
  }
}

void append(::arrow::ArrayBuilder& builder, const ::arrow::Field& field, Source& source) {
  if (!source.is_null(field)) return append_value(builder, *field.type(), source);
  // A null fixed-size list still has room for its elements, which may have to be valid.
  check(builder.AppendNull());
}

}  // namespace

std::shared_ptr<::arrow::Array> random_array(const std::shared_ptr<::arrow::Field>& field, const ArraySpec& spec) {
  Source source(spec);
  std::unique_ptr<::arrow::ArrayBuilder> builder;
  check(::arrow::MakeBuilder(::arrow::default_memory_pool(), field->type(), &builder));
  for (std::int64_t i = 0; i < spec.rows; ++i) append(*builder, *field, source);
  std::shared_ptr<::arrow::Array> array;
  check(builder->Finish(&array));
  return array;
}

std::shared_ptr<::arrow::Table> random_table(const std::shared_ptr<::arrow::Schema>& schema, const ArraySpec& spec) {
  std::vector<std::shared_ptr<::arrow::Array>> arrays;
  ArraySpec column = spec;
  for (const auto& field : schema->fields()) {
    column.seed = mix64(column.seed);
    arrays.push_back(random_array(field, column));
  }
  return ::arrow::Table::Make(schema, arrays, spec.rows);
}

std::vector<std::byte> write_with_arrow(const ::arrow::Table& table,
                                        const std::shared_ptr<::parquet::WriterProperties>& properties,
                                        const WriteOptions& options) {
  auto sink = ::arrow::io::BufferOutputStream::Create().ValueOrDie();
  ::parquet::ArrowWriterProperties::Builder arrow;
  if (options.store_schema) arrow.store_schema();
  check(::parquet::arrow::WriteTable(table, ::arrow::default_memory_pool(), sink, options.row_group_rows, properties,
                                     arrow.build()));
  const auto buffer = sink->Finish().ValueOrDie();
  const auto* begin = reinterpret_cast<const std::byte*>(buffer->data());
  return {begin, begin + buffer->size()};
}

void plain(::parquet::WriterProperties::Builder& builder) {
  builder.disable_dictionary()->disable_statistics();
}

}  // namespace stoker::format::parquet::testing
