#include "data/format/tfrecord/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>

#include "base/checksum.h"
#include "base/printable.h"

namespace stoker::format::tfrecord {
namespace {

static_assert(std::endian::native == std::endian::little);

// Numbers of fields and wire types, as tags: field << 3 | type.
constexpr unsigned kBytesType = 2;
constexpr unsigned tag(unsigned field) {
  return field << 3U | kBytesType;
}
constexpr unsigned kFeatures = tag(1);                        // of an Example
constexpr unsigned kEntry = tag(1);                           // of Features
constexpr unsigned kKey = tag(1), kValue = tag(2);            // of an entry
constexpr unsigned kBytesList = tag(1), kInt64List = tag(3);  // of a Feature
constexpr unsigned kListValue = tag(1);                       // of either list; numbers are packed

std::string varint(std::uint64_t number) {
  std::string out;
  while (number >= 0x80) {
    out += static_cast<char>(number | 0x80U);
    number >>= 7U;
  }
  out += static_cast<char>(number);
  return out;
}

// Tag and length of a field of that many bytes.
std::string head(unsigned field_tag, std::uint64_t bytes) {
  return static_cast<char>(field_tag) + varint(bytes);
}

std::string field(unsigned field_tag, const std::string& content) {
  return head(field_tag, content.size()) + content;
}

template <class T>
std::string as_bytes(T number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

template <class T>
T load(Bytes bytes) {
  T number{};
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

Error no_example(std::string_view why) {
  return make_error(Code::kCorrupt, "the record is no Example: {}", why);
}

// Reads the fields of a message one after the other.
class Fields {
 public:
  explicit Fields(Bytes message) : rest_(message) {}
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  struct Field {
    std::uint64_t tag = 0;
    Bytes bytes;  // of type 2; empty for others, which are stepped over
  };
  Result<Field> next() {
    STOKER_ASSIGN(const std::uint64_t field_tag, number());
    switch (field_tag & 7U) {
      case 0: {
        STOKER_TRY(number());
        return Field{field_tag, {}};
      }
      case 1: return take(field_tag, 8, false);
      case 5: return take(field_tag, 4, false);
      case kBytesType: {
        STOKER_ASSIGN(const std::uint64_t bytes, number());
        return take(field_tag, bytes, true);
      }
      default: return no_example(fmt::format("a field of type {}", field_tag & 7U));
    }
  }

 private:
  Result<std::uint64_t> number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(rest_.front());
      rest_ = rest_.subspan(1);
      value |= (byte & 0x7FU) << shift;
      if (byte < 0x80) return value;
    }
    return no_example(rest_.empty() ? "it ends within a number" : "a number of more than 64 bits");
  }

  Result<Field> take(std::uint64_t field_tag, std::uint64_t bytes, bool keep) {
    if (bytes > rest_.size())
      return no_example(fmt::format("a field of {} bytes, but only {} are left", bytes, rest_.size()));
    const Bytes content = rest_.first(static_cast<std::size_t>(bytes));
    rest_ = rest_.subspan(static_cast<std::size_t>(bytes));
    return Field{field_tag, keep ? content : Bytes{}};
  }

  Bytes rest_;
};

struct Entry {
  std::string_view key;
  Bytes feature;
};

Result<Entry> read_entry(Bytes message) {
  Entry entry;
  for (Fields fields(message); !fields.at_end();) {
    STOKER_ASSIGN(const Fields::Field one, fields.next());
    if (one.tag == kKey) entry.key = {reinterpret_cast<const char*>(one.bytes.data()), one.bytes.size()};
    if (one.tag == kValue) entry.feature = one.bytes;
  }
  return entry;
}

Result<Bytes> only_bytes_of(Bytes feature) {
  Bytes found;
  std::uint64_t count = 0;
  for (Fields fields(feature); !fields.at_end();) {
    STOKER_ASSIGN(const Fields::Field list, fields.next());
    if (list.tag != kBytesList) continue;
    for (Fields values(list.bytes); !values.at_end();) {
      STOKER_ASSIGN(const Fields::Field value, values.next());
      if (value.tag != kListValue) continue;
      found = value.bytes;
      ++count;
    }
  }
  if (count == 1) return found;
  return make_error(Code::kUnsupported, "feature '{}' has {} values of bytes, expected 1", kFeature, count);
}

}  // namespace

RecordLayout::RecordLayout(std::uint64_t sample_bytes) : sample_bytes_(sample_bytes) {
  // From the inside out: what stands in front of the sample needs the lengths of all that it is in.
  const std::string value = head(kListValue, sample_bytes);
  const std::uint64_t list_bytes = value.size() + sample_bytes;
  const std::string list = head(kBytesList, list_bytes);
  const std::uint64_t feature_bytes = list.size() + list_bytes;
  const std::string key = field(kKey, std::string(kFeature)) + head(kValue, feature_bytes);
  const std::uint64_t entry_bytes = key.size() + feature_bytes;
  const std::string entry = head(kEntry, entry_bytes);
  const std::string size = field(kInt64List, field(kListValue, varint(sample_bytes)));
  after_ = field(kEntry, field(kKey, "size") + field(kValue, size));
  const std::uint64_t features_bytes = entry.size() + entry_bytes + after_.size();
  before_ = head(kFeatures, features_bytes) + entry + key + list + value;
  header_ = as_bytes(payload_bytes());
  header_ += as_bytes(masked(crc32c(std::as_bytes(std::span(header_)))));
}

Result<std::uint64_t> payload_bytes(Bytes header) {
  const auto found = load<std::uint32_t>(header.subspan(sizeof(std::uint64_t)));
  const std::uint32_t crc = masked(crc32c(header.first(sizeof(std::uint64_t))));
  if (found == crc) return load<std::uint64_t>(header);
  return make_error(Code::kCorrupt, "the record's length has the masked CRC-32C {:08x}, expected {:08x}", found, crc);
}

Status check_payload(Bytes payload, Bytes stored_crc) {
  const auto found = load<std::uint32_t>(stored_crc);
  const std::uint32_t crc = masked(crc32c(payload));
  if (found == crc) return {};
  return make_error(Code::kCorrupt, "the record's payload has the masked CRC-32C {:08x}, but {:08x} is stored", crc,
                    found);
}

Result<Bytes> image_of(Bytes payload) {
  std::array<std::string_view, 5> others;
  std::size_t count = 0;
  for (Fields example(payload); !example.at_end();) {
    STOKER_ASSIGN(const Fields::Field features, example.next());
    if (features.tag != kFeatures) continue;
    for (Fields entries(features.bytes); !entries.at_end();) {
      STOKER_ASSIGN(const Fields::Field one, entries.next());
      if (one.tag != kEntry) continue;
      STOKER_ASSIGN(const Entry entry, read_entry(one.bytes));
      if (entry.key == kFeature) return only_bytes_of(entry.feature);
      if (count < others.size()) others[count] = entry.key;
      ++count;
    }
  }
  std::string there;
  for (std::size_t i = 0; i < std::min(count, others.size()); ++i) {
    constexpr std::size_t kMost = 64;
    there += fmt::format("{}{}", i == 0 ? "; it has: " : ", ", printable_line(others[i].substr(0, kMost)));
  }
  return Error{.code = Code::kUnsupported,
               .message = fmt::format("a record without the feature '{}'{}", kFeature, there),
               .hint = "records are those of DLIO: an Example whose feature 'image' is the sample"};
}

}  // namespace stoker::format::tfrecord
