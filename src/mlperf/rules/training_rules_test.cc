#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "mlperf/rules/judge.h"
#include "mlperf/rules/testing/finding_matchers.h"
#include "mlperf/rules/testing/sample_runs.h"

namespace stoker::rules {
namespace {

using testing::broken;
using ::testing::ElementsAre;
using testing::finished_run;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::of_rule;
using testing::training_run;

TEST(JudgeTraining, ARunThatFollowsTheRulesIsClosed) {
  for (const auto& [model, accelerator] :
       {std::pair("unet3d", "h100"), std::pair("resnet50", "a100"), std::pair("cosmoflow", "h100"),
        std::pair("dlrm", "mi355"), std::pair("retinanet", "b200"), std::pair("flux", "b200")}) {
    const Judgement judgement = judge(training_run({}, model, accelerator));
    EXPECT_EQ(judgement.category(), Category::kClosed) << model << "\n" << testing::text(judgement);
    EXPECT_EQ(of_rule(judgement, "training.files").size(), 1U) << "that the minimum is met is worth saying";
  }
}

TEST(JudgeTraining, OnlyRunsAreJudged) {
  rules::Run run = training_run({"reader.batch_size=1"});
  EXPECT_EQ(judge(run).category(), Category::kInvalid);
  for (const char* command : {"datagen", "datasize"}) {
    run.id.command = command;
    const Judgement judgement = judge(run);
    EXPECT_EQ(judgement.category(), Category::kClosed);
    EXPECT_EQ(of_rule(judgement, "run.command").size(), 1U);
  }
}

TEST(JudgeTraining, Model) {
  rules::Run run = training_run();
  run.id.model = "bert";
  EXPECT_THAT(broken(judge(run)), ElementsAre("training.model"));
}

TEST(JudgeTraining, Accelerator) {
  rules::Run run = training_run();
  run.accelerator = "b200";
  EXPECT_THAT(broken(judge(run)), ElementsAre("training.accelerator"));
  // Workload files that are left over from a draft can be run, but not submitted.
  const Judgement draft = judge(training_run({}, "flux", "h100"));
  EXPECT_THAT(broken(draft), ElementsAre("training.accelerator"));
  EXPECT_THAT(draft.findings.front().message, HasSubstr("left over from a draft"));
}

TEST(JudgeTraining, ARunThatDidNotEndWellIsInvalid) {
  rules::Run run = finished_run();
  EXPECT_THAT(broken(judge(run)), IsEmpty());
  run.finished = false;
  EXPECT_THAT(broken(judge(run)), ElementsAre("run.finished"));
  run.directory.clear();
  EXPECT_THAT(broken(judge(run)), IsEmpty()) << "a planned run is not asked";
}

struct ChangedKey {
  const char* section;
  const char* key;
  results::Json value;  // null: left out
  Category category;
};

// What an override of the same key would be.
TEST(JudgeTraining, AChangedWorkloadFileIsJudgedByTheTableOfOverrides) {
  using enum Category;
  const auto judged = [](const ChangedKey& row, const char* model, const char* accelerator) {
    rules::Run run = training_run({}, model, accelerator);
    if (row.value.is_null()) {
      run.parameters[row.section].erase(row.key);
    } else {
      run.parameters[row.section][row.key] = row.value;
    }
    return judge(run);
  };
  const ChangedKey unet3d[] = {
      {"reader", "batch_size", 8, kInvalid},
      {"train", "epochs", 4, kInvalid},
      {"train", "computation_time", nullptr, kInvalid},
      {"train", "total_training_steps", 5, kInvalid},
      {"dataset", "record_length_bytes", 146600000, kInvalid},
      {"dataset", "record_length_bytes_stdev", 0, kInvalid},
      {"dataset", "compression", "gzip", kInvalid},
      {"dataset", "keep_files", false, kInvalid},
      {"reader", "file_shuffle", "off", kInvalid},
      {"reader", "sample_shuffle", nullptr, kInvalid},
      {"reader", "pin_memory", false, kInvalid},
      {"metric", "au", 0.5, kInvalid},
      {"output", "metric", {{"exclude_start_steps", 400}}, kInvalid},
      {"dataset", "format", "parquet", kOpen},
      {"reader", "data_loader", "dali", kOpen},
      {"reader", "chunk_bytes", 4096, kOpen},
      {"reader", "read_threads", 16, kClosed},
      {"reader", "collate", false, kClosed},
      {"dataset", "data_folder", "/mnt/other", kClosed},
  };
  for (const ChangedKey& row : unet3d) {
    const Judgement judgement = judged(row, "unet3d", "h100");
    EXPECT_EQ(judgement.category(), row.category) << row.section << "." << row.key << "\n" << testing::text(judgement);
    if (row.category == kClosed) continue;
    EXPECT_THAT(broken(judgement), ElementsAre("training.workload")) << row.key;
  }
  const ChangedKey flux[] = {
      {"dataset", "compression", "zstd", kInvalid},
      {"dataset", "num_samples_per_file", 28800, kOpen},
      {"reader", "sample_shuffle", "seed", kInvalid},
  };
  for (const ChangedKey& row : flux) {
    const Judgement judgement = judged(row, "flux", "b200");
    EXPECT_EQ(judgement.category(), row.category) << row.section << "." << row.key << "\n" << testing::text(judgement);
    EXPECT_THAT(broken(judgement), ::testing::Contains("training.workload")) << row.key;
  }
  rules::Run run = training_run({}, "dlrm", "b200");
  run.parameters["dataset"]["parquet"]["columns"][3]["read"] = true;
  EXPECT_THAT(broken(judge(run)), ElementsAre("training.workload"));
  run = training_run();
  run.overrides["workflow.train"] = false;
  EXPECT_THAT(broken(judge(run)), ElementsAre("training.workload"));
}

// Results of earlier versions name the model and no more; what it holds is a checkpoint's business.
TEST(JudgeTraining, TheModelCountsOnlyWhereTheRunSavesIt) {
  rules::Run run = training_run();
  run.parameters["model"] = {{"name", "unet3d"}};
  EXPECT_THAT(broken(judge(run)), IsEmpty());
  run.parameters["model"] = "unet3d";
  EXPECT_THAT(broken(judge(run)), IsEmpty());
  run.parameters["workflow"]["checkpoint"] = true;
  EXPECT_THAT(broken(judge(run)), ElementsAre("training.workload")) << "its size";
}

TEST(JudgeTraining, AChangeOfTheWorkloadFileIsExplained) {
  rules::Run run = training_run();
  run.parameters["reader"].erase("file_shuffle");
  run.parameters["reader"]["read_threads"] = 16;
  const auto findings = of_rule(judge(run), "training.workload");
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].category, Category::kClosed);
  EXPECT_EQ(findings[0].message,
            "reader.read_threads of the workload file may differ from the benchmark's: how the client reads is the "
            "submitter's to tune");
  EXPECT_EQ(findings[0].expected, "4");
  EXPECT_EQ(findings[0].actual, "16");
  EXPECT_EQ(findings[0].severity, Severity::kInfo);
  EXPECT_EQ(findings[1].category, Category::kInvalid);
  EXPECT_EQ(findings[1].message,
            "reader.file_shuffle of the workload file is not the benchmark's: it changes the work that the benchmark "
            "prescribes");
  EXPECT_EQ(findings[1].parameter, "reader.file_shuffle");
  EXPECT_EQ(findings[1].expected, "seed");
  EXPECT_EQ(findings[1].actual, "off");
  EXPECT_THAT(findings[1].remedy, HasSubstr("--config-dir"));
}

