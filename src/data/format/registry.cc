// The table of formats. A new one: its folder in CMakeLists.txt, and two lines here.
#include <array>
#include <utility>

#include "data/format/codec_library.h"
#include "data/format/contents.h"
#include "data/format/format.h"
#include "data/format/value_checker.h"

namespace stoker::format {

// Defined in <name>/format.cc. Declared here rather than in a header there, because the folders include format.h and
// not the other way round.
namespace csv {
extern const Format kFormat;
}
namespace hdf5 {
extern const Format kFormat;
}
namespace image {
extern const Format kJpeg, kPng;
}
namespace indexed {
extern const Format kIndexedBinary, kMmapIndexedBinary;
}
namespace numpy {
extern const Format kNpy, kNpz;
}
namespace parquet {
extern const Format kFormat;
}
namespace synthetic {
extern const Format kFormat;
}
namespace tfrecord {
extern const Format kFormat;
}

namespace {
constexpr std::array kFormats{
    &parquet::kFormat,
    &tfrecord::kFormat,
    &numpy::kNpy,
    &numpy::kNpz,
    &hdf5::kFormat,
    &csv::kFormat,
    &image::kJpeg,
    &image::kPng,
    &indexed::kIndexedBinary,
    &indexed::kMmapIndexedBinary,
    &synthetic::kFormat,
};
}

std::span<const Format* const> formats() {
  return kFormats;
}

Result<const Format*> find_format(config::FormatName name) {
  std::string there;
  for (const Format* format : kFormats) {
    if (format->name == name) return format;
    there += fmt::format("{}{}", there.empty() ? "" : ", ", config::to_string(format->name));
  }
  return Error{.code = Code::kUnsupported,
               .message = fmt::format("dataset.format: this build has no '{}'", config::to_string(name)),
               .hint = "formats of this build: " + there};
}

std::optional<std::string> codec_library(const config::Workload& workload) {
  const auto format = find_format(workload.dataset.format);
  return format && (*format)->codec_library != nullptr ? (*format)->codec_library(workload) : std::nullopt;
}

Error wrong_value(std::string message) {
  return {.code = Code::kCorrupt,
          .message = std::move(message),
          .hint =
              "the storage returned other bytes than datagen wrote there, or the file was changed since; compare with "
              "a second read, and write the file anew"};
}

Result<std::unique_ptr<ValueChecker>> make_checker(const config::Workload& workload) {
  STOKER_ASSIGN(const Format* const format, find_format(workload.dataset.format));
  if (format->make_checker == nullptr) {
    return Error{.code = Code::kUnsupported,
                 .message = fmt::format("dataset.format: files of format '{}' hold no values that could be compared",
                                        config::to_string(format->name)),
                 .hint = "verify data sets of format parquet"};
  }
  return format->make_checker(workload);
}

Result<std::unique_ptr<Contents>> make_contents(const config::Workload& workload) {
  STOKER_ASSIGN(const Format* const format, find_format(workload.dataset.format));
  if (format->make_contents == nullptr) {
    std::string there;
    for (const Format* other : kFormats) {
      if (other->make_contents != nullptr)
        there += fmt::format("{}{}", there.empty() ? "" : ", ", config::to_string(other->name));
    }
    return Error{.code = Code::kConfig,
                 .message = fmt::format("dataset.format: the bytes of {} files cannot be computed, expected {}",
                                        config::to_string(format->name), there),
                 .hint = "set ++workload.dataset.format=parquet, or read a data set that is there"};
  }
  return format->make_contents(workload);
}

}  // namespace stoker::format
