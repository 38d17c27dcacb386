// Which files of a data set really are there, as a table that ranks can share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/workload.h"
#include "data/dataset/layout.h"
#include "data/io/storage.h"

namespace stoker::dataset {

// The files of one split, in the order that plans number them: sorted by file name. Either computed from the layout,
// which takes no memory, or the names that were found. Immutable; safe from many threads.
class FileTable {
 public:
  // The layout's own files.
  [[nodiscard]] static FileTable computed(const Layout&, Split);
  // Paths relative to the data folder, in order.
  [[nodiscard]] static FileTable listed(const Layout&, Split, const std::vector<std::string>& relative_paths);

  [[nodiscard]] std::uint64_t size() const { return is_computed_ ? layout_.files(split_) : name_ends_.size(); }
  [[nodiscard]] io::Path path(std::uint64_t i) const;  // i < size()
  // The path below the split's folder; of a file outside of it, below the data folder.
  [[nodiscard]] std::string name(std::uint64_t i) const;
  [[nodiscard]] Split split() const { return split_; }
  [[nodiscard]] bool is_computed() const { return is_computed_; }
  // What the user should know, "" if nothing: more files than asked for. Not serialised: rank 0 prints it.
  [[nodiscard]] const std::string& warning() const { return warning_; }
  void set_warning(std::string text) { warning_ = std::move(text); }

  // For broadcasting from the rank that listed. A computed table takes two bytes, a listed one a few bytes per file as
  // long as neighbours resemble each other. Not for storing: the format may change with the version.
  [[nodiscard]] std::string serialize() const;
  // The layout must be the one that the other rank had. Code::kCorrupt when the text is not a table.
  [[nodiscard]] static Result<FileTable> parse(const Layout&, std::string_view text);

 private:
  FileTable(const Layout& layout, Split split, bool is_computed)
      : layout_(layout), split_(split), is_computed_(is_computed) {}
  void add(std::string_view relative_path);
  [[nodiscard]] std::string_view relative_path(std::uint64_t i) const;

  Layout layout_;
  Split split_;
  bool is_computed_;
  // Relative paths back to back: a vector of strings would take several times the memory.
  std::string names_;
  std::vector<std::uint64_t> name_ends_;
  std::string warning_;
};

// Finds the files of a split; call these on one rank and broadcast the table.
//
// With skip_listing names are computed, and the first, the last and every listing_validation_interval-th are probed, at
// most 1000 of them; an interval of 0 probes nothing. Code::kNotFound says how many of how many are missing and names
// three. Errors of the storage itself (permission, I/O) are passed on. A split without files is not looked at.

// Of a data set that a manifest describes, whose layout this is: exactly the files that it names, whatever lies beside
// them. Without skip_listing their folders are listed.
[[nodiscard]] Result<FileTable> find_named_files(io::Storage&, const Layout&, Split, const config::Dataset&);

// Of a data set that nothing describes: what is there, by name. Files count when their name ends with one of the
// layout's extensions, in lower or upper case, and is not hidden (config/data_set_names.h). They are looked for in
//   1. the split's folder, and the folders below it when the layout has any;
//   2. the data folder and its folder `data`, under the names of data hubs: "train-00000-of-00012.parquet", for
//      evaluation "validation-...", else "test-...";
//   3. for training, where there is no folder `train`: the data folder itself.
// More than configured: the first of them, by file name, with a warning. Fewer: Code::kNotFound says what was found and
// expected, what lies there instead, and which names would have been taken.
[[nodiscard]] Result<FileTable> find_files(io::Storage&, const Layout&, Split, const config::Dataset&);

}  // namespace stoker::dataset
