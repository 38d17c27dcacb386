#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "app/build_manifest/build_facts.h"
#include "app/build_manifest/compare.h"
#include "app/build_manifest/manifest.h"
#include "base/error_number.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"

namespace stoker::build_manifest {
namespace {

namespace fs = std::filesystem;
using results::Json;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

Json example() {
  return manifest(host::Proc(), {.library = "Open MPI v4.1.4", .launcher = "mpirun (Open MPI) 4.1.4"});
}

TEST(Manifest, TellsProgramBuildLibrariesAndHost) {
  const Json json = example();
  EXPECT_EQ(json["kind"], "stoker build manifest");
  EXPECT_EQ(json["manifest_version"], 1);
  EXPECT_EQ(json["stoker"]["version"], std::string(stoker_version()));
  EXPECT_TRUE(json["stoker"]["dirty"].is_boolean());
  if (fs::exists(fs::path(STOKER_SOURCE_DIR) / ".git")) {
    EXPECT_THAT(json["stoker"]["commit"].get<std::string>(), MatchesRegex("[0-9a-f]{40,}"));
  }
  EXPECT_THAT(json["build"]["compiler"].get<std::string>(), MatchesRegex("[A-Za-z]+ [0-9.]+"));
  EXPECT_THAT(json["build"]["type"].get<std::string>(), Not(HasSubstr("@")));
  for (const char* library : {"arrow", "fmt", "spdlog", "yaml-cpp", "nlohmann_json", "cli11", "glibc"}) {
    ASSERT_TRUE(json["libraries"].contains(library)) << library;
    EXPECT_THAT(json["libraries"][library].get<std::string>(), MatchesRegex("[0-9]+\\.[0-9].*")) << library;
  }
  EXPECT_EQ(json["mpi"]["launcher"], "mpirun (Open MPI) 4.1.4");
  EXPECT_FALSE(json["host"]["kernel"].get<std::string>().empty());
  EXPECT_FALSE(json["host"]["architecture"].get<std::string>().empty());
}

// Those that only find others, run ranks or are for tests aside.
TEST(Manifest, HasEveryLibraryThatIsBuiltWith) {
  const std::map<std::string, std::string> called{
      {"ArrowParquet", "arrow"}, {"BZip2", "bzip2"}, {"CLI11", "cli11"}, {"deflate", "libdeflate"}, {"isal", "isa-l"},
      {"jpeg", "libjpeg"},       {"lzma", "xz"},     {"png", "libpng"},  {"uring", "liburing"},     {"HDF5", "hdf5"}};
  const std::set<std::string> others{"Threads", "PkgConfig", "MPI", "GTest", "benchmark"};
  const Json json = example();
  std::ifstream in(fs::path(STOKER_SOURCE_DIR) / "cmake" / "dependencies.cmake");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::regex finds(R"(\b(find_package|pkg_check_modules)\(([A-Za-z0-9_-]+))");
  int found = 0;
  for (auto it = std::sregex_iterator(text.begin(), text.end(), finds); it != std::sregex_iterator(); ++it) {
    const std::string library = (*it)[2];
    if (others.contains(library)) continue;
    const auto name = called.find(library);
    const bool absent = (library == "uring" && json["build"]["io_uring"] == "no");
    EXPECT_NE(json["libraries"].contains(name == called.end() ? library : name->second), absent)
        << library << " of cmake/dependencies.cmake: add its row to src/app/build_manifest/CMakeLists.txt";
    ++found;
  }
  EXPECT_GE(found, 12);
}

TEST(Manifest, SurvivesAFileAndARunDirectory) {
  const testing::TempDir dir;
  const Json json = example();
  ASSERT_OK(write_manifest(dir.path() / kFileName, json));
  const auto from_file = read_manifest(dir.path() / kFileName);
  ASSERT_OK(from_file);
  EXPECT_EQ(*from_file, json);
  const auto from_folder = read_manifest(dir.path());
  ASSERT_OK(from_folder);
  EXPECT_TRUE(compare(*from_folder, json).passed());
}

TEST(Manifest, SaysWhatAFileIsInstead) {
  const testing::TempDir dir;
  const fs::path file = dir.path() / "requirements.txt";
  std::ofstream(file) << "# made by pip-compile\n\nnumpy==1.26.4 \\\n    --hash=sha256:0123\npyyaml>=6\n";
  EXPECT_ERROR(read_manifest(file), Code::kCorrupt, "requirements.txt: a list of Python packages; expected the build");
  EXPECT_THAT(read_manifest(file).error().hint, HasSubstr("stoker manifest --output FILE"));
  std::ofstream(file) << "{\"kind\": \"stoker dataset\"}";
  EXPECT_ERROR(read_manifest(file), Code::kCorrupt, "not a build manifest");
  std::ofstream(file) << "[1, 2]";
  EXPECT_ERROR(read_manifest(file), Code::kCorrupt, "not a build manifest");
  std::ofstream(file) << "{\"kind\": ";
  EXPECT_ERROR(read_manifest(file), Code::kCorrupt, "requirements.txt: ");
  EXPECT_ERROR(read_manifest(dir.path() / "none.json"), Code::kNotFound, "none.json");
  EXPECT_ERROR(read_manifest(dir.path()), Code::kNotFound, "build_manifest.json");
}

TEST(AskMpi, TakesTheFirstLineOfEachAnswer) {
  launch::ProcessLauncher launcher;
  const testing::TempDir dir;
  const fs::path program = dir.path() / "program";
  std::ofstream(program) << "#!/bin/sh\necho \"$@\"\necho more\n";
  fs::permissions(program, fs::perms::owner_all);
  const MpiFacts facts = ask_mpi(launcher, {program.string(), "dlio"}, program.string());
  EXPECT_EQ(facts.library, "dlio --mpi-version");
  EXPECT_EQ(facts.launcher, "--version");
  const MpiFacts none = ask_mpi(launcher, {"/bin/false"}, (dir.path() / "no-mpirun").string());
  EXPECT_FALSE(none.library.has_value());
  EXPECT_FALSE(none.launcher.has_value());
}

TEST(Compare, TheProgramFailsAndTheHostWarns) {
  const Json recorded = example();
  EXPECT_TRUE(compare(recorded, recorded).passed());
  EXPECT_EQ(compare(recorded, recorded).matched, compare(recorded, recorded).total);

  Json here = recorded;
  here["host"]["kernel"] = "9.9.9";
  here["mpi"]["library"] = nullptr;
  Comparison c = compare(recorded, here);
  EXPECT_TRUE(c.passed());
  EXPECT_OK(verdict(c, "M"));
  EXPECT_EQ(c.around.size(), 2U);
  EXPECT_THAT(report(c, "M", "this program"), HasSubstr("build manifest M: PASSED\n"));
  EXPECT_THAT(report(c, "M", "this program"),
              HasSubstr("host, warning only: mpi.library: recorded Open MPI v4.1.4, here unknown\n"));
  c = compare(recorded, here, {.strict = true});
  EXPECT_FALSE(c.passed());
  EXPECT_ERROR(verdict(c, "M"), Code::kFailed, "mpi.library");

  here["libraries"]["arrow"] = "1.0.0";
  here["stoker"]["dirty"] = !recorded["stoker"]["dirty"].get<bool>();
  c = compare(recorded, here);
  EXPECT_FALSE(c.passed());
  EXPECT_EQ(c.mismatched.size(), 2U);
  const Status refused = verdict(c, "M");
  EXPECT_ERROR(refused, Code::kFailed, "M: this is another build (2 differences): stoker.dirty");
  EXPECT_EQ(exit_code(refused.error()), ExitCode::kFailure);
  EXPECT_EQ(number_of(refused.error()), ErrorNumber::kIncompatible);
  EXPECT_THAT(report(c, "M", "N"), HasSubstr("FAILED"));
  EXPECT_THAT(report(c, "M", "N"), HasSubstr("4 mismatched, 0 missing, 0 skipped"));
  EXPECT_TRUE(compare(recorded, here, {.skip = {"libraries", "stoker.dirty"}}).passed());
  // A group's name is not a prefix of letters.
  const Comparison mistyped = compare(recorded, here, {.skip = {"lib", "stoker.dirty", "libraries"}});
  EXPECT_EQ(mistyped.skipped_nothing, std::vector<std::string>{"lib"});
  const Status unknown = verdict(mistyped, "M");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::kInvalidArgument);
  EXPECT_THAT(unknown.error().message, HasSubstr("--skip: M has no entry and no group 'lib'"));
}

TEST(Compare, UncommittedChangesInBothAreToldOf) {
  Json recorded = example();
  recorded["stoker"]["dirty"] = true;
  EXPECT_TRUE(compare(recorded, recorded).both_dirty);
  EXPECT_THAT(report(compare(recorded, recorded), "M", "N"), HasSubstr("uncommitted changes"));
  recorded["stoker"]["dirty"] = false;
  EXPECT_FALSE(compare(recorded, recorded).both_dirty);
  EXPECT_THAT(report(compare(recorded, recorded), "M", "N"), Not(HasSubstr("uncommitted")));
}

TEST(Compare, EntriesThatAreMissingHere) {
  const Json recorded = example();
  Json here = recorded;
  here["libraries"].erase("fmt");
  EXPECT_FALSE(compare(recorded, here).passed());
  EXPECT_ERROR(verdict(compare(recorded, here), "M"), Code::kFailed, "libraries.fmt: missing here");
  EXPECT_TRUE(compare(recorded, here, {.allow_missing = true}).passed());
  // What only this program knows says nothing about the one that was recorded.
  EXPECT_TRUE(compare(here, recorded).passed());
}

}  // namespace
}  // namespace stoker::build_manifest
