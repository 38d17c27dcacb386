#include "config/formats.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "config/enum_names.h"
#include "config/format_checks.h"

namespace stoker::config {
namespace {

using C = Compression;
constexpr std::array kNone{C::kNone};
constexpr std::array kOfNpz{C::kNone, C::kZip};
constexpr std::array kOfHdf5{C::kNone, C::kGzip, C::kLzf};
constexpr std::array kOfCsv{C::kNone, C::kGzip, C::kBz2, C::kXz, C::kZip};
constexpr std::array kOfParquet{C::kNone, C::kSnappy, C::kGzip, C::kZstd, C::kLz4};

constexpr std::array<std::string_view, 2> kParquetEnds{"parq", "pq"};

constexpr std::array kOfTfrecord{SideFile{.end = ".idx", .folder = "index"}};
constexpr std::array kOfIndexedBinary{SideFile{.end = ".off.idx", .folder = ""},
                                      SideFile{.end = ".sz.idx", .folder = ""}};

using F = FormatName;
constexpr std::array kSpecs{
    FormatSpec{.name = F::kTfrecord,
               .text = "tfrecord",
               .compressions = kNone,
               .side_files = kOfTfrecord,
               .dlio_reads_with_pytorch = false},
    FormatSpec{.name = F::kHdf5, .text = "hdf5", .compressions = kOfHdf5, .has_hdf5 = true, .check = check_hdf5},
    FormatSpec{.name = F::kCsv, .text = "csv", .compressions = kOfCsv, .is_named_by_codec = true},
    FormatSpec{.name = F::kNpz, .text = "npz", .compressions = kOfNpz, .ends_with_index = true},
    FormatSpec{.name = F::kNpy, .text = "npy", .compressions = kNone},
    FormatSpec{.name = F::kJpeg, .text = "jpeg", .compressions = kNone, .is_image = true, .check = check_image},
    FormatSpec{.name = F::kPng, .text = "png", .compressions = kNone, .is_image = true, .check = check_image},
    FormatSpec{
        .name = F::kIndexedBinary, .text = "indexed_binary", .compressions = kNone, .side_files = kOfIndexedBinary},
    FormatSpec{.name = F::kMmapIndexedBinary,
               .text = "mmap_indexed_binary",
               .compressions = kNone,
               .side_files = kOfIndexedBinary,
               .is_mapped = true},
    FormatSpec{.name = F::kSynthetic, .text = "synthetic", .compressions = kNone, .has_samples = false},
    FormatSpec{.name = F::kParquet,
               .text = "parquet",
               .compressions = kOfParquet,
               .other_ends = kParquetEnds,
               .has_columns = true,
               .ends_with_index = true,
               .check = check_parquet},
};

constexpr auto kNames = [] {
  std::array<EnumName<FormatName>, kSpecs.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = {kSpecs[i].text, kSpecs[i].name};
  return names;
}();

std::string_view codec_end(Compression compression) {
  switch (compression) {
    case C::kGzip: return ".gz";
    case C::kBz2: return ".bz2";
    case C::kXz: return ".xz";
    case C::kZip: return ".zip";
    default: return "";
  }
}

}  // namespace

std::span<const FormatSpec> format_specs() {
  return kSpecs;
}

std::span<const EnumName<FormatName>> names_of(FormatName) {
  return kNames;
}

const FormatSpec& spec_of(FormatName name) {
  const auto* const row = std::ranges::find(kSpecs, name, &FormatSpec::name);
  STOKER_CHECK(row != kSpecs.end(), "a format without a row");
  return *row;
}

std::string name_end(const Dataset& dataset) {
  const FormatSpec& spec = spec_of(dataset.format);
  std::string end(spec.text);
  if (spec.is_named_by_codec) end += codec_end(dataset.compression);
  return end;
}

bool reads_nothing(const Workload& w) {
  return w.reader.data_loader == DataLoaderName::kSynthetic || !spec_of(w.dataset.format).has_samples;
}

bool makes_arrays(const Workload& w) {
  if (!spec_of(w.dataset.format).has_columns) return true;
  return w.dataset.parquet.decode == Decode::kArrays || w.dataset.parquet.decode == Decode::kArrow;
}

bool uses_arrow(const Workload& w) {
  return spec_of(w.dataset.format).has_columns && w.dataset.parquet.decode == Decode::kArrow;
}

}  // namespace stoker::config
