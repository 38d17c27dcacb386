// One record a sample, and the text that says where each lies.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <string>

#include "base/checksum.h"
#include "config/sample_geometry.h"
#include "data/format/contents.h"
#include "data/format/samples.h"
#include "data/format/tfrecord/record.h"
#include "data/format/tfrecord/tfrecord_internal.h"

namespace stoker::format::tfrecord {
namespace {

Bytes bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// Passes on what a payload is made of, and sums it up while it is in the cache.
class SummedTarget final : public ByteTarget {
 public:
  explicit SummedTarget(ByteTarget& out) : out_(out) {}
  Result<MutBytes> reserve(std::size_t bytes) override {
    STOKER_ASSIGN(room_, out_.reserve(bytes));
    return room_;
  }
  void commit(std::size_t bytes) override {
    crc_ = crc32c(room_.first(bytes), crc_);
    out_.commit(bytes);
  }
  [[nodiscard]] std::uint32_t crc() const { return crc_; }

 private:
  ByteTarget& out_;
  MutBytes room_;
  std::uint32_t crc_ = 0;
};

class RecordWriter final : public FileWriter {
 public:
  explicit RecordWriter(const config::Dataset& dataset) : dataset_(dataset) {}

  Status write(const dataset::FileSpec& spec, io::Sink& file, const std::stop_token& stop) override {
    const SampleValues values(dataset_, spec);
    const RecordLayout layout(values.sample_bytes());
    out_.begin(file);
    for (std::uint64_t sample = 0; sample < values.samples(); ++sample) {
      STOKER_TRY(out_.put(bytes_of(layout.header())));
      SummedTarget payload(out_);
      STOKER_TRY(payload.put(bytes_of(layout.before())));
      STOKER_TRY(values.put(sample * values.sample_bytes(), values.sample_bytes(), payload, stop));
      STOKER_TRY(payload.put(bytes_of(layout.after())));
      const std::uint32_t crc = masked(payload.crc());
      STOKER_TRY(out_.put(std::as_bytes(std::span(&crc, 1))));
    }
    return out_.finish();
  }

 private:
  const config::Dataset dataset_;
  OutputBuffer out_;
};

// "<offset> <length>" and a line feed for each record.
class IndexText final : public FileContents {
 public:
  IndexText(std::uint64_t records, std::uint64_t record_bytes) : records_(records), record_bytes_(record_bytes) {}

  [[nodiscard]] std::uint64_t size() const override { return begin_of(records_); }

  void read(std::uint64_t offset, MutBytes into) const override {
    // The line that the first byte lies in.
    std::uint64_t low = 0;
    for (std::uint64_t high = records_; high - low > 1;) {
      const std::uint64_t middle = low + (high - low) / 2;
      (begin_of(middle) <= offset ? low : high) = middle;
    }
    std::uint64_t skip = offset - begin_of(low);
    while (!into.empty()) {
      fmt::memory_buffer line;
      fmt::format_to(std::back_inserter(line), "{} {}\n", low++ * record_bytes_, record_bytes_);
      const Bytes text = std::as_bytes(std::span(line.data(), line.size())).subspan(static_cast<std::size_t>(skip));
      const std::size_t n = std::min(text.size(), into.size());
      std::copy_n(text.begin(), n, into.begin());
      into = into.subspan(n);
      skip = 0;
    }
  }

 private:
  // Bytes of the first `line` lines.
  [[nodiscard]] std::uint64_t begin_of(std::uint64_t line) const {
    if (line == 0) return 0;
    // Each has a space, a line feed and the length; offsets have one digit, and one more from each power of ten on.
    std::uint64_t bytes = line * (2 + fmt::formatted_size("{}", record_bytes_) + 1);
    for (std::uint64_t power = 10; power <= (line - 1) * record_bytes_; power *= 10) {
      bytes += line - (power + record_bytes_ - 1) / record_bytes_;
      if (power > UINT64_MAX / 10) break;
    }
    return bytes;
  }

  const std::uint64_t records_, record_bytes_;
};

}  // namespace

Status validate(const config::Workload& workload) {
  // No message of Protocol Buffers is larger.
  constexpr std::uint64_t kMost = (std::uint64_t{1} << 31U) - 1;
  const std::uint64_t bytes = RecordLayout(config::largest_sample_bytes(workload.dataset)).payload_bytes();
  if (bytes > kMost) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format("dataset.record_length_bytes: a sample takes a record of {} bytes, expected at "
                                        "most {} for format tfrecord",
                                        bytes, kMost),
                 .hint = "choose smaller samples, or another format"};
  }
  return check_element_type(workload);
}

Result<std::unique_ptr<FileWriter>> make_writer(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return std::unique_ptr<FileWriter>(std::make_unique<RecordWriter>(workload.dataset));
}

Result<SizeRange> file_bytes(const config::Workload& workload, const dataset::FileSpec& spec) {
  STOKER_TRY(validate(workload));
  const std::uint64_t record = RecordLayout(config::sample_bytes(workload.dataset, spec.index)).record_bytes();
  const std::uint64_t bytes = spec.rows * record;
  return SizeRange{bytes, bytes};
}

Result<std::unique_ptr<FileContents>> make_side(const config::Workload& workload, const dataset::FileSpec& spec,
                                                std::size_t /*side*/) {
  const std::uint64_t record = RecordLayout(config::sample_bytes(workload.dataset, spec.index)).record_bytes();
  return std::unique_ptr<FileContents>(std::make_unique<IndexText>(spec.rows, record));
}

}  // namespace stoker::format::tfrecord
