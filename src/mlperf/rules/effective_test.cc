#include "mlperf/rules/effective.h"

#include "base/testing/status_matchers.h"
#include "config/load.h"
#include "results/yaml_json.h"

namespace stoker::rules {
namespace {

using results::Json;

// Judging reads sizes from recorded parameters, planning from the typed configuration: they must agree.
TEST(ShapeOf, AgreesWithTheTypedConfigurationForEveryWorkload) {
  for (const std::string& name : config::workload_names("")) {
    for (const std::vector<std::string>& overrides :
         {std::vector<std::string>{}, {"++dataset.format=parquet"}, {"++dataset.num_samples_per_file=3"}}) {
      config::LoadRequest request;
      request.workload = name;
      request.overrides = overrides;
      const auto loaded = config::load(request);
      if (!loaded) continue;  // a codec that Parquet does not have, say
      const auto tree = results::yaml_to_json(loaded->merged_yaml, name);
      ASSERT_OK(tree);
      const mlperf::DatasetShape typed = mlperf::shape_of(loaded->workload);
      const mlperf::DatasetShape read = shape_of(Effective(tree->at("workload"), Json()));
      EXPECT_DOUBLE_EQ(read.record_bytes, typed.record_bytes) << name;
      EXPECT_EQ(read.samples_per_file, typed.samples_per_file) << name;
      EXPECT_EQ(read.batch_size, typed.batch_size) << name;
    }
  }
}

TEST(Effective, OverridesWinAndOldNamesAreTheirKeys) {
  const Json parameters = {{"dataset", {{"record_length", 100}, {"num_files_train", 4}}},
                           {"data_reader", {{"batch_size", "8"}}},
                           {"train", {{"epochs", 5}}}};
  const Json overrides = {
      {"dataset.num_files_train", "9"}, {"workload.reader.odirect", "false"}, {"train.epochs", nullptr}};
  const Effective e(parameters, overrides);
  EXPECT_EQ(e.integer("dataset.record_length_bytes"), 100);
  EXPECT_EQ(e.integer("dataset.num_files_train"), 9) << "numbers as text are numbers";
  EXPECT_EQ(e.integer("reader.batch_size"), 8);
  EXPECT_EQ(e.flag("reader.odirect"), false) << "the text 'false' is not true";
  EXPECT_EQ(e.find("train.epochs"), nullptr) << "null stands for the default";
  EXPECT_EQ(e.text("dataset.format"), "");
}

TEST(Effective, AMapChangesWhatItNames) {
  const Effective e({{"reader", {{"batch_size", 7}, {"read_threads", 4}}}}, {{"reader", {{"read_threads", 8}}}});
  EXPECT_EQ(e.integer("reader.batch_size"), 7);
  EXPECT_EQ(e.integer("reader.read_threads"), 8);
}

TEST(Effective, SomethingElseThanANumberIsNoNumber) {
  const Effective e({{"dataset", {{"num_files_train", Json::array({1})}, {"num_samples_per_file", 1.5}}}}, {});
  EXPECT_EQ(e.number("dataset.num_files_train"), std::nullopt);
  EXPECT_EQ(e.integer("dataset.num_samples_per_file"), std::nullopt);
  EXPECT_EQ(e.number("dataset.num_samples_per_file"), 1.5);
}

TEST(ShapeOf, DimensionsAndTrueWidthsCount) {
  const Effective dims({{"dataset", {{"record_dims", {10, 20}}, {"record_element_type", "float32"}}}}, {});
  EXPECT_EQ(shape_of(dims).record_bytes, 800);
  const Effective columns({{"dataset",
                            {{"format", "parquet"},
                             {"record_length_bytes", 99},
                             {"parquet", {{"columns", {{{"name", "a"}, {"dtype", "int8"}, {"size", 3}}, "b"}}}}}}},
                          {});
  EXPECT_EQ(shape_of(columns).record_bytes, 3 + 4);
}

}  // namespace
}  // namespace stoker::rules
