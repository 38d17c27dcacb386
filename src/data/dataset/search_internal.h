// Looks for the files of a split where nothing says which they are. Private to the folder.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/dataset/layout.h"
#include "data/io/storage.h"

namespace stoker::dataset {

struct Found {
  std::string name;
  std::size_t folder = 0;  // of Search::folders
};

// What lies in the folders that were looked at and is no data of the format.
struct Others {
  std::map<std::string, std::uint64_t> by_ending;  // ".csv" -> 3; "" for names without a dot
  std::vector<std::string> names;                  // the first of them, below the data folder
  std::uint64_t hidden = 0;
};

struct Search {
  std::vector<std::string> folders;  // relative to the data folder
  std::vector<Found> files;
  bool in_split_folder = true;
  std::uint64_t folders_not_searched = 0;
  Others others;
  std::string note;  // what the user should know of the place, "" if nothing
};

// The places of find_files (data/dataset/listing.h), in that order, up to the first that has a file. A folder that is
// not there has none; other errors of the storage are passed on.
[[nodiscard]] Result<Search> search(io::Storage&, const Layout&, Split);

// "train" of "train-00000-of-00012.parquet" and "train-00000-of-00012-4ee8e2aae6c3e7a1.parquet"; "" of other names.
[[nodiscard]] std::string_view hub_word(std::string_view name);

// ".parquet", ".parq" or ".pq": for messages.
[[nodiscard]] std::string endings_text(const Layout&);
// "3 files ending in .csv and 1 in .txt (a.csv, b.csv, ...)", "" when there is nothing.
[[nodiscard]] std::string others_text(const Others&);

}  // namespace stoker::dataset
