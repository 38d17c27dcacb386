#include "data/format/parquet/read/footer_schema.h"

#include <arrow/type.h>
#include <arrow/util/config.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <unordered_map>
#include <utility>

#include "data/format/parquet/wire/column_path.h"
#include "data/format/parquet/wire/thrift_reader.h"

namespace stoker::format::parquet {
namespace {

static_assert(static_cast<int>(Physical::kFixed) == static_cast<int>(::parquet::Type::FIXED_LEN_BYTE_ARRAY));
static_assert(static_cast<int>(Physical::kBoolean) == static_cast<int>(::parquet::Type::BOOLEAN));

// Footers larger than Arrow's own limits exist.
::parquet::ReaderProperties reader_properties() {
  ::parquet::ReaderProperties properties;
  properties.set_thrift_string_size_limit(1 << 30);
  properties.set_thrift_container_size_limit(100'000'000);
  return properties;
}

std::shared_ptr<::parquet::FileMetaData> make_metadata(Bytes footer) {
#if ARROW_VERSION_MAJOR >= 26
  return ::parquet::FileMetaData::Make(footer.data(), static_cast<std::int64_t>(footer.size()), reader_properties());
#else
  auto size = static_cast<std::uint32_t>(footer.size());
  return ::parquet::FileMetaData::Make(footer.data(), &size, reader_properties());
#endif
}

std::string unit_text(::parquet::LogicalType::TimeUnit::unit unit) {
  switch (unit) {
    case ::parquet::LogicalType::TimeUnit::MILLIS: return "ms";
    case ::parquet::LogicalType::TimeUnit::MICROS: return "us";
    case ::parquet::LogicalType::TimeUnit::NANOS: return "ns";
    default: return "unknown unit";
  }
}

// Of annotations that dataset.parquet.columns has no word for: Arrow's words where it has short ones.
std::string annotation_text(const ::parquet::LogicalType& logical) {
  if (logical.is_decimal()) {
    const auto& decimal = static_cast<const ::parquet::DecimalLogicalType&>(logical);
    return fmt::format("decimal({}, {})", decimal.precision(), decimal.scale());
  }
  if (logical.is_timestamp()) {
    const auto& timestamp = static_cast<const ::parquet::TimestampLogicalType&>(logical);
    return fmt::format("timestamp[{}{}]", unit_text(timestamp.time_unit()),
                       timestamp.is_adjusted_to_utc() ? ", UTC" : "");
  }
  if (logical.is_time())
    return fmt::format("time[{}]", unit_text(static_cast<const ::parquet::TimeLogicalType&>(logical).time_unit()));
  std::string text = logical.ToString();
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// The element type in the words of dataset.parquet.columns where it has them.
std::string element_text(const ::parquet::ColumnDescriptor& column) {
  const auto& logical = column.logical_type();
  if (logical != nullptr && logical->is_valid()) {
    if (logical->is_int()) {
      const auto& integer = static_cast<const ::parquet::IntLogicalType&>(*logical);
      return fmt::format("{}int{}", integer.is_signed() ? "" : "u", integer.bit_width());
    }
    if (logical->is_string()) return "string";
    if (logical->is_float16()) return "float16";
    if (!logical->is_none()) return annotation_text(*logical);
  }
  switch (column.physical_type()) {
    case ::parquet::Type::BOOLEAN: return "bool";
    case ::parquet::Type::INT32: return "int32";
    case ::parquet::Type::INT64: return "int64";
    case ::parquet::Type::INT96: return "int96";
    case ::parquet::Type::FLOAT: return "float32";
    case ::parquet::Type::DOUBLE: return "float64";
    case ::parquet::Type::BYTE_ARRAY: return "binary";
    case ::parquet::Type::FIXED_LEN_BYTE_ARRAY: return fmt::format("fixed binary of {} bytes", column.type_length());
    default: return "unknown";
  }
}

std::uint32_t stored_width(const ::parquet::ColumnDescriptor& column) {
  switch (column.physical_type()) {
    case ::parquet::Type::INT32:
    case ::parquet::Type::FLOAT: return 4;
    case ::parquet::Type::INT64:
    case ::parquet::Type::DOUBLE: return 8;
    case ::parquet::Type::INT96: return 12;
    case ::parquet::Type::FIXED_LEN_BYTE_ARRAY: return static_cast<std::uint32_t>(column.type_length());
    default: return 0;
  }
}

std::uint32_t delivered_width(const ::parquet::ColumnDescriptor& column) {
  if (column.physical_type() == ::parquet::Type::BOOLEAN) return 1;
  const auto& logical = column.logical_type();
  if (column.physical_type() == ::parquet::Type::INT32 && logical != nullptr && logical->is_int()) {
    const int bits = static_cast<const ::parquet::IntLogicalType&>(*logical).bit_width();
    if (bits == 8 || bits == 16) return static_cast<std::uint32_t>(bits / 8);
  }
  return stored_width(column);
}

Leaf make_leaf(const ::parquet::SchemaDescriptor& schema, int i, std::string name) {
  const ::parquet::ColumnDescriptor& column = *schema.Column(i);
  Leaf leaf;
  leaf.name = std::move(name);
  leaf.root = schema.GetColumnRoot(i)->name();
  leaf.column = static_cast<std::uint32_t>(i);
  leaf.physical = static_cast<Physical>(column.physical_type());
  leaf.stored_width = stored_width(column);
  leaf.width = delivered_width(column);
  leaf.max_definition = column.max_definition_level();
  leaf.max_repetition = column.max_repetition_level();
  leaf.type_text = (leaf.max_repetition > 0 ? "list of " : "") + element_text(column);
  return leaf;
}

// "a, b, c", the middle of long lists left out.
std::string name_list(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 24;
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names.size() > kShown && i == kShown - 4) {
      out += fmt::format(", ... ({} more)", names.size() - kShown);
      i = names.size() - 4;
    }
    out += (out.empty() ? "" : ", ") + names[i];
  }
  return out;
}

Error missing_columns(const std::vector<std::string>& missing, const ::parquet::SchemaDescriptor& schema) {
  std::vector<std::string> own;
  for (int i = 0; i < schema.group_node()->field_count(); ++i) own.push_back(schema.group_node()->field(i)->name());
  Error error =
      make_error(Code::kConfig, "has no column{} {}; its {} {}", missing.size() == 1 ? "" : "s", name_list(missing),
                 own.size() == 1 ? "only column is" : fmt::format("{} columns are", own.size()),
                 own.empty() ? "none" : name_list(own));
  error.hint = "check dataset.parquet.columns and storage.storage_options.columns, or generate the data set again";
  return error;
}

// The configured types may be stored in more than one way: binary values of fixed size, strings without their
// annotation.
bool same_type(const config::ColumnSpec& spec, const Leaf& leaf) {
  const std::string wanted = type_text(spec);
  if (wanted == leaf.type_text) return true;
  if (spec.dtype == config::DType::kString) return leaf.is_bytes();
  return spec.dtype == config::DType::kBinary && leaf.max_repetition == 0 &&
         (leaf.is_bytes() ||
          (leaf.physical == Physical::kFixed && leaf.stored_width == static_cast<std::uint64_t>(spec.size)));
}

std::string find_differences(const std::vector<Leaf>& leaves, const Selection& selection) {
  std::vector<std::string> differences;
  for (const Leaf& leaf : leaves) {
    const config::ColumnSpec* spec = selection.find_spec(leaf.root);
    if (spec != nullptr && !same_type(*spec, leaf)) {
      differences.push_back(fmt::format("'{}' is {} (configured: {})", leaf.root, leaf.type_text, type_text(*spec)));
    }
  }
  return name_list(differences);
}

// The leaves of a file by the names that they can be asked for.
class LeafNames {
 public:
  explicit LeafNames(const ::parquet::SchemaDescriptor& schema) : schema_(schema) {
    for (int i = 0; i < schema.num_columns(); ++i) {
      paths_.push_back(schema.Column(i)->path()->ToDotVector());
      ++same_path_[dotted_path(paths_.back())];
      roots_[schema.GetColumnRoot(i)->name()].push_back(i);
    }
  }