// Runs of other programs have numbers as text, other capitals, old names and keys that stoker does not know.
TEST(JudgeTraining, TheSameWorkloadInOtherWordsIsTheSame) {
  rules::Run run = training_run();
  run.parameters["reader"]["batch_size"] = "7";
  run.parameters["train"]["epochs"] = 5.0;
  run.parameters["framework"] = "PyTorch";
  run.parameters["workflow"]["train"] = "True";
  run.parameters["workflow"]["generate_data"] = "False";
  run.parameters["dataset"]["record_length"] = run.parameters["dataset"]["record_length_bytes"];
  run.parameters["dataset"].erase("record_length_bytes");
  run.parameters["data_reader"] = run.parameters["reader"];
  run.parameters["train"]["computation_time"] = {{"mean", 0.323}};
  run.parameters["train"]["computation_time_stdev"] = 0;
  run.parameters["model"] = {{"name", "unet3d"}, {"type", "cnn"}, {"model_size_bytes", 499153191}};
  // Defaults spelt out, and what nobody knows.
  run.parameters["dataset"]["compression"] = "none";
  run.parameters["dataset"]["keep_files"] = "true";
  run.parameters["data_reader"]["dont_use_mmap"] = "false";
  run.parameters["data_reader"]["prefetch_size"] = 2;
  run.parameters["train"]["total_training_steps"] = -1;
  run.parameters["output"]["metric"]["exclude_start_steps"] = 1;
  run.parameters["dataset"]["some_key_of_dlio"] = 3;
  const Judgement judgement = judge(run);
  EXPECT_THAT(of_rule(judgement, "training.workload"), IsEmpty()) << testing::text(judgement);
  EXPECT_THAT(broken(judgement), IsEmpty());

  run = training_run({}, "dlrm", "b200");
  for (results::Json& column : run.parameters["dataset"]["parquet"]["columns"]) {
    column["size"] = "1";
    column["read"] = column["read"] == true ? "True" : "False";
  }
  EXPECT_THAT(of_rule(judge(run), "training.workload"), IsEmpty());
}

