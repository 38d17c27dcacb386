// The one part of the schema for which Arrow's library is asked: its own serialised form.
#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>

#include "base/check.h"
#include "data/format/parquet/wire/schema.h"

namespace stoker::format::parquet {
namespace {

std::shared_ptr<arrow::DataType> element_type(config::DType dtype) {
  using config::DType;
  switch (dtype) {
    case DType::kUint8: return arrow::uint8();
    case DType::kUint16: return arrow::uint16();
    case DType::kUint32: return arrow::uint32();
    case DType::kUint64: return arrow::uint64();
    case DType::kInt8: return arrow::int8();
    case DType::kInt16: return arrow::int16();
    case DType::kInt32: return arrow::int32();
    case DType::kInt64: return arrow::int64();
    case DType::kFloat16: return arrow::float16();
    case DType::kFloat32:
    case DType::kList: return arrow::float32();
    case DType::kFloat64: return arrow::float64();
    case DType::kBool: return arrow::boolean();
    case DType::kString: return arrow::utf8();
    case DType::kBinary: return arrow::binary();
    case DType::kComplex64:
    case DType::kComplex128: break;
  }
  STOKER_CHECK(false, "make_column refuses complex types");
  return nullptr;
}

}  // namespace

Result<std::string> arrow_schema_value(std::span<const Column> columns) {
  arrow::FieldVector fields;
  fields.reserve(columns.size());
  for (const Column& c : columns) {
    std::shared_ptr<arrow::DataType> type = element_type(c.dtype);
    if (c.levels.repeated) {
      type = arrow::fixed_size_list(arrow::field("element", std::move(type), c.optional),
                                    static_cast<std::int32_t>(c.elements_per_row()));
    }
    fields.push_back(arrow::field(c.name, std::move(type), c.optional));
  }
  const auto serialised = arrow::ipc::SerializeSchema(*arrow::schema(std::move(fields)));
  if (!serialised.ok()) {
    return make_error(Code::kInternal, "parquet: cannot serialise the schema: {}", serialised.status().ToString());
  }
  const arrow::Buffer& buffer = **serialised;
  return arrow::util::base64_encode(
      {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(buffer.size())});
}

}  // namespace stoker::format::parquet