  // Dots, or backquotes where another leaf has the same with dots.
  [[nodiscard]] std::string name_of(int i) const {
    const auto& path = paths_[static_cast<std::size_t>(i)];
    std::string dotted = dotted_path(path);
    return same_path_.at(dotted) == 1 ? dotted : quoted_path(path);
  }

  // The leaves of the field of that name, else the leaf of that path. Of several with the same path: an error.
  [[nodiscard]] Result<std::vector<int>> find(const std::string& name) const {
    if (const auto at = roots_.find(name); at != roots_.end()) return at->second;
    std::vector<int> found;
    const auto quoted = parse_quoted_path(name);
    for (int i = 0; i < schema_.num_columns(); ++i) {
      const auto& path = paths_[static_cast<std::size_t>(i)];
      if (quoted ? path == *quoted : dotted_path(path) == name) found.push_back(i);
    }
    if (quoted && found.empty() && quoted->size() == 1) {
      if (const auto at = roots_.find(quoted->front()); at != roots_.end()) return at->second;
    }
    if (found.size() < 2 || quoted) return found;
    Error error = make_error(Code::kConfig, "has {} columns that '{}' may mean: '{}' and '{}'", found.size(), name,
                             name_of(found[0]), name_of(found[1]));
    error.hint = "write backquotes round parts of the path that hold a dot";
    return error;
  }

