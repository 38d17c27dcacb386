#include "data/format/parquet/read/arrow_columns.h"

#include <arrow/array.h>
#include <arrow/extension_type.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <parquet/arrow/schema.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "data/format/parquet/read/page_cuts.h"

namespace stoker::format::parquet {
namespace {

using ::parquet::arrow::SchemaField;

// What lies at a node of the schema, in row order: an element of the node's array, or nothing, from a certain
// definition level on.
struct Entries {
  static constexpr std::int64_t kNone = -1;
  std::vector<std::int64_t> slots;  // into the node's array; kNone: missing
  std::vector<std::int16_t> definition, repetition;

  void add(std::int64_t slot, int definition_level, int repetition_level) {
    slots.push_back(slot);
    definition.push_back(static_cast<std::int16_t>(definition_level));
    repetition.push_back(static_cast<std::int16_t>(repetition_level));
  }
};

// The column being made of one leaf.
struct Column {
  const Leaf* leaf = nullptr;
  ColumnView* view = nullptr;
  std::vector<std::byte>* values = nullptr;
  std::uint64_t elements = 0;
};

Error unknown_type(const ::arrow::Array& array) {
  return make_error(Code::kUnsupported, "Arrow makes {} of it, which is not compared here", array.type()->ToString());
}

// An INT96 as others write it: nanoseconds of the day, Julian day.
std::array<std::byte, 12> int96_of(std::int64_t nanoseconds) {
  constexpr std::int64_t kEpochDay = 2'440'588, kDay = 86'400'000'000'000;
  std::int64_t day = nanoseconds / kDay;
  if (nanoseconds % kDay < 0) --day;
  const std::int64_t of_day = nanoseconds - day * kDay;
  const auto julian = static_cast<std::int32_t>(day + kEpochDay);
  std::array<std::byte, 12> out{};
  std::memcpy(out.data(), &of_day, sizeof of_day);
  std::memcpy(out.data() + sizeof of_day, &julian, sizeof julian);
  return out;
}

// Appends values one by one, in the column's own type.
class Gather {
 public:
  explicit Gather(Column& column) : column_(column), leaf_(*column.leaf) {}

  Status add(const ::arrow::Array& array, const std::vector<std::int64_t>& slots) {
    switch (array.type_id()) {
      case ::arrow::Type::NA: return {};
      case ::arrow::Type::EXTENSION: return add(*static_cast<const ::arrow::ExtensionArray&>(array).storage(), slots);
      case ::arrow::Type::DICTIONARY: return add_indices(static_cast<const ::arrow::DictionaryArray&>(array), slots);
      case ::arrow::Type::BOOL:
        for (const std::int64_t i : slots) put(static_cast<const ::arrow::BooleanArray&>(array).Value(i));
        return {};
      case ::arrow::Type::STRING:
      case ::arrow::Type::BINARY: return add_texts<::arrow::BinaryArray>(array, slots);
      case ::arrow::Type::LARGE_STRING:
      case ::arrow::Type::LARGE_BINARY: return add_texts<::arrow::LargeBinaryArray>(array, slots);
      case ::arrow::Type::STRING_VIEW:
      case ::arrow::Type::BINARY_VIEW: return add_texts<::arrow::BinaryViewArray>(array, slots);
      default: return add_fixed(array, slots);
    }
  }

 private:
  void put(bool value) {
    column_.values->push_back(static_cast<std::byte>(value));
    ++column_.elements;
  }
  void put(const std::byte* at, std::size_t bytes) {
    column_.values->insert(column_.values->end(), at, at + bytes);
    ++column_.elements;
    if (leaf_.is_bytes()) column_.view->lengths.push_back(static_cast<std::uint32_t>(bytes));
  }

  Status add_indices(const ::arrow::DictionaryArray& array, const std::vector<std::int64_t>& slots) {
    std::vector<std::int64_t> places;
    places.reserve(slots.size());
    for (const std::int64_t i : slots) places.push_back(array.GetValueIndex(i));
    return add(*array.dictionary(), places);
  }

  template <class Texts>
  Status add_texts(const ::arrow::Array& array, const std::vector<std::int64_t>& slots) {
    if (!leaf_.is_bytes()) return unknown_type(array);
    for (const std::int64_t i : slots) {
      const std::string_view text = static_cast<const Texts&>(array).GetView(i);
      put(reinterpret_cast<const std::byte*>(text.data()), text.size());
    }
    return {};
  }

