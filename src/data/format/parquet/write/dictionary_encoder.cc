#include "data/format/parquet/write/dictionary_encoder.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "data/format/parquet/write/value_encoder.h"

namespace stoker::format::parquet {
namespace {

// As many as the distinct values of 4 bytes that fill a dictionary: 1 MiB of numbers.
constexpr std::size_t kKnownNumbers = DictionaryEncoder::kLimitBytes / sizeof(std::uint32_t);

// Room in the table at the start of a chunk: enough for every 16-bit value. It grows when there are more.
constexpr std::uint64_t kExpectedValues = 65536;

constexpr std::uint64_t kPieceValues = 1024;
constexpr std::uint64_t kPieceBytes = std::uint64_t{64} * 1024;

// Packs numbers of `bits` bits from the lowest bit up.
class BitPacker {
 public:
  BitPacker(unsigned bits, ByteTarget& target) : bits_(bits), target_(target) {}

  Status add(std::span<const std::uint32_t> numbers) {
    STOKER_CHECK(numbers.size() <= kPieceValues);
    std::array<std::byte, (kPieceValues + 1) * sizeof(std::uint32_t)> out;
    std::size_t used = 0;
    for (const std::uint32_t number : numbers) {
      pending_ |= std::uint64_t{number} << pending_bits_;
      pending_bits_ += bits_;
      if (pending_bits_ >= 32) {
        const auto word = static_cast<std::uint32_t>(pending_);
        std::memcpy(out.data() + used, &word, sizeof(word));
        used += sizeof(word);
        pending_ >>= 32;
        pending_bits_ -= 32;
      }
    }
    return target_.put(Bytes(out).first(used));
  }
  // A whole number of bytes is pending: packed runs hold groups of 8.
  Status finish() {
    STOKER_CHECK(pending_bits_ % 8 == 0);
    return target_.put(std::as_bytes(std::span(&pending_, 1)).first(pending_bits_ / 8));
  }

 private:
  unsigned bits_;
  ByteTarget& target_;
  std::uint64_t pending_ = 0;
  unsigned pending_bits_ = 0;
};

}  // namespace

void DictionaryEncoder::begin(const Column& column, std::uint64_t key, std::uint64_t first, std::uint64_t elements) {
  column_ = &column;
  key_ = key;
  first_ = first;
  const std::size_t width = column.layout == Layout::kFixed ? value_bytes(column.values) : 0;
  table_.begin(width, std::min(elements, kExpectedValues));
  known_.clear();
}

template <class Visit>
Status DictionaryEncoder::for_numbers(std::uint64_t at, std::uint64_t count, Visit visit) {
  // A few values at a time, and at least one however large it is.
  const std::uint64_t most =
      std::clamp<std::uint64_t>(kPieceBytes / ValueEncoder::max_plain_bytes(*column_, 1), 1, kPieceValues);
  std::array<std::uint32_t, kPieceValues> numbers;
  for (std::uint64_t done = 0; done < count;) {
    const std::uint64_t n = std::min(most, count - done);
    const auto these = std::span(numbers).first(n);
    piece_.begin(ValueEncoder::max_plain_bytes(*column_, n));
    STOKER_TRY(ValueEncoder::put_plain(*column_, key_, first_ + at + done, n, piece_));
    if (column_->layout == Layout::kFixed) {
      table_.find_or_add(piece_.bytes().data(), these);
    } else {
      Bytes rest = piece_.bytes();
      for (std::uint32_t& number : these) {
        std::uint32_t length;
        std::memcpy(&length, rest.data(), sizeof(length));
        number = table_.find_or_add(rest.first(sizeof(length) + length));
        rest = rest.subspan(sizeof(length) + length);
      }
    }
    STOKER_TRY(visit(these));
    done += n;
  }
  return {};
}

Status DictionaryEncoder::collect(std::uint64_t at, std::uint64_t count) {
  return for_numbers(at, count, [&](std::span<const std::uint32_t> numbers) -> Status {
    const std::size_t n = std::min(numbers.size(), kKnownNumbers - known_.size());
    known_.insert(known_.end(), numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(n));
    return {};
  });
}

Status DictionaryEncoder::put_indices(std::uint64_t at, std::uint64_t count, ByteTarget& target) {
  STOKER_TRY(ValueEncoder::put_index_head(count, index_bits(), target));
  BitPacker packer(index_bits(), target);
  std::uint64_t done = 0;
  while (done < count && at + done < known_.size()) {
    const std::uint64_t n = std::min({count - done, known_.size() - (at + done), kPieceValues});
    STOKER_TRY(packer.add(std::span(known_).subspan(at + done, n)));
    done += n;
  }
  if (done < count) {
    STOKER_TRY(for_numbers(at + done, count - done,
                           [&](std::span<const std::uint32_t> numbers) { return packer.add(numbers); }));
  }
  constexpr std::array<std::uint32_t, 8> kZeros{};
  STOKER_TRY(packer.add(std::span(kZeros).first((8 - count % 8) % 8)));
  return packer.finish();
}

}  // namespace stoker::format::parquet
