#include "base/checksum.h"

#include <isa-l/crc.h>
#include <xxhash.h>

#include <algorithm>
#include <new>

#include "base/checksum_internal.h"

namespace stoker {

namespace internal {

const ChecksumFunctions& portable_checksum() {
  static constexpr ChecksumFunctions kFunctions{
      .name = "library",
      .update =
          [](void* state, const void* data, std::size_t bytes) {
            static_cast<void>(XXH3_64bits_update(static_cast<XXH3_state_t*>(state), data, bytes));
          },
      .whole = [](const void* data, std::size_t bytes) -> std::uint64_t { return XXH3_64bits(data, bytes); }};
  return kFunctions;
}

}  // namespace internal

namespace {

const internal::ChecksumFunctions& functions() {
  static const internal::ChecksumFunctions& chosen =
      internal::avx2_checksum() != nullptr ? *internal::avx2_checksum() : internal::portable_checksum();
  return chosen;
}

}  // namespace

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
  functions().update(state_.get(), data.data(), data.size());
}

std::uint64_t Checksum::value() const {
  return XXH3_64bits_digest(state_.get());
}

std::uint64_t checksum(Bytes data) {
  return functions().whole(data.data(), data.size());
}

namespace {

// ISA-L takes a number for the length that is not always 64 bits wide, and does not write where its pointer leads.
template <class Function>
std::uint32_t in_parts(Bytes data, std::uint32_t crc, const Function& function) {
  constexpr std::size_t kMost = std::size_t{1} << 30;
  while (!data.empty()) {
    const Bytes part = data.first(std::min(data.size(), kMost));
    crc = function(const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(part.data())), part.size(), crc);
    data = data.subspan(part.size());
  }
  return crc;
}

}  // namespace

std::uint32_t crc32(Bytes data, std::uint32_t before) {
  return in_parts(data, before, [](unsigned char* bytes, std::size_t n, std::uint32_t crc) {
    return crc32_gzip_refl(crc, bytes, n);
  });
}

std::uint32_t crc32c(Bytes data, std::uint32_t before) {
  return ~in_parts(data, ~before, [](unsigned char* bytes, std::size_t n, std::uint32_t crc) {
    return crc32_iscsi(bytes, static_cast<int>(n), crc);
  });
}

}  // namespace stoker