// The configuration reads data_reader where both are there, so a right `reader` beside it hides nothing.
TEST(JudgeTraining, ASecondReaderSectionHidesNothing) {
  rules::Run run = training_run();
  run.parameters["data_reader"] = run.parameters["reader"];
  run.parameters["data_reader"]["batch_size"] = 70;
  EXPECT_THAT(broken(judge(run)), ::testing::Contains("training.workload"));
}

TEST(JudgeTraining, WhatIsOverriddenIsNotNamedTwice) {
  for (const char* param : {"reader.batch_size=8", "dataset.parquet.columns=[a]", "train.computation_time_stdev=1"}) {
    rules::Run run = training_run({param}, "flux", "b200");
    EXPECT_THAT(of_rule(judge(run), "training.workload"), IsEmpty()) << param;
  }
}

TEST(JudgeTraining, SecretsAreNotShown) {
  rules::Run run = training_run({"storage.storage_options.secret_access_key=hunter2"});
  EXPECT_THAT(testing::text(judge(run)), ::testing::Not(HasSubstr("hunter2")));
  run = training_run();
  run.parameters["storage"]["storage_options"]["secret_access_key"] = "hunter2";
  EXPECT_THAT(broken(judge(run)), ElementsAre("training.workload"));
  EXPECT_THAT(testing::text(judge(run)), ::testing::Not(HasSubstr("hunter2")));
}

TEST(JudgeTraining, Parameters) {
  rules::Run run = training_run();
  run.parameters["dataset"].erase("num_files_train");
  run.overrides.erase("dataset.num_files_train");
  EXPECT_THAT(broken(judge(run)), ElementsAre("training.parameters"));
}

// unet3d on one h100 and 16 GiB: 500 steps of batch 7 decide, 3500 files.
TEST(JudgeTraining, FilesAreCountedWithATolerance) {
  const auto with = [](int files) { return judge(training_run({"dataset.num_files_train=" + std::to_string(files)})); };
  const Judgement enough = with(3500);
  EXPECT_EQ(enough.category(), Category::kClosed);
  ASSERT_EQ(of_rule(enough, "training.files").size(), 1U);
  EXPECT_EQ(of_rule(enough, "training.files")[0].severity, Severity::kInfo);
  EXPECT_THAT(of_rule(enough, "training.files")[0].message, HasSubstr("500 steps per epoch of 1 accelerator"));

  const Judgement nearly = with(3465);
  EXPECT_EQ(nearly.category(), Category::kClosed);
  EXPECT_EQ(of_rule(nearly, "training.files")[0].severity, Severity::kWarning);
  EXPECT_THAT(of_rule(nearly, "training.files")[0].message, HasSubstr("tolerance"));

  const Judgement few = with(3464);
  EXPECT_THAT(broken(few), ElementsAre("training.files"));
  EXPECT_EQ(of_rule(few, "training.files")[0].expected, ">= 3500");
  EXPECT_EQ(of_rule(few, "training.files")[0].actual, "3464");
  EXPECT_THAT(of_rule(few, "training.files")[0].remedy, HasSubstr("datasize"));
}

