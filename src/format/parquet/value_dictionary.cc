#include "format/parquet/value_dictionary.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"
#include "base/hash.h"

namespace stoker::format::parquet {
namespace {

constexpr std::size_t kFirstSlots = 1024;  // a power of two

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

void ValueDictionary::clear() {
  bytes_.clear();
  ends_.clear();
  slots_.assign(kFirstSlots, 0);
}

Bytes ValueDictionary::value(std::uint32_t index) const {
  const std::uint64_t begin = index == 0 ? 0 : ends_[index - 1];
  return Bytes(bytes_).subspan(begin, ends_[index] - begin);
}

std::size_t ValueDictionary::slot_of(Bytes wanted) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash_of(wanted) & mask;; at = (at + 1) & mask) {
    if (slots_[at] == 0) return at;
    const Bytes there = value(slots_[at] - 1);
    if (there.size() == wanted.size() && std::memcmp(there.data(), wanted.data(), wanted.size()) == 0) return at;
  }
}

void ValueDictionary::grow() {
  slots_.assign(slots_.size() * 2, 0);
  for (std::uint32_t i = 0; i < ends_.size(); ++i) slots_[slot_of(value(i))] = i + 1;
}

std::uint32_t ValueDictionary::find_or_add(Bytes wanted) {
  std::size_t at = slot_of(wanted);
  if (slots_[at] != 0) return slots_[at] - 1;
  if (2 * (ends_.size() + 1) > slots_.size()) {
    grow();
    at = slot_of(wanted);
  }
  bytes_.insert(bytes_.end(), wanted.begin(), wanted.end());
  ends_.push_back(bytes_.size());
  slots_[at] = static_cast<std::uint32_t>(ends_.size());
  return slots_[at] - 1;
}

std::uint32_t ValueDictionary::find(Bytes wanted) const {
  const std::size_t at = slot_of(wanted);
  STOKER_CHECK(slots_[at] != 0);
  return slots_[at] - 1;
}

unsigned ValueDictionary::index_bits() const {
  return std::max(1U, static_cast<unsigned>(std::bit_width(ends_.empty() ? 0 : ends_.size() - 1)));
}

}  // namespace stoker::format::parquet