  Status add_fixed(const ::arrow::Array& array, const std::vector<std::int64_t>& slots) {
    const auto* type = dynamic_cast<const ::arrow::FixedWidthType*>(array.type().get());
    const ::arrow::ArrayData& data = *array.data();
    if (type == nullptr || type->bit_width() % 8 != 0 || data.buffers.size() != 2) return unknown_type(array);
    const auto width = static_cast<std::size_t>(type->bit_width() / 8);
    // An array without elements may have no memory.
    if (slots.empty()) return {};
    const auto* values = reinterpret_cast<const std::byte*>(data.buffers[1]->data());
    for (const std::int64_t i : slots) {
      STOKER_TRY(add_number(array, values + static_cast<std::size_t>(array.offset() + i) * width, width));
    }
    return {};
  }

  // One value of `width` bytes in little endian.
  Status add_number(const ::arrow::Array& array, const std::byte* at, std::size_t width) {
    if (::arrow::is_decimal(array.type_id())) return add_decimal(array, at, width);
    if (leaf_.physical == Physical::kInt96) {
      std::int64_t nanoseconds = 0;
      if (array.type_id() != ::arrow::Type::TIMESTAMP || width != sizeof nanoseconds) return unknown_type(array);
      std::memcpy(&nanoseconds, at, width);
      const auto int96 = int96_of(nanoseconds);
      put(int96.data(), int96.size());
      return {};
    }
    if (width == leaf_.width) {
      put(at, width);
      return {};
    }
    // Arrow's own schema makes the 64 bits that old writers spend on uint32 32 again.
    if (array.type_id() != ::arrow::Type::UINT32 || leaf_.width != sizeof(std::uint64_t)) return unknown_type(array);
    std::array<std::byte, sizeof(std::uint64_t)> wide{};
    std::memcpy(wide.data(), at, width);
    put(wide.data(), wide.size());
    return {};
  }

  Status add_decimal(const ::arrow::Array& array, const std::byte* at, std::size_t width) {
    const std::size_t bytes = leaf_.is_bytes() ? width : leaf_.width;
    std::vector<std::byte> out(bytes, (at[width - 1] & std::byte{0x80}) != std::byte{} ? std::byte{0xFF} : std::byte{});
    std::memcpy(out.data(), at, std::min(bytes, width));
    const bool is_number = leaf_.physical == Physical::kInt32 || leaf_.physical == Physical::kInt64;
    if (is_number == (leaf_.is_bytes() || leaf_.physical == Physical::kFixed)) return unknown_type(array);
    if (!is_number) std::ranges::reverse(out);
    put(out.data(), out.size());
    return {};
  }

  Column& column_;
  const Leaf& leaf_;
};

// Goes down from a field of the table to its leaves.
class Walk {
 public:
  explicit Walk(std::vector<Column>& columns) : columns_(columns) {}

  Status run(const SchemaField& field, const ::arrow::Array& array) {
    Entries rows;
    for (std::int64_t i = 0; i < array.length(); ++i) rows.add(i, 0, 0);
    return node(field, array, rows);
  }

 private:
  Status node(const SchemaField& field, const ::arrow::Array& array, const Entries& at) {
    if (field.is_leaf()) return leaf(field, array, at);
    switch (array.type_id()) {
      case ::arrow::Type::STRUCT: return record(field, static_cast<const ::arrow::StructArray&>(array), at);
      case ::arrow::Type::LIST:
      case ::arrow::Type::MAP: return list(field, static_cast<const ::arrow::ListArray&>(array), at);
      case ::arrow::Type::LARGE_LIST: return list(field, static_cast<const ::arrow::LargeListArray&>(array), at);
      case ::arrow::Type::FIXED_SIZE_LIST:
        return list(field, static_cast<const ::arrow::FixedSizeListArray&>(array), at);
      case ::arrow::Type::EXTENSION:
        return node(field, *static_cast<const ::arrow::ExtensionArray&>(array).storage(), at);
      default: return unknown_type(array);
    }
  }

  // The entries again, those whose element is null being missing from `level` on.
  static Entries without_nulls(const ::arrow::Array& array, const Entries& at, int level) {
    Entries out = at;
    for (std::size_t i = 0; i < at.slots.size(); ++i) {
      if (at.slots[i] == Entries::kNone || !array.IsNull(at.slots[i])) continue;
      out.slots[i] = Entries::kNone;
      out.definition[i] = static_cast<std::int16_t>(level);
    }
    return out;
  }