// mlpstorage rounds down: 8 hosts of 1024 GiB are 300001 files to it and 300002 to us.
TEST(JudgeTraining, TheRoundedDownCountIsAccepted) {
  rules::Run run = training_run({"dataset.num_files_train=300001"});
  run.hosts.assign(8, {"h", 1024 * kGiB, std::nullopt, 8});
  run.num_hosts = 8;
  run.processes = 8;
  const Judgement judgement = judge(run);
  EXPECT_EQ(judgement.category(), Category::kClosed) << testing::text(judgement);
  EXPECT_EQ(of_rule(judgement, "training.files")[0].expected, ">= 300002");
  EXPECT_THAT(of_rule(judgement, "training.files")[0].message, HasSubstr("5 x 8.0 TiB of memory in 8 hosts"));
}

TEST(JudgeTraining, UnknownMemoryCannotBeJudged) {
  rules::Run run = training_run();
  run.hosts.clear();
  const Judgement judgement = judge(run);
  EXPECT_THAT(broken(judgement), ElementsAre("training.files"));
  EXPECT_THAT(of_rule(judgement, "training.files")[0].message, HasSubstr("memory of the hosts is unknown"));
}

// A fallback to one host must not make the minimum smaller.
TEST(JudgeTraining, HostsThatAreMissingCountAsTheLargestOne) {
  rules::Run run = training_run({"dataset.num_files_train=40000"});
  run.hosts = {{"alpha", 1024 * kGiB, std::nullopt, 8}};
  EXPECT_EQ(judge(run).category(), Category::kClosed);
  run.num_hosts = 2;
  run.processes = 2;
  run.hosts_from = "local_fallback";
  const Judgement judgement = judge(run);
  EXPECT_THAT(broken(judgement), ElementsAre("training.files"));
  const auto flagged = of_rule(judgement, "run.hosts");
  ASSERT_EQ(flagged.size(), 2U);
  EXPECT_THAT(flagged[0].message, HasSubstr("1 of 2 hosts"));
  EXPECT_EQ(flagged[0].severity, Severity::kWarning);
  EXPECT_THAT(flagged[1].message, HasSubstr("could not be asked"));
}

// 2^20 hosts of 2^20 GiB are more bytes than 64 bits count: wrapped around they would be none at all.
TEST(JudgeTraining, MoreMemoryThanCanBeCountedIsNotLittle) {
  rules::Run run = training_run({"dataset.num_files_train=9000000"});
  run.hosts = {{"alpha", (std::uint64_t{1} << 20) * kGiB, std::nullopt, 8}};
  run.num_hosts = 1 << 20;
  run.processes = 1 << 20;
  EXPECT_THAT(broken(judge(run)), ElementsAre("training.files"));
  run.hosts.assign(1 << 15, {"alpha", (std::uint64_t{1} << 20) * kGiB, std::nullopt, 8});
  run.num_hosts = 1 << 15;
  run.processes = 1 << 15;
  EXPECT_THAT(broken(judge(run)), ElementsAre("training.files"));
}

TEST(JudgeTraining, MemoryFromTheCommandLineIsSaidToBe) {
  rules::Run run = training_run();
  EXPECT_THAT(of_rule(judge(run), "run.hosts"), IsEmpty());
  run.hosts_from = "args";
  const Judgement judgement = judge(run);
  EXPECT_EQ(judgement.category(), Category::kClosed);
  ASSERT_EQ(of_rule(judgement, "run.hosts").size(), 1U);
  EXPECT_THAT(of_rule(judgement, "run.hosts")[0].message, HasSubstr("not measured"));
}

TEST(JudgeTraining, EvenHosts) {
  rules::Run run = training_run();
  run.hosts.assign(3, {"h", kGiB, std::nullopt, 8});
  run.num_hosts = 3;
  run.processes = 9;
  EXPECT_THAT(of_rule(judge(run), "training.even_hosts"), IsEmpty());
  run.processes = 8;
  const Judgement judgement = judge(run);
  EXPECT_EQ(judgement.category(), Category::kClosed);
  ASSERT_EQ(of_rule(judgement, "training.even_hosts").size(), 1U);
  EXPECT_EQ(of_rule(judgement, "training.even_hosts")[0].actual, "8 on 3 hosts: from 2 to 3 on each");
}

TEST(JudgeTraining, EvenHostsAreThoseOfTheSlots) {
  rules::Run run = training_run();
  run.hosts.assign(2, {"h", kGiB, std::nullopt, 8});
  run.num_hosts = 2;
  run.processes = 8;
  run.ranks_by_host = {4, 4};
  EXPECT_THAT(of_rule(judge(run), "training.even_hosts"), IsEmpty());
  run.ranks_by_host = {6, 2};
  const auto findings = of_rule(judge(run), "training.even_hosts");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].expected, "4 on each host");
  EXPECT_EQ(findings[0].actual, "8 on 2 hosts: from 2 to 6 on each");
  EXPECT_THAT(findings[0].remedy, HasSubstr("slots"));
}

