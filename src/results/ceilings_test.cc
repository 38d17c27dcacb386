#include "results/ceilings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"

namespace stoker::results {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Ceilings storage_ceilings() {
  Ceilings c{.version = "1", .time = "2026-01-02T03:04:05.000000", .hostname = "node1", .cpu_model = "cpu"};
  c.kernel = "6.1";
  c.usable_cpus = 8;
  c.workload = "embedded:x";
  c.model = "dlrm";
  c.shape = "parquet of a kind";
  c.storage = StorageCeiling{.data_folder = "/data/dlrm", .file_system = "ext4", .storage = "posix"};
  c.storage->direct_reads = "io_uring";
  c.storage->files = 4;
  c.storage->file_bytes = 400;
  c.storage->reads = {{.direct = true,
                       .depth = 8,
                       .threads = 1,
                       .seconds = 2,
                       .bytes = 2000,
                       .requests = 10,
                       .bytes_per_second = 1000,
                       .cpu_seconds_per_gb = 0.1,
                       .request_bytes = 200,
                       .p50_ms = 1,
                       .p99_ms = 2,
                       .knee = true,
                       .fio = FioPoint{.bytes_per_second = 1100, .cpu_seconds_per_gb = 0.2, .p50_ms = 1, .p99_ms = 3}}};
  c.storage->writes = {{.direct = false, .depth = 3, .threads = 1, .bytes_per_second = 500}};
  c.storage->notes = {"a note"};
  return c;
}

Ceilings client_ceilings() {
  Ceilings c = storage_ceilings();
  c.storage.reset();
  c.client = ClientCeiling{.figures = {{.name = "decode", .bytes_per_second = 5, .samples_per_second = 2, .runs = 3}},
                           .direct = {.bytes_per_second = 4, .samples_per_second = 1, .accelerators = 0.5},
                           .buffered = {.bytes_per_second = 3, .samples_per_second = 1, .accelerators = {}},
                           .batch_size = 7,
                           .step_seconds = 0.25,
                           .notes = {}};
  return c;
}

CeilingUse use() {
  return {.hostname = "node1", .shape = "parquet of a kind", .data_folder = "/data/dlrm"};
}

TEST(Ceilings, AreReadAsTheyWereWritten) {
  for (const Ceilings& c : {storage_ceilings(), client_ceilings()}) {
    const auto read = ceilings_from_json(to_json(c), "f");
    ASSERT_OK(read);
    EXPECT_EQ(*read, c);
  }
}

TEST(Ceilings, OfAnotherKindOrVersionAreRefused) {
  Json json = to_json(storage_ceilings());
  json["document_version"] = 2;
  EXPECT_THAT(ceilings_from_json(json, "f").error().message, HasSubstr("f: key 'document_version': found 2"));
  json["document"] = "a letter";
  EXPECT_THAT(ceilings_from_json(json, "f").error().message, HasSubstr("found 'a letter', expected 'stoker ceilings'"));
  EXPECT_FALSE(ceilings_from_json(Json::array(), "f"));
  json = to_json(storage_ceilings());
  json["storage"]["reads"][0]["depth"] = "deep";
  EXPECT_THAT(ceilings_from_json(json, "f").error().message, HasSubstr("storage.reads.depth"));
}

TEST(CheckFit, NamesWhatIsAnother) {
  const Ceilings c = storage_ceilings();
  EXPECT_OK(check_fit(c, use(), "f"));
  CeilingUse other = use();
  other.hostname = "node2";
  EXPECT_THAT(check_fit(c, other, "f").error().message,
              AllOf(HasSubstr("f: is of another host"), HasSubstr("'node2'")));
  other = use();
  other.shape = "npz";
  EXPECT_THAT(check_fit(c, other, "f").error().message, HasSubstr("another shape of data"));
  other = use();
  other.data_folder = "/data/dlrm2";
  EXPECT_THAT(check_fit(c, other, "f").error().message, HasSubstr("another data folder"));
  // What a client can do does not hang on where the data lie.
  EXPECT_OK(check_fit(client_ceilings(), other, "f"));
}

TEST(CheckFit, OwnFilesStandForDataSetsInTheSameFolder) {
  Ceilings c = storage_ceilings();
  c.storage->data_folder = "/data";
  EXPECT_FALSE(check_fit(c, use(), "f"));
  c.storage->own_files = true;
  EXPECT_OK(check_fit(c, use(), "f"));
}

TEST(NewestCeilings, AreFoundByModelAndKindAlone) {
  const stoker::testing::TempDir dir;
  const auto at = [](int second) { return WallTime(std::chrono::seconds(1'700'000'000 + second)); };
  Ceilings older = storage_ceilings();
  older.version = "older";
  const auto first = write_ceilings(dir.path(), CeilingKind::kStorage, older, at(0));
  ASSERT_OK(first);
  const auto second = write_ceilings(dir.path(), CeilingKind::kStorage, storage_ceilings(), at(5));
  ASSERT_OK(second);
  EXPECT_EQ(second->filename(), "ceilings.json");
  EXPECT_EQ(second->parent_path().parent_path(), dir.path() / "bench" / "dlrm" / "storage");
  EXPECT_EQ(newest_ceilings(dir.path(), "dlrm", CeilingKind::kStorage, use()).file, *second);
  EXPECT_EQ(newest_ceilings(dir.path(), "dlrm", CeilingKind::kClient, use()).file, std::nullopt);
  EXPECT_EQ(newest_ceilings(dir.path(), "flux", CeilingKind::kStorage, use()).why_not, "");

  // A newer one that does not fit is passed over; where none fits the newest says why.
  Ceilings elsewhere = storage_ceilings();
  elsewhere.storage->data_folder = "/other";
  ASSERT_OK(write_ceilings(dir.path(), CeilingKind::kStorage, elsewhere, at(9)));
  EXPECT_EQ(newest_ceilings(dir.path(), "dlrm", CeilingKind::kStorage, use()).file, *second);
  CeilingUse none = use();
  none.data_folder = "/third";
  EXPECT_THAT(newest_ceilings(dir.path(), "dlrm", CeilingKind::kStorage, none).why_not, HasSubstr("found '/other'"));
}

TEST(WriteCeilings, RefusesAModelThatIsNoName) {
  const stoker::testing::TempDir dir;
  Ceilings c = storage_ceilings();
  c.model = "../x";
  EXPECT_FALSE(write_ceilings(dir.path(), CeilingKind::kStorage, c, WallTime{}));
}

TEST(DataShape, FollowsWhatIsReadAndNotHowManyFiles) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.parquet.columns = {{.name = "a"}, {.name = "b", .read = false}};
  const std::string shape = data_shape(w);
  EXPECT_THAT(shape, AllOf(HasSubstr("parquet, compression none"), HasSubstr("1 of 2 columns")));
  w.dataset.num_files_train = 99;
  w.reader.batch_size = 5;
  EXPECT_EQ(data_shape(w), shape);
  w.dataset.parquet.columns[1].read = true;
  EXPECT_NE(data_shape(w), shape);
  w.dataset.parquet.columns[1].read = false;
  w.storage.model.latency = "5ms";
  EXPECT_NE(data_shape(w), shape);
}

}  // namespace
}  // namespace stoker::results
