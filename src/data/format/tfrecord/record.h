// The bytes of a TFRecord file: records one after the other, each
//
//     8 bytes  length of the payload, little endian
//     4 bytes  masked CRC-32C of those 8
//     ...      payload
//     4 bytes  masked CRC-32C of the payload
//
// and what DLIO puts into them: an Example, which is a map of features as Protocol Buffers write it, with the sample's
// bytes as `image` and their number as `size`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"

namespace stoker::format::tfrecord {

inline constexpr std::string_view kFeature = "image";
inline constexpr std::uint64_t kHeaderBytes = 12;
inline constexpr std::uint64_t kFramingBytes = kHeaderBytes + 4;

// A CRC of bytes that hold a CRC says little; so it is stored turned and moved.
[[nodiscard]] constexpr std::uint32_t masked(std::uint32_t crc) {
  return ((crc >> 15U) | (crc << 17U)) + 0xa282ead8U;
}

// The record of a sample of `sample_bytes`, but for its values and the CRC of the payload.
class RecordLayout {
 public:
  explicit RecordLayout(std::uint64_t sample_bytes);
  [[nodiscard]] const std::string& header() const { return header_; }  // length and its CRC
  [[nodiscard]] const std::string& before() const { return before_; }  // of the payload, in front of the sample
  [[nodiscard]] const std::string& after() const { return after_; }    // and behind it
  [[nodiscard]] std::uint64_t payload_bytes() const { return before_.size() + sample_bytes_ + after_.size(); }
  [[nodiscard]] std::uint64_t record_bytes() const { return payload_bytes() + kFramingBytes; }

 private:
  std::uint64_t sample_bytes_;
  std::string header_, before_, after_;
};

// The length of the payload that the 12 bytes of a header tell. Code::kCorrupt when their CRC is another.
[[nodiscard]] Result<std::uint64_t> payload_bytes(Bytes header);
// Whether the payload's CRC is the one stored in the 4 bytes behind it.
[[nodiscard]] Status check_payload(Bytes payload, Bytes stored_crc);
// The bytes of feature `image`. Code::kUnsupported for an Example without it, or with several values in it; kCorrupt
// for what is no Example.
[[nodiscard]] Result<Bytes> image_of(Bytes payload);

}  // namespace stoker::format::tfrecord
