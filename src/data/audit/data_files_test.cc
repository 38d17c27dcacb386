#include "data/audit/data_files.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "config/formats.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::audit {
namespace {

using io::testing::MemStorage;

std::vector<std::string> names(const DataFiles& found) {
  std::vector<std::string> out;
  for (const DataFile& file : found.files) out.push_back(file.name);
  return out;
}

TEST(FormatOf, GoesByTheEndingOfTheName) {
  const auto* parquet = format::find_format(config::FormatName::kParquet).value();
  for (const char* name : {"a.parquet", "a.PARQUET", "a.b.parquet", "a.parq", "a.pq", "a.Pq"})
    EXPECT_EQ(format_of(name), parquet) << name;
  EXPECT_EQ(format_of("a.synthetic"), format::find_format(config::FormatName::kSynthetic).value());
  for (const char* name :
       {"", "parquet", ".parquet", "aparquet", "a.parquet.tmp", "a.txt", "a.csv.lz4", "a.pqx", "a.xpq"})
    EXPECT_EQ(format_of(name), nullptr) << name;
}

TEST(FindDataFiles, OfAFolderAreThoseBelowItByName) {
  MemStorage storage;
  for (const char* name : {"d/train/b.parquet", "d/train/a.parquet", "d/c.pq", "d/train/x/z.parquet", "d/notes.txt",
                           "d/.hidden.parquet", "d/_metadata.parquet", "d/_tmp/a.parquet", "d/train/b.parquet.tmp"})
    storage.put(name, "x");
  const auto found = find_data_files(storage, "d");
  ASSERT_OK(found);
  EXPECT_TRUE(found->is_folder);
  EXPECT_EQ(names(*found),
            (std::vector<std::string>{"c.pq", "train/a.parquet", "train/b.parquet", "train/x/z.parquet"}));
  EXPECT_EQ(found->files[1].path, io::Path("d/train/a.parquet"));
  EXPECT_EQ(found->files[1].format->name, config::FormatName::kParquet);
}

TEST(FindDataFiles, OfAFileIsTheFileItself) {
  MemStorage storage;
  storage.put("d/a.parquet", "x");
  const auto found = find_data_files(storage, "d/a.parquet");
  ASSERT_OK(found);
  EXPECT_FALSE(found->is_folder);
  EXPECT_EQ(names(*found), (std::vector<std::string>{"d/a.parquet"}));
}

TEST(FindDataFiles, WhatIsNotThereIsSaidSo) {
  MemStorage storage;
  EXPECT_ERROR(find_data_files(storage, "nowhere\x1b"), Code::kNotFound, "nowhere\\x1b: no such file or folder");
}

// Of all formats of the table, with each codec that names its files, and what others call them.
std::string endings() {
  std::string text;
  const auto add = [&](std::string_view end) { text += fmt::format("{}.{}", text.empty() ? "" : ", ", end); };
  for (const format::Format* format : format::formats()) {
    const config::FormatSpec& spec = config::spec_of(format->name);
    config::Dataset dataset{.format = format->name};
    for (const config::Compression codec : spec.compressions) {
      dataset.compression = codec;
      if (codec == config::Compression::kNone || spec.is_named_by_codec) add(config::name_end(dataset));
    }
    for (const std::string_view other : spec.other_ends) add(other);
  }
  return "data files end in one of " + text;
}

TEST(FindDataFiles, AFileOfAnotherKindIsNoDataFile) {
  MemStorage storage;
  storage.put("notes.txt", "x");
  const auto found = find_data_files(storage, "notes.txt");
  EXPECT_ERROR(found, Code::kUnsupported, "notes.txt: by its name no data file of a known format");
  EXPECT_EQ(found.error().hint, endings());
}

TEST(FindDataFiles, AnEmptyFolderSaysThatItIsEmpty) {
  MemStorage storage;
  storage.put("d/.keep", "");
  const auto found = find_data_files(storage, "d");
  EXPECT_ERROR(found, Code::kNotFound, "d: no data file is in this folder or below; it is empty");
  EXPECT_EQ(found.error().hint, endings() + "; names that begin with '.' or '_' are not looked at");
}

TEST(FindDataFiles, AFolderOfOtherFilesNamesTheFirstOfThem) {
  MemStorage storage;
  storage.put("d/z.txt", "");
  EXPECT_ERROR(find_data_files(storage, "d"), Code::kNotFound, "; it holds 1 other file such as 'z.txt'");
  storage.put("d/b/a.txt", "");
  EXPECT_ERROR(find_data_files(storage, "d"), Code::kNotFound, "; it holds 2 other files such as 'b/a.txt'");
}

TEST(FindDataFiles, FoldersAreSearchedToALimit) {
  const auto deep = [](int folders) {
    std::string path = "d";
    for (int i = 0; i < folders; ++i) path += "/f";
    return path + "/a.parquet";
  };
  MemStorage storage;
  storage.put(deep(32), "");
  EXPECT_OK(find_data_files(storage, "d"));
  storage.put(deep(33), "");
  EXPECT_ERROR(find_data_files(storage, "d"), Code::kUnsupported, "lies more than 32 folders deep");
}

}  // namespace
}  // namespace stoker::audit
