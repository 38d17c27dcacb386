#include "base/checksum.h"

#include <libdeflate.h>
#include <xxhash.h>

#include <new>

namespace stoker {

Checksum::Checksum() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_64bits_reset(state_.get());
}
Checksum::~Checksum() = default;
Checksum::Checksum(Checksum&&) noexcept = default;
Checksum& Checksum::operator=(Checksum&&) noexcept = default;

void Checksum::Free::operator()(XXH3_state_s* state) const {
  XXH3_freeState(state);
}

void Checksum::add(Bytes data) {
  XXH3_64bits_update(state_.get(), data.data(), data.size());
}

std::uint64_t Checksum::value() const {
  return XXH3_64bits_digest(state_.get());
}

std::uint64_t checksum(Bytes data) {
  return XXH3_64bits(data.data(), data.size());
}

std::uint32_t crc32(Bytes data, std::uint32_t before) {
  return libdeflate_crc32(before, data.data(), data.size());
}

}  // namespace stoker