struct LimitRow {
  const char* rule;
  const char* model;
  const char* accelerator;
  const char* allowed;
  const char* refused_model;
  const char* refused_accelerator;
  const char* refused;
};

TEST(JudgeTraining, LimitsOfTheRulesText) {
  constexpr LimitRow kRows[] = {
      {"prefetch_size", "unet3d", "h100", "reader.prefetch_size=0", "unet3d", "h100", "reader.prefetch_size=3"},
      {"prefetch_size", "dlrm", "b200", "reader.prefetch_size=2", "dlrm", "b200", "reader.prefetch_size=64"},
      {"transfer_size", "resnet50", "h100", "reader.transfer_size=4096", "unet3d", "h100", "reader.transfer_size=4096"},
      {"computation_threads", "resnet50", "h100", "reader.computation_threads=4", "cosmoflow", "h100",
       "reader.computation_threads=4"},
  };
  for (const LimitRow& row : kRows) {
    SCOPED_TRACE(row.rule);
    const std::string rule = std::string("training.limit.") + row.rule;
    EXPECT_THAT(of_rule(judge(training_run({row.allowed}, row.model, row.accelerator)), rule), IsEmpty());
    const Judgement judgement = judge(training_run({row.refused}, row.refused_model, row.refused_accelerator));
    EXPECT_THAT(broken(judgement), ElementsAre(rule));
    EXPECT_EQ(judgement.category(), Category::kOpen);
  }
  // Set by a workload file of one's own they are no better.
  rules::Run run = training_run({}, "dlrm", "b200");
  run.parameters["reader"]["prefetch_size"] = 64;
  EXPECT_THAT(broken(judge(run)), ElementsAre("training.limit.prefetch_size"));
  EXPECT_THAT(broken(judge(training_run({}, "resnet50", "h100"))), IsEmpty()) << "its own file sets some of them";
  // For the OPEN division in any case; outside of tfrecord with a warning.
  EXPECT_THAT(broken(judge(training_run({"dataset.num_samples_per_file=10"}, "cosmoflow", "h100"))),
              ElementsAre("training.override.open"));
  EXPECT_THAT(broken(judge(training_run({"dataset.num_samples_per_file=10"}))),
              ElementsAre("training.override.open", "training.limit.num_samples_per_file"));
}

TEST(JudgeTraining, DirectReadsAreForUnet3dInWhicheverWayTheyAreAskedFor) {
  EXPECT_THAT(broken(judge(training_run({"reader.odirect=true"}))), IsEmpty());
  EXPECT_THAT(broken(judge(training_run({"reader.odirect=false"}, "dlrm", "b200"))), IsEmpty())
      << "a text 'false' is not true";
  EXPECT_THAT(broken(judge(training_run({"reader.odirect=true"}, "dlrm", "b200"))),
              ElementsAre("training.limit.odirect"));
  EXPECT_THAT(broken(judge(training_run({"storage.storage_type=direct_fs"}, "dlrm", "b200"))),
              ElementsAre("training.limit.odirect"));
  EXPECT_THAT(broken(judge(training_run({"storage.storage_library=direct"}, "dlrm", "b200"))),
              ElementsAre("training.override.invalid", "training.limit.odirect"));
  EXPECT_THAT(broken(judge(training_run({"storage.storage_options.uri_scheme=direct"}, "dlrm", "b200"))),
              ElementsAre("training.override.invalid", "training.limit.odirect"));
  rules::Run run = training_run({}, "dlrm", "b200");
  run.parameters["storage"]["storage_options"]["uri_scheme"] = "direct";
  EXPECT_THAT(broken(judge(run)), ElementsAre("training.workload", "training.limit.odirect"));
}

// The workload files of unet3d write no checkpoint while training, whatever an old check of mlpstorage asks for.
TEST(JudgeTraining, Unet3dNeedNotCheckpoint) {
  for (const char* accelerator : {"a100", "h100"}) {
    rules::Run run = training_run({}, "unet3d", accelerator);
    EXPECT_EQ(run.parameters["workflow"]["checkpoint"], false) << accelerator;
    EXPECT_THAT(broken(judge(run)), IsEmpty()) << accelerator;
    run.overrides["workflow.checkpoint"] = false;
    EXPECT_EQ(judge(run).category(), Category::kClosed) << accelerator;
  }
}