  Status record(const SchemaField& field, const ::arrow::StructArray& array, const Entries& at) {
    const Entries inside = without_nulls(array, at, field.level_info.def_level - 1);
    const bool all = static_cast<std::size_t>(array.num_fields()) == field.children.size();
    for (std::size_t c = 0; c < field.children.size(); ++c) {
      const SchemaField& child = field.children[c];
      // Of a struct that was read in part the others are not there.
      const int place = all ? static_cast<int>(c) : array.struct_type()->GetFieldIndex(child.field->name());
      if (place >= 0) STOKER_TRY(node(child, *array.field(place), inside));
    }
    return {};
  }

  template <class List>
  Status list(const SchemaField& field, const List& array, const Entries& at) {
    // From this level on there is an element; at the one before, the list is empty.
    const int filled = field.level_info.def_level;
    const Entries lists = without_nulls(array, at, filled - 2);
    Entries inside;
    for (std::size_t i = 0; i < lists.slots.size(); ++i) {
      const std::int64_t slot = lists.slots[i];
      const std::int64_t length = slot == Entries::kNone ? 0 : array.value_length(slot);
      if (length == 0) {
        inside.add(Entries::kNone, slot == Entries::kNone ? lists.definition[i] : filled - 1, lists.repetition[i]);
        continue;
      }
      const std::int64_t first = array.value_offset(slot);
      for (std::int64_t k = 0; k < length; ++k) {
        inside.add(first + k, 0, k == 0 ? lists.repetition[i] : field.level_info.rep_level);
      }
    }
    return node(field.children[0], *array.values(), inside);
  }

  Status leaf(const SchemaField& field, const ::arrow::Array& array, const Entries& at) {
    const auto column = std::ranges::find_if(
        columns_, [&](const Column& c) { return c.leaf->column == static_cast<std::uint32_t>(field.column_index); });
    if (column == columns_.end()) return {};
    const Entries inside = without_nulls(array, at, field.level_info.def_level - 1);
    std::vector<std::int64_t> present;
    ColumnView& view = *column->view;
    for (std::size_t i = 0; i < inside.slots.size(); ++i) {
      const bool there = inside.slots[i] != Entries::kNone;
      if (there) present.push_back(inside.slots[i]);
      if (view.max_definition_level > 0)
        view.definition_levels.push_back(there ? view.max_definition_level : inside.definition[i]);
      if (view.max_repetition_level > 0) view.repetition_levels.push_back(inside.repetition[i]);
    }
    auto added = Gather(*column).add(array, present);
    if (!added) return std::move(added).error().with_context(fmt::format("column '{}'", column->leaf->name));
    return {};
  }

  std::vector<Column>& columns_;
};

}  // namespace

Status ArrowColumns::make(const ::arrow::Table& table, const ::parquet::arrow::SchemaManifest& manifest,
                          std::span<const Leaf> leaves, std::vector<ColumnView>& out) {
  out.assign(leaves.size(), {});
  values_.assign(leaves.size(), {});
  std::vector<Column> columns;
  std::vector<int> numbers;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    out[i].name = leaves[i].name;
    out[i].width = leaves[i].width;
    out[i].max_definition_level = leaves[i].max_definition;
    out[i].max_repetition_level = leaves[i].max_repetition;
    columns.push_back({.leaf = &leaves[i], .view = &out[i], .values = &values_[i]});
    numbers.push_back(static_cast<int>(leaves[i].column));
  }
  const auto fields = manifest.GetFieldIndices(numbers);
  if (!fields.ok() || fields->size() != static_cast<std::size_t>(table.num_columns()))
    return make_error(Code::kInternal, "Arrow's table does not have the columns that were asked for");
  Walk walk(columns);
  for (std::size_t f = 0; f < fields->size(); ++f) {
    const SchemaField& field = manifest.schema_fields[static_cast<std::size_t>((*fields)[f])];
    for (const auto& piece : table.column(static_cast<int>(f))->chunks()) STOKER_TRY(walk.run(field, *piece));
  }
  for (const Column& column : columns) {
    if (column.elements > 0) column.view->segments.push_back({.values = *column.values, .elements = column.elements});
    drop_plain_levels(static_cast<std::uint64_t>(table.num_rows()), *column.view);
  }
  return {};
}

}  // namespace stoker::format::parquet
