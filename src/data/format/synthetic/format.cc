// Format `synthetic`: files that only exist (each holds its own number as text) and samples that cost nothing to read.
// A run over it shows what the client could do if storage and decoding took no time; `reader.data_loader: synthetic`
// reads any data set this way.
#include "data/format/format.h"

#include <array>
#include <limits>
#include <memory>
#include <span>
#include <string>

#include "data/format/file_info.h"

namespace stoker::format::synthetic {
namespace {

// The whole content of file `index`.
std::string text_of(std::uint64_t index) {
  return std::to_string(index);
}

class SyntheticWriter final : public FileWriter {
 public:
  Status write(const dataset::FileSpec& spec, io::Sink& out, const std::stop_token& /*stop*/) override {
    const std::string text = text_of(spec.index);
    return out.append(std::as_bytes(std::span(text)));
  }
};

// The one unit of a file, all of whose rows are there without being read.
class SyntheticFile final : public FileReader {
 public:
  explicit SyntheticFile(std::uint64_t rows) : units_{Unit{0, rows, 0}} {}
  [[nodiscard]] std::uint64_t rows() const override { return units_.front().rows; }
  [[nodiscard]] std::span<const Unit> units() const override { return units_; }
  [[nodiscard]] std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<Scratch>(); }
  Status plan(const ChunkRows& rows, ReadPlan& plan) const override {
    plan.begin(rows);
    return plan.finish(1);
  }
  Status decompress(const Fetched& /*fetched*/, Scratch& /*scratch*/) const override { return {}; }
  Status decode(const Fetched& fetched, Scratch& /*scratch*/, Chunk& chunk) const override {
    chunk = Chunk{.rows = fetched.plan.rows().rows, .useful_bytes = 0, .columns = {}};
    return {};
  }

 private:
  std::array<Unit, 1> units_;
};

class SyntheticReader final : public FormatReader {
 public:
  explicit SyntheticReader(std::uint64_t rows) : rows_(rows) {}
  Result<std::unique_ptr<FileReader>> open(const io::Path& /*path*/, io::ReadObserver* /*observer*/) override {
    return std::unique_ptr<FileReader>(std::make_unique<SyntheticFile>(rows_));
  }
  Result<Outline> outline(const io::Path& /*path*/) override { return Outline{.rows = rows_, .columns = 0}; }

 private:
  const std::uint64_t rows_;  // as configured: the files do not say
};

Status validate(const config::Workload& /*workload*/) {
  return {};
}

Result<std::unique_ptr<FileWriter>> make_writer(const config::Workload& /*workload*/) {
  return std::unique_ptr<FileWriter>(std::make_unique<SyntheticWriter>());
}

// Up to the next number that has a digit more.
std::uint64_t equal_files(const config::Workload& /*workload*/, std::uint64_t first) {
  std::uint64_t next = 10;
  while (next <= first && next <= std::numeric_limits<std::uint64_t>::max() / 10) next *= 10;
  return next > first ? next - first : std::numeric_limits<std::uint64_t>::max() - first;
}

Result<SizeRange> file_bytes(const config::Workload& /*workload*/, const dataset::FileSpec& spec) {
  const std::uint64_t bytes = text_of(spec.index).size();
  return SizeRange{bytes, bytes};
}

Result<std::unique_ptr<FormatReader>> make_reader(const config::Workload& workload, io::Storage& /*storage*/) {
  return std::unique_ptr<FormatReader>(
      std::make_unique<SyntheticReader>(static_cast<std::uint64_t>(workload.dataset.num_samples_per_file)));
}

// A file of this format says nothing: how many samples it stands for is a matter of the configuration.
Result<FileInfo> inspect(io::Storage& storage, const io::Path& path, Detail /*detail*/) {
  STOKER_ASSIGN(const std::uint64_t bytes, storage.file_size(path));
  return FileInfo{.file_bytes = bytes};
}

std::uint64_t worker_bytes(const config::Workload& /*workload*/) {
  return 0;
}

}  // namespace

// Listed in data/format/registry.cc.
extern const Format kFormat;
const Format kFormat{
    .name = config::FormatName::kSynthetic,
    .extension = "synthetic",
    .granularity = Granularity::kFile,
    .odirect = false,
    .codec_library = nullptr,
    .validate = validate,
    .make_writer = make_writer,
    .equal_files = equal_files,
    .file_bytes = file_bytes,
    .make_contents = nullptr,
    .make_reader = make_reader,
    .worker_bytes = worker_bytes,
    .make_checker = nullptr,
    .inspect = inspect,
};

}  // namespace stoker::format::synthetic
