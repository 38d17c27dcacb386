#include "results/json.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <limits>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"

namespace stoker::results {
namespace {

TEST(Json, DumpKeepsOrderAndStaysPlain) {
  Json json = Json::object();
  json["z"] = 1.0;
  json["a"] = std::numeric_limits<double>::quiet_NaN();
  json["m"] = "\xff";
  json["n"] = Json::array({1, 2});
  EXPECT_EQ(dump(json),
            "{\n    \"z\": 1.0,\n    \"a\": null,\n    \"m\": \"\xEF\xBF\xBD\",\n    \"n\": [\n        1,\n        2\n "
            "   ]\n}");
}

TEST(Json, ParseErrorsNameTheFileAndThePlace) {
  EXPECT_ERROR(parse_json("{\n\"a\": nope}", "dir/summary.json"), Code::kCorrupt,
               "dir/summary.json: parse error at line 2, column 7");
  EXPECT_ERROR(parse_json("", "x"), Code::kCorrupt, "x: parse error");
}

// Copying or dumping a value walks it on the stack: this one would end the program.
TEST(Json, NestedTooDeepIsCorrupt) {
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  EXPECT_ERROR(parse_json(deep, "a/summary.json"), Code::kCorrupt,
               "a/summary.json: nested more than 200 levels deep, which is the most that stoker reads");
  EXPECT_FALSE(parse_json(std::string(201, '[') + std::string(201, ']'), "x").has_value());
  EXPECT_OK(parse_json(std::string(200, '[') + std::string(200, ']'), "x"));
  EXPECT_OK(parse_json("{\"a\": \"" + std::string(300, '{') + "\\\"[\"}", "x"));  // a text is no nesting
}

TEST(Files, DevicesAndPipesAreNoJson) {
  const stoker::testing::TempDir dir;
  const auto pipe = dir.path() / "summary.json";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_ERROR(read_json(pipe), Code::kCorrupt, "summary.json: is a device or a pipe, expected a file");
  EXPECT_ERROR(read_json("/dev/zero"), Code::kCorrupt, "is a device or a pipe");
  EXPECT_ERROR(read_file("/dev/zero"), Code::kCorrupt, "is a device or a pipe");
}

TEST(Json, KeyValuesAreTextsAndNumbersInOrder) {
  const Result<Json> json = parse_json(R"({"b": "1 kB", "a": 2, "skip": [1], "c": 1.5})", "x");
  ASSERT_OK(json);
  const KeyValues expected{{"b", "1 kB"}, {"a", "2"}, {"c", "1.5"}};
  EXPECT_EQ(key_values(*json), expected);
  EXPECT_EQ(to_json(expected).dump(), R"({"b":"1 kB","a":"2","c":"1.5"})");
}

TEST(Json, PythonsNotANumberIsNull) {
  const Result<Json> json =
      parse_json(R"({"au": NaN, "list": [1.5, Infinity, -Infinity], "text": "NaN \" Infinity"})", "x");
  ASSERT_OK(json);
  EXPECT_EQ(json->dump(), R"({"au":null,"list":[1.5,null,null],"text":"NaN \" Infinity"})");
  // The leniency is for these words only.
  EXPECT_ERROR(parse_json(R"({"au": NaN, "open": )", "half.json"), Code::kCorrupt, "half.json");
}

TEST(Files, AtomicWriteReplacesAndLeavesNothingBeside) {
  const testing::TempDir dir;
  const auto path = dir.path() / "f.json";
  ASSERT_OK(write_file_atomic(path, "one"));
  ASSERT_OK(write_file_atomic(path, "two"));
  const Result<std::string> text = read_file(path);
  ASSERT_OK(text);
  EXPECT_EQ(*text, "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), std::filesystem::directory_iterator()), 1);
}

TEST(Files, ErrorsNameThePath) {
  const testing::TempDir dir;
  EXPECT_ERROR(read_file(dir.path() / "absent"), Code::kNotFound, "absent: open: No such file");
  EXPECT_ERROR(write_file_atomic(dir.path() / "no/such/folder", "x"), Code::kNotFound, "no/such/folder: create");
  EXPECT_ERROR(read_json(dir.path() / "absent"), Code::kNotFound, "absent");
}

TEST(Files, AFailedRenameLeavesNothingBehind) {
  const testing::TempDir dir;
  std::filesystem::create_directories(dir.path() / "taken" / "inside");
  EXPECT_ERROR(write_file_atomic(dir.path() / "taken", "x"), Code::kIo, "taken: rename");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), std::filesystem::directory_iterator()), 1);
}

TEST(Files, WhatTheUserNamedIsWrittenNotReplaced) {
  const testing::TempDir dir;
  ASSERT_OK(write_file(dir.path() / "real.json", "old"));
  std::filesystem::create_symlink("real.json", dir.path() / "link.json");
  ASSERT_OK(write_file(dir.path() / "link.json", "new"));
  EXPECT_TRUE(std::filesystem::is_symlink(dir.path() / "link.json"));
  EXPECT_EQ(read_file(dir.path() / "real.json").value(), "new");
  // A device stays one.
  std::filesystem::create_symlink("/dev/null", dir.path() / "null");
  ASSERT_OK(write_file(dir.path() / "null", "gone"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  EXPECT_TRUE(std::filesystem::is_symlink(dir.path() / "null"));
  EXPECT_ERROR(write_file("/dev/full", "x"), Code::kNoSpace, "/dev/full: write");
}

TEST(Files, APipeIsNotWaitedFor) {
  const testing::TempDir dir;
  ASSERT_EQ(::mkfifo((dir.path() / "pipe").c_str(), 0600), 0);
  EXPECT_ERROR(read_file(dir.path() / "pipe"), Code::kCorrupt, "pipe: is a device or a pipe");
}

}  // namespace
}  // namespace stoker::results