// Numbers that were typed are numbers: the minimum is computed with them.
TEST(JudgeTraining, NumbersThatWereOverriddenCountInTheMinimum) {
  for (const auto& [key, value, least] : {std::tuple("dataset.num_samples_per_file", results::Json(10), ">= 350"),
                                          std::tuple("dataset.num_samples_per_file", results::Json("10"), ">= 350"),
                                          std::tuple("reader.batch_size", results::Json("14"), ">= 7000")}) {
    rules::Run run = training_run();
    run.overrides[key] = value;
    const auto files = of_rule(judge(run), "training.files");
    ASSERT_EQ(files.size(), 1U) << key;
    EXPECT_EQ(files[0].expected, least) << key << " " << value.dump();
  }
}

TEST(JudgeTraining, EveryEpochReadsTheDataSet) {
  EXPECT_THAT(broken(judge(training_run({"reader.data_loader=dali"}))), ElementsAre("training.override.open"));
  EXPECT_THAT(broken(judge(training_run({"reader.data_loader=synthetic"}))),
              ElementsAre("training.reads", "training.override.open"));
  EXPECT_THAT(broken(judge(training_run({"dataset.format=synthetic"}))),
              ElementsAre("training.reads", "training.override.open"));
  EXPECT_THAT(broken(judge(training_run({"storage.storage_type=generated"}))), ElementsAre("training.reads"));
  EXPECT_THAT(broken(judge(training_run({"reader.read_type=memory"}))), ElementsAre("training.override.invalid"));
  // In a workload file of one's own, too.
  for (const auto& [section, key, good, bad] :
       {std::tuple("reader", "read_type", results::Json("on_demand"), results::Json("memory")),
        std::tuple("reader", "drop_caches", results::Json(true), results::Json(false))}) {
    rules::Run run = training_run();
    run.parameters[section][key] = good;
    EXPECT_THAT(broken(judge(run)), IsEmpty()) << key;
    run.parameters[section][key] = bad;
    EXPECT_THAT(broken(judge(run)), ElementsAre("training.workload")) << key;
  }
  rules::Run run = training_run({}, "flux", "b200");
  run.parameters["dataset"]["parquet"]["decode"] = "arrays";
  EXPECT_THAT(broken(judge(run)), IsEmpty());
  run.parameters["dataset"]["parquet"]["decode"] = "none";
  EXPECT_THAT(broken(judge(run)), ElementsAre("training.workload"));
  for (const auto& [key, value] : {std::pair("latency", "5ms"), std::pair("jitter", "1ms"),
                                   std::pair("bandwidth", "5MB"), std::pair("request_rate", "500")}) {
    const auto findings = judge(training_run({fmt::format("storage.model.{}={}", key, value)}));
    EXPECT_THAT(broken(findings), ElementsAre("training.override.invalid")) << key;
    run = training_run();
    run.parameters["storage"]["model"][key] = "";
    EXPECT_THAT(broken(judge(run)), IsEmpty()) << key;
    run.parameters["storage"]["model"][key] = value;
    EXPECT_EQ(judge(run).category(), Category::kInvalid) << key;
  }
  run = training_run();
  run.parameters["reader"]["data_loader"] = "synthetic";
  EXPECT_THAT(broken(judge(run)), ElementsAre("training.workload", "training.reads"));
}

// A figure that nobody can have measured is no good one.
TEST(JudgeTraining, WhatCannotBeMeasuredIsInvalid) {
  EXPECT_THAT(broken(judge(finished_run(100.01))), IsEmpty());
  // The mean, and the epochs that it is of.
  EXPECT_THAT(broken(judge(finished_run(100.02))), ElementsAre("training.au", "training.au"));
  EXPECT_EQ(judge(finished_run(9999)).category(), Category::kInvalid);
  const auto with = [](auto change) {
    rules::Run run = finished_run(95);
    change(*run.training);
    return broken(judge(run));
  };
  EXPECT_THAT(with([](TrainingOutcome& t) { t.au_percent = {95, 250}; }), ElementsAre("training.au"));
  EXPECT_THAT(with([](TrainingOutcome& t) { t.au_percent = {95, -1}; }), ElementsAre("training.au"));
  EXPECT_THAT(with([](TrainingOutcome& t) { t.samples_per_second = {40, -4}; }), ElementsAre("training.au"));
  EXPECT_THAT(with([](TrainingOutcome& t) { t.mean_samples_per_second = -4; }), ElementsAre("training.au"));
  EXPECT_THAT(with([](TrainingOutcome& t) { t.mean_io_mib_per_second = -4; }), ElementsAre("training.au"));
}