 private:
  const ::parquet::SchemaDescriptor& schema_;
  std::vector<std::vector<std::string>> paths_;
  std::unordered_map<std::string, int> same_path_;
  std::unordered_map<std::string, std::vector<int>> roots_;
};

// Whatever walks a schema does so on the stack. Newer versions of Arrow have the same limit.
constexpr std::uint64_t kMaxSchemaDepth = 100;

// Levels of the schema's tree: 1 for the root alone. The elements stand in the order of a walk from the root, each with
// the number of its children.
std::uint64_t schema_depth(Bytes footer) {
  std::vector<std::int32_t> left;  // children that are yet to come, of each open element
  std::uint64_t deepest = 0;
  ThriftReader r(footer);
  for (ThriftReader::Struct s(r); s.next();) {
    ThriftReader::ListHead list;
    if (s.id() != 2) {
      s.skip();
    } else if (s.begin_list(ThriftReader::kStruct, list)) {
      for (std::uint64_t i = 0; i < list.size && r.ok(); ++i) {
        std::int32_t children = 0;
        for (ThriftReader::Struct element(r); element.next();) {
          if (element.id() == 5) {
            element.read(children);
          } else {
            element.skip();
          }
        }
        left.push_back(children);
        deepest = std::max<std::uint64_t>(deepest, left.size());
        while (!left.empty() && left.back() <= 0) {
          left.pop_back();
          if (!left.empty()) --left.back();
        }
      }
    }
  }
  return deepest;
}

Result<FileSchema> select(const ::parquet::SchemaDescriptor& schema, const Selection& selection) {
  FileSchema out;
  out.leaf_count = static_cast<std::uint32_t>(schema.num_columns());
  const LeafNames names(schema);
  std::vector<bool> wanted(out.leaf_count, selection.names.empty());
  std::vector<std::string> missing;
  for (const std::string& name : selection.names) {
    STOKER_ASSIGN(const std::vector<int> found, names.find(name));
    if (found.empty()) missing.push_back(name);
    for (const int i : found) wanted[static_cast<std::size_t>(i)] = true;
  }
  if (!missing.empty()) return missing_columns(missing, schema);
  for (int i = 0; i < schema.num_columns(); ++i) {
    if (wanted[static_cast<std::size_t>(i)]) out.leaves.push_back(make_leaf(schema, i, names.name_of(i)));
  }
  out.type_difference = find_differences(out.leaves, selection);
  return out;
}

}  // namespace

Result<FileSchema> read_schema(Bytes footer, const Selection& selection) {
  if (schema_depth(footer) > kMaxSchemaDepth) {
    return make_error(Code::kUnsupported,
                      "its schema is nested more than {} levels deep, which is the most that stoker reads",
                      kMaxSchemaDepth);
  }
  try {
    const auto metadata = make_metadata(footer);
    return select(*metadata->schema(), selection);
  } catch (const std::exception& e) {
    return make_error(Code::kCorrupt, "the schema cannot be read: {}", e.what());
  }
}

bool writes_short_chunks(const std::string& created_by) {
  try {
    return ::parquet::ApplicationVersion(created_by)
        .VersionLt(::parquet::ApplicationVersion::PARQUET_816_FIXED_VERSION());
  } catch (const std::exception&) {
    return false;
  }
}

void promise_fixed_lists(Bytes footer, const std::string& arrow_schema, std::vector<Leaf>& leaves) {
  if (arrow_schema.empty()) return;
  try {
    const auto metadata = make_metadata(footer);
    const auto keys = std::make_shared<::arrow::KeyValueMetadata>(std::vector<std::string>{"ARROW:schema"},
                                                                  std::vector<std::string>{arrow_schema});
    std::shared_ptr<::arrow::Schema> schema;
    if (!::parquet::arrow::FromParquetSchema(metadata->schema(), ::parquet::default_arrow_reader_properties(), keys,
                                             &schema)
             .ok()) {
      return;
    }
    for (Leaf& leaf : leaves) {
      const auto field = schema->GetFieldByName(leaf.root);
      if (leaf.max_repetition != 1 || field == nullptr || field->type()->id() != ::arrow::Type::FIXED_SIZE_LIST)
        continue;
      const auto& list = static_cast<const ::arrow::FixedSizeListType&>(*field->type());
      if (list.list_size() > 0 && list.value_type()->num_fields() == 0) {
        leaf.list_size = static_cast<std::uint64_t>(list.list_size());
      }
    }
  } catch (const std::exception&) {
    return;
  }
}

Result<std::shared_ptr<::parquet::FileMetaData>> read_arrow_metadata(Bytes footer) {
  try {
    return make_metadata(footer);
  } catch (const std::exception& e) {
    return make_error(Code::kCorrupt, "Arrow cannot read the footer: {}", e.what());
  }
}

}  // namespace stoker::format::parquet
