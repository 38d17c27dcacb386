// How samples lie in a file. A format is a constant table of functions (struct Format); its writer and its reader live
// together in one folder. Formats start no threads, read no clock and know nothing of ranks: the pipeline calls them.
//
// The unit of work is the chunk, never the sample: a Unit is what storage and format naturally give (a row group, a
// page range of a huge row group, a whole small file), and is planned, decompressed and decoded in calls that the
// caller can time apart.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/bytes.h"
#include "base/status.h"
#include "config/workload.h"
#include "data/dataset/layout.h"
#include "data/format/read_plan.h"
#include "data/io/storage.h"

namespace stoker::format {

// Consecutive rows of one file that are read together.
struct Unit {
  std::uint64_t first_row = 0;
  std::uint64_t rows = 0;
  // Bytes that reading it asks of the storage (the selected columns); an estimate, for bounds of memory.
  std::uint64_t storage_bytes = 0;
};

// A run of consecutive elements of one column, contiguous in memory.
struct Segment {
  Bytes values;  // fixed width: elements * width bytes. Variable width: the bytes of all elements, back to back
  std::uint64_t elements = 0;  // values present (nulls have none)
};

// One decoded column of a chunk, in pieces as they lie in memory (a view of the storage's bytes where the encoding
// allows). Elements have the column's own type in little endian: int8 is 1 byte even though Parquet stores it in 4;
// bool is 1 byte, 0 or 1. Valid as long as the bytes that were fetched, and until the Scratch is used again.
struct ColumnView {
  std::string_view name;        // of the leaf column, dotted path for nested ones
  std::uint32_t width = 0;      // bytes per element; 0: variable (strings and binaries)
  std::uint64_t list_size = 0;  // > 0: every row is a list of that many elements
  bool one_value = false;       // every row of the chunk is the same one, and the segments hold it once
  std::vector<Segment> segments;
  std::vector<std::uint32_t> lengths;  // variable width only: bytes of each element
  // Nulls and variable lists, as Parquet's levels (empty when each row has exactly max(list_size, 1) elements).
  std::vector<std::int16_t> definition_levels, repetition_levels;
  std::int16_t max_definition_level = 0, max_repetition_level = 0;
};

// Memory of what a chunk is decompressed and decoded to, owned by one worker and reused for all chunks it reads: after
// the largest was read once, nothing is allocated. A format adds its own.
struct Scratch {
  virtual ~Scratch() = default;
};

// Tells where in its file a decoded value lies; asked only when the value is wrong.
class ValueLocator {
 public:
  virtual ~ValueLocator() = default;
  // Where in the file the page (or whatever the format is read in) begins that holds an element of a row of the chunk;
  // `column` is ColumnView::name. Nothing when that cannot be told.
  [[nodiscard]] virtual std::optional<std::uint64_t> offset_of(std::string_view column, std::uint64_t row,
                                                               std::uint64_t element) const = 0;
};

// What a chunk came to after decode().
struct Chunk {
  std::uint64_t rows = 0;
  std::uint64_t useful_bytes = 0;         // bytes of the decoded values (decode arrays, arrow), of the pages else
  std::vector<ColumnView> columns;        // empty for decode depths that make no arrays
  const ValueLocator* locator = nullptr;  // valid as long as the columns; null: places are not known
  // What a checker compares where that is not the columns: the bytes that were read. Valid as long as those.
  Bytes stored;
};

// An open file. Any number of threads may work on different units at once, each with its own Scratch.
//
// A chunk is read in four steps: plan() says which bytes it takes, whoever reads fetches them from source() when and
// how it sees fit (io/read_queue.h), decompress() and decode() make values of them. So a format neither waits nor owns
// the memory that bytes arrive in.
class FileReader {
 public:
  virtual ~FileReader() = default;
  [[nodiscard]] virtual std::uint64_t rows() const = 0;
  // A number of the names and types of all columns, whatever their order: files of one data set have the same. 0 for
  // formats without columns.
  [[nodiscard]] virtual std::uint64_t columns() const { return 0; }
  // As io::ReadableFile::version().
  [[nodiscard]] virtual std::uint64_t version() const { return 0; }
  [[nodiscard]] virtual std::uint64_t version_now() const {
    return source() != nullptr ? source()->version_now() : version();
  }
  // In row order, without gaps, together all rows; none when the file has no rows.
  [[nodiscard]] virtual std::span<const Unit> units() const = 0;
  // Where plans are read from; null where they never ask for anything.
  [[nodiscard]] virtual io::ReadableFile* source() const { return nullptr; }
  [[nodiscard]] virtual std::unique_ptr<Scratch> make_scratch() const = 0;

