#include "data/format/parquet/read/inspect.h"

#include <arrow/util/key_value_metadata.h>
#include <parquet/exception.h>
#include <parquet/metadata.h>
#include <parquet/schema.h>
#include <parquet/types.h>

#include <exception>
#include <limits>

#include "data/format/parquet/read/chunk_info.h"
#include "data/format/parquet/read/footer.h"
#include "data/format/parquet/read/footer_schema.h"

namespace stoker::format::parquet {
namespace {

using Node = ::parquet::schema::Node;

Repetition repetition_of(const Node& node) {
  if (node.is_optional()) return Repetition::kOptional;
  return node.is_repeated() ? Repetition::kRepeated : Repetition::kRequired;
}

std::string logical_text(const Node& node) {
  const auto& logical = node.logical_type();
  return logical == nullptr || !logical->is_valid() || logical->is_none() ? std::string() : logical->ToString();
}

std::string physical_text(const ::parquet::schema::PrimitiveNode& node) {
  std::string text = ::parquet::TypeToString(node.physical_type());
  if (node.physical_type() == ::parquet::Type::FIXED_LEN_BYTE_ARRAY) text += fmt::format("({})", node.type_length());
  return text;
}

void add_nodes(const ::parquet::schema::GroupNode& group, std::uint32_t depth, std::vector<SchemaNode>& out) {
  for (int i = 0; i < group.field_count(); ++i) {
    const Node& node = *group.field(i);
    out.push_back(
        {.name = node.name(), .depth = depth, .repetition = repetition_of(node), .logical = logical_text(node)});
    if (node.is_group()) {
      add_nodes(static_cast<const ::parquet::schema::GroupNode&>(node), depth + 1, out);
    } else {
      out.back().physical = physical_text(static_cast<const ::parquet::schema::PrimitiveNode&>(node));
    }
  }
}

ValueType values_of(const ::parquet::ColumnDescriptor& column) {
  const auto& logical = column.logical_type();
  const bool valid = logical != nullptr && logical->is_valid();
  if (valid && logical->is_decimal()) {
    const bool is_number =
        column.physical_type() == ::parquet::Type::INT32 || column.physical_type() == ::parquet::Type::INT64;
    return is_number ? ValueType::kDecimal : ValueType::kDecimalBytes;
  }
  switch (column.physical_type()) {
    case ::parquet::Type::BOOLEAN: return ValueType::kBool;
    case ::parquet::Type::INT32:
    case ::parquet::Type::INT64:
      return valid && logical->is_int() && !static_cast<const ::parquet::IntLogicalType&>(*logical).is_signed()
                 ? ValueType::kUnsigned
                 : ValueType::kSigned;
    case ::parquet::Type::INT96: return ValueType::kInt96;
    case ::parquet::Type::FLOAT:
    case ::parquet::Type::DOUBLE: return ValueType::kFloat;
    case ::parquet::Type::FIXED_LEN_BYTE_ARRAY:
      return valid && logical->is_float16() ? ValueType::kFloat : ValueType::kBinary;
    default:
      return valid && (logical->is_string() || logical->is_enum() || logical->is_JSON()) ? ValueType::kText
                                                                                         : ValueType::kBinary;
  }
}

// What each definition level of a leaf says.
Result<std::vector<LevelInfo>> levels_of(const Node& leaf) {
  std::vector<const Node*> path;  // from the leaf up, without the root
  for (const Node* node = &leaf; node->parent() != nullptr; node = node->parent()) path.push_back(node);
  if (path.size() > std::numeric_limits<std::uint8_t>::max()) {
    return make_error(Code::kUnsupported, "column '{}' lies {} levels deep, more than the 255 that are told apart here",
                      leaf.path()->ToDotString(), path.size());
  }
  std::vector<LevelInfo> levels;
  std::uint8_t lists = 0;
  for (std::size_t i = path.size(); i-- > 0;) {
    if (path[i]->is_required()) continue;
    // At this level the node is missing, and with it all below it.
    const bool repeated = path[i]->is_repeated();
    levels.push_back({.missing = static_cast<std::uint8_t>(i + 1), .lists = lists, .empty_list = repeated});
    lists = static_cast<std::uint8_t>(lists + (repeated ? 1 : 0));
  }
  levels.push_back({.missing = 0, .lists = lists, .empty_list = false});
  return levels;
}

Result<ColumnInfo> column_info(const ::parquet::ColumnDescriptor& column, const Leaf& leaf) {
  ColumnInfo info{.name = leaf.name, .type = leaf.type_text, .values = values_of(column), .width = leaf.width};
  if (info.values == ValueType::kDecimal || info.values == ValueType::kDecimalBytes) {
    const auto& decimal = static_cast<const ::parquet::DecimalLogicalType&>(*column.logical_type());
    info.precision = decimal.precision();
    info.scale = decimal.scale();
  }
  STOKER_ASSIGN(info.levels, levels_of(*column.schema_node()));
  return info;
}

Result<FileInfo> describe_schema(const ::parquet::FileMetaData& metadata, const FileIndex& index) {
  FileInfo info{.file_bytes = index.file_size, .rows = index.rows, .num_row_groups = index.groups.size()};
  const ::parquet::SchemaDescriptor& schema = *metadata.schema();
  add_nodes(*schema.group_node(), 0, info.schema);
  for (const Leaf& leaf : index.leaves) {
    STOKER_ASSIGN(ColumnInfo column, column_info(*schema.Column(static_cast<int>(leaf.column)), leaf));
    info.columns.push_back(std::move(column));
  }
  return info;
}

Status describe_storage(const ::parquet::FileMetaData& metadata, const FileIndex& index, io::ReadableFile& file,
                        FileInfo& info) {
  info.created_by = metadata.created_by();
  info.version = ::parquet::ParquetVersionToString(metadata.version());
  if (const auto& keys = metadata.key_value_metadata(); keys != nullptr) {
    for (std::int64_t i = 0; i < keys->size(); ++i)
      info.keys.push_back({.name = keys->key(i), .value_bytes = keys->value(i).size()});
  }
  STOKER_ASSIGN(info.row_groups, describe_row_groups(metadata, index, file));
  return {};
}

Result<FileInfo> describe(io::ReadableFile& file, Detail detail) {
  STOKER_ASSIGN(const RawFooter footer, read_footer(file, nullptr));
  auto parsed = parse_footer(footer.bytes, file.size(), Selection{});
  if (!parsed) return std::move(parsed).error().with_context(file.path().string());
  const auto look = [&]() -> Result<FileInfo> {
    // The schema alone is much less than the whole of a large footer.
    const bool all = detail == Detail::kStorage;
    STOKER_ASSIGN(const auto metadata, read_arrow_metadata(all ? footer.bytes : Bytes(parsed->schema_footer)));
    try {
      STOKER_ASSIGN(FileInfo info, describe_schema(*metadata, parsed->index));
      if (all) STOKER_TRY(describe_storage(*metadata, parsed->index, file, info));
      return info;
    } catch (const std::exception& e) {
      return make_error(Code::kCorrupt, "the footer cannot be described: {}", e.what());
    }
  };
  auto info = look();
  // Errors of the storage name the path themselves.
  if (!info && info.error().code != Code::kIo) return std::move(info).error().with_context(file.path().string());
  return info;
}

}  // namespace

Result<FileInfo> inspect_parquet(io::Storage& storage, const io::Path& path, Detail detail) {
  STOKER_ASSIGN(const auto file, storage.open(path, {}));
  return describe(*file, detail);
}

}  // namespace stoker::format::parquet
