// The resolved configuration of one run: plain data, immutable after loading (config/load.h). Members carry DLIO's key
// names; key paths, defaults, bounds, aliases and help stand in the field table (config/fields.cc), from which
// docs/config.md is generated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/columns.h"

namespace stoker::config {

enum class Framework { kTensorflow, kPytorch };
enum class FormatName {
  kTfrecord,
  kHdf5,
  kCsv,
  kNpz,
  kNpy,
  kJpeg,
  kPng,
  kIndexedBinary,
  kMmapIndexedBinary,
  kSynthetic,
  kParquet
};
enum class Compression { kNone, kGzip, kLzf, kBz2, kZip, kXz, kSnappy, kLz4, kZstd };
enum class Shuffle { kOff, kSeed, kRandom };
enum class DataLoaderName { kTensorflow, kPytorch, kDali, kNativeDali, kSynthetic, kCustom, kNone };
enum class ReadType { kOnDemand, kMemory };
enum class Decode { kArrays, kArrow, kDecompress, kNone };  // dataset.parquet.decode; spec: see docs/formats.md
enum class WriteDirect { kAuto, kAlways, kNever };          // dataset.write_direct
enum class Profiler { kNone, kIostat, kDarshan, kTensorboard };
enum class StorageType { kLocalFs, kDirectFs, kGenerated, kS3, kAistore };  // parallel_fs is an alias of local_fs

// Emulated time: a constant or a distribution, in seconds. Negative draws count as 0.
struct Duration {
  enum class Kind { kNone, kConstant, kNormal, kUniform, kGamma, kExponential, kPoisson };
  Kind kind = Kind::kNone;
  // constant: a; normal: mean a, stdev b; uniform: min a, max b; gamma: shape a, scale b; exponential: scale a;
  // poisson: lambda a (whole seconds).
  double a = 0;
  double b = 0;
  friend bool operator==(const Duration&, const Duration&) = default;
};

struct Parallelism {
  std::int64_t tensor = 1, pipeline = 1, data = -1, zero_stage = 0;
};
struct Transformer {
  std::int64_t vocab_size = 32000, hidden_size = 2048, ffn_hidden_size = 8192, num_attention_heads = 32,
               num_kv_heads = 8;
};

struct Model {
  std::string name = "default";
  std::string type;
  std::int64_t model_size_bytes = 10240;  // alias model_size
  std::string model_datatype = "fp16";
  std::string optimizer_datatype = "fp32";
  std::vector<std::int64_t> optimization_groups;
  std::int64_t num_layers = -1;
  std::vector<std::int64_t> layer_parameters;
  Parallelism parallelism;
  Transformer transformer;
};

struct Workflow {
  bool generate_data = false;
  bool train = true;
  bool evaluation = false;
  bool checkpoint = false;
  bool profiling = false;
};

struct ParquetOptions {
  std::vector<ColumnSpec> columns;          // empty: one column `data` when writing, every column when reading
  std::int64_t row_group_size = 1'000'000;  // rows
  std::int64_t generation_batch_size = 0;   // rows; 0: as the writer likes (it is bounded by pages anyway)
  std::string partition_by;                 // empty: none
  std::string read_mode = "default";        // default | row_group; both stream
  bool dictionary = false;
  bool page_checksums = false;  // ours: written into page headers
  Decode decode = Decode::kArrays;
};

struct Hdf5Options {
  std::int64_t num_dset_per_record = 1;
  std::vector<std::int64_t> chunk_dims, max_shape;
};

struct Dataset {
  FormatName format = FormatName::kTfrecord;
  std::string data_folder = "./data";  // without trailing slash; resolved against storage_root by dataset/layout
  std::int64_t num_files_train = 8, num_files_eval = 0;
  std::int64_t num_samples_per_file = 1;
  std::int64_t num_subfolders_train = 0, num_subfolders_eval = 0;
  double record_length_bytes = 65536, record_length_bytes_stdev = 0, record_length_bytes_resize = 0;
  std::vector<std::int64_t> record_dims;
  DType record_element_type = DType::kUint8;
  std::string file_prefix = "img";
  Compression compression = Compression::kNone;
  std::optional<std::int64_t> compression_level;  // only when given explicitly
  bool keep_files = true;
  WriteDirect write_direct = WriteDirect::kAuto;  // ours
  bool overwrite = false;                         // ours: datagen replaces another data set in the folder
  std::int64_t generation_buffer_size = std::int64_t{2} << 30;
  bool skip_listing = false;
  std::int64_t listing_validation_interval = 1000;
  ParquetOptions parquet;
  Hdf5Options hdf5;
};

struct Reader {
  DataLoaderName data_loader = DataLoaderName::kTensorflow;
  std::int64_t batch_size = 1, batch_size_eval = 1;  // samples per rank and step
  std::optional<std::int64_t> read_threads;          // absent: chosen from the CPUs per rank
  std::optional<std::int64_t> write_threads;
  std::int64_t computation_threads = 1;
  std::int64_t prefetch_size = 2;  // batches
  Shuffle file_shuffle = Shuffle::kOff, sample_shuffle = Shuffle::kOff;
  std::int64_t shuffle_size = 1024;
  ReadType read_type = ReadType::kOnDemand;
  std::optional<std::int64_t> transfer_size;  // bytes per request of a buffered read
  bool odirect = false;
  Duration preprocess_time;  // per sample
  std::vector<std::int64_t> transformed_record_dims;
  DType transformed_record_element_type = DType::kUint8;
  std::int64_t chunk_bytes = std::int64_t{16}
                             << 20;  // ours: a larger unit of a file is read in pieces of about this size
  std::int64_t io_depth = 0;         // ours: requests under way of each reader thread; 0: the storage's choice
  bool drop_caches = true;           // ours: make the kernel forget the files before each epoch
  bool collate = false;              // ours: copy each batch into one contiguous tensor per column
  bool verify = false;               // ours: compare each value with the generator
  bool verify_checksums = true;      // ours: of pages whose headers have one
  bool decode_images = false;        // ours: to pixels
};

struct Train {
  std::int64_t epochs = 1;
  Duration computation_time;               // per step
  std::int64_t total_training_steps = -1;  // cap per epoch; -1: none
  std::int64_t seed = 123;
  bool seed_change_epoch = true;
};

struct Evaluation {
  Duration eval_time;  // per step
  std::int64_t eval_after_epoch = 1;
  std::int64_t epochs_between_evals = 1;
};

struct Checkpoint {
  std::string checkpoint_folder = "./checkpoints";
  std::int64_t checkpoint_after_epoch = 1, epochs_between_checkpoints = 1, steps_between_checkpoints = -1;
  bool fsync = false;
  Duration time_between_checkpoints;
  std::int64_t num_checkpoints_write = -1, num_checkpoints_read = -1;
  bool recovery_rank_shift = false, rank_sync = false;
  std::string mode = "default";  // default | subset
  bool randomize_tensor = true;
  bool ksm = false;
};

// Of a model of another storage (config/storage_model.h): "" is no limit.
struct StorageModelText {
  std::string latency, jitter, bandwidth, request_rate;
};

struct Storage {
  StorageType storage_type = StorageType::kLocalFs;
  std::string storage_root = "./";
  std::string storage_library;
  std::string uri_scheme = "s3";  // storage_options.uri_scheme; only `direct` matters
  double post_generation_settle_seconds = 0;
  StorageModelText model;
  std::vector<std::string> columns;  // storage_options.columns: read exactly these; wins over `read` flags
};

struct Output {
  std::string folder;  // empty: the run directory
  std::string log_file = "dlio.log";
  std::int64_t exclude_start_steps = 1, exclude_end_steps = 0;  // output.metric.*
};

struct Profiling {
  Profiler profiler = Profiler::kIostat;
  std::vector<std::string> iostat_devices;
};

struct Workload {
  Model model;
  Framework framework = Framework::kTensorflow;
  Workflow workflow;
  Dataset dataset;
  Reader reader;
  Train train;
  Evaluation evaluation;
  Checkpoint checkpoint;
  Storage storage;
  Output output;
  Profiling profiling;
  double metric_au = 0.90;  // metric.au, a fraction
};

[[nodiscard]] inline bool generate_only(const Workload& w) {
  return !w.workflow.train && w.workflow.generate_data && !w.workflow.checkpoint;
}

// Names as they stand in YAML; used by messages, results and the field table.
[[nodiscard]] std::string_view to_string(Framework);
[[nodiscard]] std::string_view to_string(FormatName);
[[nodiscard]] std::string_view to_string(Compression);
[[nodiscard]] std::string_view to_string(Shuffle);
[[nodiscard]] std::string_view to_string(DataLoaderName);
[[nodiscard]] std::string_view to_string(ReadType);
[[nodiscard]] std::string_view to_string(Decode);
[[nodiscard]] std::string_view to_string(WriteDirect);
[[nodiscard]] std::string_view to_string(Profiler);
[[nodiscard]] std::string_view to_string(StorageType);

}  // namespace stoker::config
