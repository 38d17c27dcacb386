#include "config/workload.h"

#include <array>

#include "base/check.h"
#include "config/enum_names.h"

namespace stoker::config {
namespace {

constexpr std::array kFrameworks = {EnumName<Framework>{"tensorflow", Framework::kTensorflow},
                                    EnumName<Framework>{"pytorch", Framework::kPytorch}};

constexpr std::array kCompressions = {
    EnumName<Compression>{"none", Compression::kNone},     EnumName<Compression>{"gzip", Compression::kGzip},
    EnumName<Compression>{"lzf", Compression::kLzf},       EnumName<Compression>{"bz2", Compression::kBz2},
    EnumName<Compression>{"zip", Compression::kZip},       EnumName<Compression>{"xz", Compression::kXz},
    EnumName<Compression>{"snappy", Compression::kSnappy}, EnumName<Compression>{"lz4", Compression::kLz4},
    EnumName<Compression>{"zstd", Compression::kZstd},
};

// YAML 1.1 reads a bare `off` as the boolean false, and dumps of such a file say `false`.
constexpr std::array kShuffles = {
    EnumName<Shuffle>{"off", Shuffle::kOff},
    EnumName<Shuffle>{"seed", Shuffle::kSeed},
    EnumName<Shuffle>{"random", Shuffle::kRandom},
    EnumName<Shuffle>{"false", Shuffle::kOff},
};

constexpr std::array kLoaders = {
    EnumName<DataLoaderName>{"tensorflow", DataLoaderName::kTensorflow},
    EnumName<DataLoaderName>{"pytorch", DataLoaderName::kPytorch},
    EnumName<DataLoaderName>{"dali", DataLoaderName::kDali},
    EnumName<DataLoaderName>{"native_dali", DataLoaderName::kNativeDali},
    EnumName<DataLoaderName>{"synthetic", DataLoaderName::kSynthetic},
    EnumName<DataLoaderName>{"custom", DataLoaderName::kCustom},
    EnumName<DataLoaderName>{"none", DataLoaderName::kNone},
};

constexpr std::array kReadTypes = {EnumName<ReadType>{"on_demand", ReadType::kOnDemand},
                                   EnumName<ReadType>{"memory", ReadType::kMemory}};

// `raw` is what storage.storage_options.decode calls `none`.
constexpr std::array kDecodes = {
    EnumName<Decode>{"arrays", Decode::kArrays},
    EnumName<Decode>{"arrow", Decode::kArrow},
    EnumName<Decode>{"decompress", Decode::kDecompress},
    EnumName<Decode>{"none", Decode::kNone},
    EnumName<Decode>{"raw", Decode::kNone},
};

// A bare `True` or `False` means what it seems to.
constexpr std::array kWriteDirects = {
    EnumName<WriteDirect>{"auto", WriteDirect::kAuto},   EnumName<WriteDirect>{"always", WriteDirect::kAlways},
    EnumName<WriteDirect>{"never", WriteDirect::kNever}, EnumName<WriteDirect>{"true", WriteDirect::kAlways},
    EnumName<WriteDirect>{"false", WriteDirect::kNever},
};

constexpr std::array kProfilers = {
    EnumName<Profiler>{"none", Profiler::kNone},
    EnumName<Profiler>{"iostat", Profiler::kIostat},
    EnumName<Profiler>{"darshan", Profiler::kDarshan},
    EnumName<Profiler>{"tensorboard", Profiler::kTensorboard},
};

constexpr std::array kStorageTypes = {
    EnumName<StorageType>{"local_fs", StorageType::kLocalFs},
    EnumName<StorageType>{"parallel_fs", StorageType::kLocalFs},
    EnumName<StorageType>{"direct_fs", StorageType::kDirectFs},
    EnumName<StorageType>{"generated", StorageType::kGenerated},
    EnumName<StorageType>{"s3", StorageType::kS3},
    EnumName<StorageType>{"aistore", StorageType::kAistore},
};

template <class E>
std::string_view first_name(E value) {
  for (const auto& [text, named] : names_of(value)) {
    if (named == value) return text;
  }
  check_failed("every enumerator has a name", __FILE__, __LINE__);
}

}  // namespace

std::span<const EnumName<Framework>> names_of(Framework) {
  return kFrameworks;
}
std::span<const EnumName<Compression>> names_of(Compression) {
  return kCompressions;
}
std::span<const EnumName<Shuffle>> names_of(Shuffle) {
  return kShuffles;
}
std::span<const EnumName<DataLoaderName>> names_of(DataLoaderName) {
  return kLoaders;
}
std::span<const EnumName<ReadType>> names_of(ReadType) {
  return kReadTypes;
}
std::span<const EnumName<Decode>> names_of(Decode) {
  return kDecodes;
}
std::span<const EnumName<WriteDirect>> names_of(WriteDirect) {
  return kWriteDirects;
}
std::span<const EnumName<Profiler>> names_of(Profiler) {
  return kProfilers;
}
std::span<const EnumName<StorageType>> names_of(StorageType) {
  return kStorageTypes;
}

std::string_view to_string(Framework value) {
  return first_name(value);
}
std::string_view to_string(FormatName value) {
  return first_name(value);
}
std::string_view to_string(Compression value) {
  return first_name(value);
}
std::string_view to_string(Shuffle value) {
  return first_name(value);
}
std::string_view to_string(DataLoaderName value) {
  return first_name(value);
}
std::string_view to_string(ReadType value) {
  return first_name(value);
}
std::string_view to_string(Decode value) {
  return first_name(value);
}
std::string_view to_string(WriteDirect value) {
  return first_name(value);
}
std::string_view to_string(Profiler value) {
  return first_name(value);
}
std::string_view to_string(StorageType value) {
  return first_name(value);
}

}  // namespace stoker::config