TEST(JudgeTraining, AuIsJudgedByTheWorkloadsOwnLimit) {
  EXPECT_THAT(broken(judge(finished_run(90))), IsEmpty());
  EXPECT_THAT(broken(judge(finished_run(89.99))), ElementsAre("training.au"));
  const auto remark = of_rule(judge(finished_run(95.5)), "training.au");
  ASSERT_EQ(remark.size(), 1U);
  EXPECT_EQ(remark[0].expected, ">= 90 %");
  EXPECT_EQ(remark[0].actual, "95.50 %");

  for (const auto& [model, accelerator, least] :
       {std::tuple("cosmoflow", "h100", 70.0), std::tuple("dlrm", "b200", 70.0),
        std::tuple("retinanet", "mi355", 85.0)}) {
    rules::Run run = training_run({}, model, accelerator);
    run.directory = "/r";
    run.finished = true;
    run.training.emplace();
    run.training->au_mean_percent = least;
    EXPECT_THAT(broken(judge(run)), IsEmpty()) << model;
    run.training->au_mean_percent = least - 0.01;
    EXPECT_THAT(broken(judge(run)), ElementsAre("training.au")) << model;
  }
  rules::Run run = finished_run();
  run.training.reset();
  EXPECT_THAT(broken(judge(run)), ElementsAre("training.au"));
  EXPECT_THAT(of_rule(judge(training_run()), "training.au"), IsEmpty()) << "before the run there is none";
}

TEST(JudgeTraining, ThePlannedAndTheFinishedRunGetTheSameVerdict) {
  for (const char* param : {"reader.read_threads=8", "dataset.format=parquet", "reader.batch_size=1"}) {
    const Judgement before = judge(training_run({param}));
    const Judgement after = judge(finished_run(95, {param}));
    EXPECT_EQ(broken(before), broken(after)) << param;
  }
}

// What a data set brings with it counts as an override.
TEST(JudgeTraining, ADataSetInParquetIsOpenAndACompressedOneIsInvalid) {
  results::DatasetManifest manifest;
  manifest.model = "unet3d";
  manifest.format = "parquet";
  manifest.num_files_train = 9'000'000;
  manifest.record_length_bytes = 146600628;
  manifest.record_length_bytes_stdev = 68341808;
  manifest.row_group_size = 1'000'000;
  manifest.complete = true;
  mlperf::TrainingArgs args;
  args.model = "unet3d";
  args.accelerator = "h100";
  args.data_dir = "/mnt/d";
  const PlannedHosts hosts{{{"alpha", 16 * kGiB, std::nullopt, 8}}, "local", 1};
  const auto verdict = [&] {
    const auto plan = mlperf::plan_run(args, "", manifest);
    EXPECT_OK(plan);
    return judge(planned_run(*plan, args, "run", hosts));
  };
  EXPECT_THAT(broken(verdict()), ElementsAre("training.override.open"));
  manifest.compression = "zstd";
  const Judgement compressed = verdict();
  EXPECT_EQ(compressed.category(), Category::kInvalid);
  const auto findings = of_rule(compressed, "training.override.invalid");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].parameter, "dataset.compression");
  EXPECT_THAT(findings[0].message, HasSubstr("compressed data are not the data"));
  EXPECT_THAT(findings[0].remedy, HasSubstr("if the data set brings it, write one without it"));
}

TEST(JudgeTraining, DamagedParametersAreFindingsAndNotCrashes) {
  for (const char* text :
       {"[]", "\"text\"", "null", "{\"dataset\": 3}", "{\"dataset\": {\"num_files_train\": [1]}}",
        "{\"dataset\": {\"format\": \"parquet\", \"parquet\": {\"columns\": [1, {\"size\": \"x\"}]}}}"}) {
    rules::Run run = training_run();
    run.parameters = results::Json::parse(text);
    run.overrides = results::Json::parse(text);
    EXPECT_EQ(judge(run).category(), Category::kInvalid) << text;
  }
}

}  // namespace
}  // namespace stoker::rules
