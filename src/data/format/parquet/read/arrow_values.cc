#include "data/format/parquet/read/arrow_values.h"

#include <parquet/encoding.h>
#include <parquet/exception.h>
#include <parquet/schema.h>
#include <parquet/types.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <map>
#include <span>
#include <tuple>

#include "data/format/parquet/read/segments.h"
#include "data/format/parquet/wire/plain.h"

namespace stoker::format::parquet {
namespace {

// Values decoded at a time: bounds what a page that claims to have billions of them can make us allocate before it
// turns out to be a lie.
constexpr std::uint64_t kBatch = 4096;

// A decoder refers to its descriptor, for the width of fixed-size values.
struct Entry {
  std::unique_ptr<::parquet::ColumnDescriptor> column;
  std::unique_ptr<::parquet::Decoder> decoder;
};

Entry make_entry(const Leaf& leaf, PageEncoding encoding) {
  const auto type = static_cast<::parquet::Type::type>(leaf.physical);
  const int length = leaf.physical == Physical::kFixed ? static_cast<int>(leaf.stored_width) : -1;
  Entry entry;
  entry.column = std::make_unique<::parquet::ColumnDescriptor>(
      ::parquet::schema::PrimitiveNode::Make("values", ::parquet::Repetition::REQUIRED, type,
                                             ::parquet::ConvertedType::NONE, length),
      std::int16_t{0}, std::int16_t{0});
  entry.decoder = ::parquet::MakeDecoder(type, static_cast<::parquet::Encoding::type>(encoding), entry.column.get());
  return entry;
}

// Calls put(values) with the values [skip, skip + take), a batch at a time.
template <class DType, class Put>
void each_batch(::parquet::Decoder& untyped, std::uint64_t skip, std::uint64_t take, Put put) {
  using T = typename DType::c_type;
  auto& decoder = dynamic_cast<::parquet::TypedDecoder<DType>&>(untyped);
  std::array<T, kBatch> batch;
  while (take > 0) {
    const std::uint64_t n = std::min(kBatch, skip > 0 ? skip : take);
    const int got = decoder.Decode(batch.data(), static_cast<int>(n));
    if (got < 0 || static_cast<std::uint64_t>(got) != n)
      throw ::parquet::ParquetException("ends before its last value");
    if (skip > 0) {
      skip -= n;
      continue;
    }
    put(std::span<const T>(batch.data(), static_cast<std::size_t>(n)));
    take -= n;
  }
}

// What one call works on.
struct Job {
  const Leaf& leaf;
  ::parquet::Decoder& decoder;
  std::uint64_t skip, take;
  Arena& arena;
  std::vector<Segment>& segments;
  std::vector<std::uint32_t>& lengths;
};

template <class DType>
Status decode_fixed(const Job& job) {
  using T = typename DType::c_type;
  STOKER_ASSIGN(const MutBytes out, job.arena.allocate(job.take * job.leaf.width));
  std::byte* to = out.data();
  each_batch<DType>(job.decoder, job.skip, job.take, [&](std::span<const T> values) {
    const std::size_t bytes = values.size() * job.leaf.width;
    if constexpr (std::is_same_v<T, ::parquet::FixedLenByteArray>) {
      for (std::size_t i = 0; i < values.size(); ++i)
        std::memcpy(to + i * job.leaf.width, values[i].ptr, job.leaf.width);
    } else if (job.leaf.is_narrowed()) {
      narrow(std::as_bytes(values).data(), values.size(), job.leaf.width, to);
    } else {
      std::memcpy(to, values.data(), bytes);
    }
    to += bytes;
  });
  append_segment(job.segments, out, job.take);
  return {};
}

Status decode_texts(const Job& job) {
  Status status;
  each_batch<::parquet::ByteArrayType>(job.decoder, job.skip, job.take,
                                       [&](std::span<const ::parquet::ByteArray> values) {
                                         if (!status.has_value()) return;
                                         std::uint64_t total = 0;
                                         for (const auto& value : values) total += value.len;
                                         auto out = job.arena.allocate(total);
                                         if (!out) {
                                           status = std::move(out).error();
                                           return;
                                         }
                                         std::byte* to = out->data();
                                         for (const auto& value : values) {
                                           if (value.len > 0) std::memcpy(to, value.ptr, value.len);
                                           to += value.len;
                                           job.lengths.push_back(value.len);
                                         }
                                         append_segment(job.segments, *out, values.size());
                                       });
  return status;
}

Status decode_as(const Job& job) {
  switch (job.leaf.physical) {
    case Physical::kBoolean: return decode_fixed<::parquet::BooleanType>(job);
    case Physical::kInt32: return decode_fixed<::parquet::Int32Type>(job);
    case Physical::kInt64: return decode_fixed<::parquet::Int64Type>(job);
    case Physical::kInt96: return decode_fixed<::parquet::Int96Type>(job);
    case Physical::kFloat: return decode_fixed<::parquet::FloatType>(job);
    case Physical::kDouble: return decode_fixed<::parquet::DoubleType>(job);
    case Physical::kFixed: return decode_fixed<::parquet::FLBAType>(job);
    case Physical::kByteArray: return decode_texts(job);
  }
  return make_error(Code::kInternal, "has an unknown physical type");
}

}  // namespace

struct ArrowValues::Decoders {
  std::map<std::tuple<Physical, PageEncoding, std::uint32_t>, Entry> entries;
};

ArrowValues::ArrowValues() = default;
ArrowValues::~ArrowValues() = default;

Status ArrowValues::decode(const Leaf& leaf, PageEncoding encoding, Bytes in, std::uint64_t present, std::uint64_t skip,
                           std::uint64_t take, Arena& arena, std::vector<Segment>& segments,
                           std::vector<std::uint32_t>& lengths) {
  try {
    if (decoders_ == nullptr) decoders_ = std::make_unique<Decoders>();
    const auto key = std::make_tuple(leaf.physical, encoding, leaf.stored_width);
    auto at = decoders_->entries.find(key);
    if (at == decoders_->entries.end()) at = decoders_->entries.emplace(key, make_entry(leaf, encoding)).first;
    ::parquet::Decoder& decoder = *at->second.decoder;
    decoder.SetData(static_cast<int>(present), reinterpret_cast<const std::uint8_t*>(in.data()),
                    static_cast<int>(in.size()));
    return decode_as({leaf, decoder, skip, take, arena, segments, lengths});
  } catch (const std::exception& e) {
    // A decoder that threw half way is in no state to be used again.
    decoders_.reset();
    return make_error(Code::kCorrupt, "its values (encoding {}) cannot be decoded: {}",
                      static_cast<std::int32_t>(encoding), e.what());
  }
}

}  // namespace stoker::format::parquet