  // Which bytes these rows take. No I/O.
  virtual Status plan(const ChunkRows&, ReadPlan&) const = 0;
  // Then in this order, with one scratch, on what was fetched. A depth that does not decompress or decode makes them
  // cheap. Errors name file and place.
  virtual Status decompress(const Fetched&, Scratch&) const = 0;
  virtual Status decode(const Fetched&, Scratch&, Chunk&) const = 0;
  // After decode, on the same: adds the columns that decode left out because no run needs them, so that the chunk holds
  // all columns of the file in its order. For those who look at every value; not for the data path.
  virtual Status complete(Scratch& /*scratch*/, Chunk& /*chunk*/) const { return {}; }
};

// What the end of a file, or its index, says without any of its values being read.
struct Outline {
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;  // as FileReader::columns()
};

struct NamedColumn {
  std::string name;
  std::string type;  // for messages: "int8", "list of 12 float32"
  friend bool operator==(const NamedColumn&, const NamedColumn&) = default;
};

// Opens files of one format for reading; shared by the workers of one rank, or of all ranks of a process. Keeps what is
// worth keeping between visits of a file (footers), bounded in bytes.
class FormatReader {
 public:
  virtual ~FormatReader() = default;
  // Before it is used: so many ranks share it, and what it keeps may take what each would have kept.
  virtual void share(std::uint64_t /*ranks*/) {}
  // From any thread.
  [[nodiscard]] virtual Result<std::unique_ptr<FileReader>> open(const io::Path&, io::ReadObserver*) = 0;
  // The same of a file that is known to hold so much, by counting or by a manifest: a format whose files are read whole
  // need not read what says so before, or says it only then. decompress() and decode() find out if it holds something
  // else (Code::kCorrupt).
  [[nodiscard]] virtual Result<std::unique_ptr<FileReader>> open_known(const io::Path& path, const Outline& /*known*/,
                                                                       io::ReadObserver* observer) {
    return open(path, observer);
  }
  // The most memory that one worker needs for the files opened so far; nullopt before the first, and where files do not
  // say. From any thread.
  [[nodiscard]] virtual std::optional<std::uint64_t> worker_bytes() const { return std::nullopt; }
  // From its footer or index only. From any thread.
  [[nodiscard]] virtual Result<Outline> outline(const io::Path&) = 0;
  // The columns of a file, in its order, likewise; none for formats without. From any thread.
  [[nodiscard]] virtual Result<std::vector<NamedColumn>> columns(const io::Path&) { return std::vector<NamedColumn>{}; }
};

struct WriteStats {
  std::uint64_t files = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;         // of finished files and their side files
  std::uint64_t direct_bytes = 0;  // of them, those that went past the page cache
};

// Writes whole files; one per thread.
class FileWriter {
 public:
  virtual ~FileWriter() = default;
  // Writes the complete content of file `spec` to `out`, which the caller commits. The content is a pure
  // function of the data set's configuration and spec.index. Returns early with Code::kInterrupted when a stop is
  // requested.
  virtual Status write(const dataset::FileSpec& spec, io::Sink& out, const std::stop_token& stop) = 0;
};

// Bounds of a size in bytes; equal where it is known exactly.
struct SizeRange {
  std::uint64_t least = 0, most = 0;
  [[nodiscard]] bool exact() const { return least == most; }
  friend bool operator==(const SizeRange&, const SizeRange&) = default;
};

// How finely the rows of a file may be addressed by a shuffled plan.
enum class Granularity { kSample, kRowGroup, kFile };

class Contents;      // contents.h
class FileContents;  // contents.h
class ValueChecker;  // value_checker.h
struct FileInfo;     // file_info.h

// How much inspect() looks at.
enum class Detail {
  kSchema,   // the footer or header alone
  kStorage,  // and every page header
};

struct Format {
  config::FormatName name;
  std::string_view extension;  // without the dot
  Granularity granularity;
  bool odirect;  // reader.odirect is possible
  // The library that compresses the files of a data set, and its version: another one may write other bytes of the same
  // values. Null where none does; nothing where these are not compressed.
  std::optional<std::string> (*codec_library)(const config::Workload&);
  // Checks what only the format knows (codec and format pairs, dimensions, column types). No I/O.
  Status (*validate)(const config::Workload&);
  Result<std::unique_ptr<FileWriter>> (*make_writer)(const config::Workload&);
  // How many files from index `first` on have the same file_bytes, and side files of the same sizes, when they have the
  // same number of rows; at least 1, and more than there are where all have. So a data set is measured without a look
  // at each file.
  std::uint64_t (*equal_files)(const config::Workload&, std::uint64_t first);
  // The size of a file that the writer would make, from its layout and without its values (spec.path is not looked at).
  // Exact unless values decide it: compression, and what docs/formats.md names. Code::kConfig as make_writer and write.
  Result<SizeRange> (*file_bytes)(const config::Workload&, const dataset::FileSpec& spec);
  // A side file (config::FormatSpec::side_files) of such a file, by its number among them; made of sizes alone, so that
  // nothing need be read to write or to check it. Null where the format has none.
  Result<std::unique_ptr<FileContents>> (*make_side)(const config::Workload&, const dataset::FileSpec& spec,
                                                     std::size_t side) = nullptr;
  // The bytes of such files without writing them. Null where no layout of the format can have them computed: then
  // make_contents() says so.
  Result<std::unique_ptr<Contents>> (*make_contents)(const config::Workload&);
  Result<std::unique_ptr<FormatReader>> (*make_reader)(const config::Workload&, io::Storage&);
  // The memory one worker needs while reading a data set as it is configured, for plans. What the files of a run take
  // their reader knows better.
  std::uint64_t (*worker_bytes)(const config::Workload&);
  // Compares decoded chunks of this workload's own data set with the generator. Null where nothing is decoded: then
  // make_checker() says so.
  Result<std::unique_ptr<ValueChecker>> (*make_checker)(const config::Workload&);
  // What a file says of itself. Its columns are those of a chunk that is read with all of them. Errors name file and
  // place.
  Result<FileInfo> (*inspect)(io::Storage&, const io::Path&, Detail);
};

// The formats of this build, one row each (registry.cc).
[[nodiscard]] std::span<const Format* const> formats();
// The format of that name, or Code::kUnsupported with the list of those there are.
[[nodiscard]] Result<const Format*> find_format(config::FormatName);

}  // namespace stoker::format
