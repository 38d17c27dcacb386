#include "data/format/parquet/write/value_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"
#include "base/hash.h"

namespace stoker::format::parquet {
namespace {

constexpr std::size_t kLeastSlots = 1024;
constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;  // 2^64 / golden ratio: Fibonacci hashing takes the upper bits

std::uint64_t hash_of(Bytes value) {
  std::uint64_t h = value.size();
  while (!value.empty()) {
    std::uint64_t part = 0;
    const std::size_t n = std::min(value.size(), sizeof(part));
    std::memcpy(&part, value.data(), n);
    h = mix64(h ^ part);
    value = value.subspan(n);
  }
  return h;
}

}  // namespace

void ValueTable::begin(std::size_t width, std::size_t expected) {
  STOKER_CHECK(width <= sizeof(std::uint64_t));
  width_ = width;
  size_ = 0;
  bytes_.clear();
  ends_.clear();
  slots_.assign(std::bit_ceil(std::max(2 * expected, kLeastSlots)), Slot{});
  shift_ = 64 - std::countr_zero(slots_.size());
}

template <class Same, class Append>
[[gnu::always_inline]] inline std::uint32_t ValueTable::find_or_add(std::uint64_t tag, Same same, Append append) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = (tag * kGolden) >> shift_;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.number_plus_1 == 0) {
      slot = {tag, static_cast<std::uint32_t>(++size_)};
      append();
      if (2 * size_ > slots_.size()) grow();
      return static_cast<std::uint32_t>(size_ - 1);
    }
    if (slot.tag == tag && same(slot.number_plus_1 - 1)) return slot.number_plus_1 - 1;
  }
}

template <class Key>
void ValueTable::find_or_add_fixed(const std::byte* values, std::span<std::uint32_t> indices) {
  for (std::size_t i = 0; i < indices.size(); ++i) {
    Key key;
    std::memcpy(&key, values + i * sizeof(Key), sizeof(Key));
    indices[i] = find_or_add(
        key, [](std::uint32_t) { return true; },
        [&] {
          const std::size_t at = bytes_.size();
          bytes_.resize(at + sizeof(Key));
          std::memcpy(bytes_.data() + at, &key, sizeof(Key));
        });
  }
}

void ValueTable::find_or_add(const std::byte* values, std::span<std::uint32_t> indices) {
  switch (width_) {
    case 2: return find_or_add_fixed<std::uint16_t>(values, indices);
    case 4: return find_or_add_fixed<std::uint32_t>(values, indices);
    case 8: return find_or_add_fixed<std::uint64_t>(values, indices);
    default: STOKER_CHECK(false, "no column has values of that width");
  }
}

std::uint32_t ValueTable::find_or_add(Bytes value) {
  STOKER_CHECK(width_ == 0);
  return find_or_add(
      hash_of(value),
      [&](std::uint32_t number) {
        const std::uint64_t begin = number == 0 ? 0 : ends_[number - 1];
        return std::ranges::equal(Bytes(bytes_).subspan(begin, ends_[number] - begin), value);
      },
      [&] {
        bytes_.insert(bytes_.end(), value.begin(), value.end());
        ends_.push_back(bytes_.size());
      });
}

void ValueTable::grow() {
  std::vector<Slot> old(slots_.size() * 2, Slot{});
  old.swap(slots_);
  --shift_;
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.number_plus_1 == 0) continue;
    std::size_t at = (slot.tag * kGolden) >> shift_;
    while (slots_[at].number_plus_1 != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

unsigned ValueTable::index_bits() const {
  return std::max(1U, static_cast<unsigned>(std::bit_width(size_ == 0 ? 0 : size_ - 1)));
}

}  // namespace stoker::format::parquet
