#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>

#include "mlperf/plan/catalogue.h"
#include "mlperf/plan/checkpoint_sizing.h"
#include "mlperf/plan/kvcache_sizing.h"
#include "mlperf/rules/catalogue_rules_internal.h"

namespace stoker::rules::internal {
namespace {

using enum Source;

// "a, b or c": of everything in `range`, as `word` makes a text of it.
template <class Range, class Word>
std::string listed(const Range& range, std::string_view last, const Word& word) {
  std::vector<std::string> words;
  for (const auto& entry : range) words.push_back(fmt::format("{}", word(entry)));
  const std::string end = words.back();
  words.pop_back();
  return fmt::format("{} {} {}", fmt::join(words, ", "), last, end);
}

constexpr auto kName = [](const auto& model) { return model.name; };

// Rules refer to their texts, so what is made of the benchmark's tables is kept here.
std::string_view training_model_names() {
  static const std::string text = listed(mlperf::training_models(), "or", kName) + ".";
  return text;
}
std::string_view checkpoint_model_names() {
  static const std::string text = listed(mlperf::checkpoint_models(), "or", kName) + ".";
  return text;
}
std::string_view kvcache_model_names() {
  static const std::string text = listed(mlperf::kvcache_models(), "or", kName) + ".";
  return text;
}
std::string_view process_counts() {
  using mlperf::CheckpointModel;
  static const std::string text = fmt::format(
      "CLOSED: {} for {}, or {} as a subset of the larger ones. OPEN: a multiple of one instance of the model, which "
      "is {}.",
      listed(mlperf::checkpoint_models(), "and", [](const CheckpointModel& m) { return m.closed_processes; }),
      listed(mlperf::checkpoint_models(), "and", kName), mlperf::kSubsetProcesses,
      listed(mlperf::checkpoint_models(), "and", [](const CheckpointModel& m) { return m.instance_processes; }));
  return text;
}

void add_run_rules(std::vector<Rule>& all) {
  all.insert(all.end(),
             {{"run.command", "run", "only runs are judged",
               "Generating data and sizing measure nothing, so there is nothing to be right or wrong by the rules.",
               kTool, "mlpstorage verifies training runs and checkpointing only", "none",
               "the directory of a `training datagen` is CLOSED with this remark"},
              {"run.finished", "run", "the run ended well",
               "A run that was executed must have a summary which does not say that it failed. Runs that were planned "
               "only are not asked.",
               kOurs, "mlpstorage ignores how its engine ended and counts unfinished runs", "INVALID when broken",
               "a run stopped by Ctrl-C has a summary with `status: failed`"},
              {"run.hosts", "run", "the facts about the hosts are measured, and those of all hosts",
               "Says when the memory of hosts was taken from the command line, or when only some hosts could be asked. "
               "Hosts that did not answer are taken to have as much memory as the largest one that did, so that the "
               "minimum size of the data set is not set too low in silence.",
               kOurs, "mlpstorage falls back to the facts of the launching host without a word",
               "a warning; none on the division", "two of three hosts answered: the memory of the third is assumed"},
              {"run.checks", "run", "every check could be made",
               "A check that breaks off, because a file of the run holds something unforeseen, is reported by its name "
               "instead of being left out.",
               kTool, "mlpstorage, verification: an exception in a check makes a finding", "INVALID when broken",
               "a list where a number should be"}});
}

void add_training_rules(std::vector<Rule>& all) {
  all.insert(
      all.end(),
      {{"training.model", "training", "the model is one of the benchmark's", training_model_names(), kTool,
        "mlpstorage, training run checks", "INVALID when broken", "a run of a workload file of one's own"},
       {"training.accelerator", "training", "the benchmark has a workload for the model on this accelerator",
        "Computation times and batch sizes are given for certain pairs only. flux on a100 and h100 has files that are "
        "left over from a draft: it runs, but cannot be submitted.",
        kRules, "MLPerf Storage rules, list of workloads", "INVALID when broken",
        "`--model flux --accelerator-type h100`"},
       {"training.workload", "training", "the workload file is the benchmark's",
        "Every key must have the value of the workload that comes with the benchmark, and the run must train. A "
        "workload file that was changed is judged key by key like overrides of the same keys: reader.read_threads may "
        "differ, another dataset.format is OPEN, and most keys are INVALID. A default that is spelt out is no change, "
        "and keys that begin with `workflow`, model.name and model.type are not compared, nor the rest of `model` "
        "where "
        "the run saves no checkpoints. Keys that are overridden are judged by training.override.* instead.",
        kRules, "MLPerf Storage rules: the workload is fixed; stoker compares, mlpstorage does not",
        "as an override of the key", "`--config-dir` with a unet3d_h100.yaml of batch size 14"},
       {"training.parameters", "training", "the run says how large its data set was",
        "dataset.num_files_train must stand in the parameters of the run.", kTool, "mlpstorage, training run checks",
        "INVALID when broken", "metadata without parameters"},
       {"training.files", "training", "the data set is large enough",
        "At least 5 times the memory of all client hosts, so that it cannot be read from memory, and at least 500 "
        "steps per epoch. files = max(5 x memory / bytes of a file, 500 x accelerators x batch size / samples per "
        "file), rounded up. One per cent less is accepted, and so is the count that mlpstorage prints, which is "
        "rounded down. The memory is that of the collected hosts, or without them that of the command line times the "
        "number of hosts.",
        kRules, "MLPerf Storage rules, training data set size; 1 % is the submission checker's tolerance",
        "INVALID when broken, a remark when met",
        "unet3d on one h100 and a host of 64 GiB needs 3500 files; a run with 168 is INVALID"},
       {"training.reads", "training", "every epoch reads the data set from the storage",
        "A synthetic loader or format reads nothing, storage.storage_type generated reads no storage, "
        "reader.read_type memory reads once, without reader.drop_caches "
        "epochs may be read from memory, a dataset.parquet.decode other than arrays leaves work undone, and "
        "storage.model makes a model of the storage. Judged by the values that the run has, wherever they are set; "
        "what another rule calls INVALID already is not named "
        "twice.",
        kOurs, "the purpose of the benchmark; keys of stoker and of its engine that no tool knows",
        "INVALID when broken", "`--params reader.data_loader=synthetic`"},
       {"training.even_hosts", "training", "every host emulates the same number of accelerators",
        "A number of accelerators that the number of hosts does not divide is dealt unevenly, and so is any number "
        "where `--hosts` gives hosts unlike slots.",
        kRules, "MLPerf Storage rules, hosts of a training run; no tool checks it", "a warning; none on the division",
        "8 accelerators on 3 hosts: 3, 3 and 2"},
       {"training.override.closed", "training", "settings that may always be changed",
        "Where data lie, how many files they are, and how the client reads them.", kRules,
        "MLPerf Storage rules, table of parameters that may be modified", "none, a remark",
        "`--params reader.read_threads=16`"},
       {"training.override.open", "training", "settings that may be changed in the OPEN division only",
        "Framework, file format, samples per file and data loader. A data set brings its format with it: a unet3d data "
        "set in Parquet makes the run OPEN. Settings of stoker's own loader, and checksums in the headers of Parquet "
        "pages, are judged like another loader.",
        kRules, "MLPerf Storage rules, table of parameters that may be modified in OPEN", "OPEN",
        "`--dataset-format parquet` with unet3d"},
       {"training.override.invalid", "training", "settings that may not be changed",
        "Everything that neither table names: batch size, epochs, computation time, record length, compression, all of "
        "dataset.parquet, shuffling, the seed, limits of metrics. Keys are judged, not values: repeating the "
        "workload's own value is INVALID too, as it is for the submission checker. A compressed data set brings "
        "dataset.compression with it and makes the run INVALID. Keys that begin with `workflow` are not judged. Of "
        "stoker's own keys, reader.drop_caches false would let epochs be read from memory, and dataset.parquet.decode "
        "other than arrays would do less work than training needs.",
        kTool, "mlpstorage, training run checks: everything else is INVALID", "INVALID",
        "`--compression zstd`, `--params reader.batch_size=8`"},
       {"training.limit.prefetch_size", "training", "at most two batches are read ahead",
        "An override of reader.prefetch_size must be 0, 1 or 2.", kRules,
        "MLPerf Storage rules, note on prefetch_size; no tool checks it", "OPEN when broken",
        "`--params reader.prefetch_size=16`"},
       {"training.limit.transfer_size", "training", "the size of reads is set for models of TensorFlow only",
        "An override of reader.transfer_size needs framework tensorflow.", kRules,
        "MLPerf Storage rules, note on transfer_size; no tool checks it", "OPEN when broken",
        "`--params reader.transfer_size=1048576` with unet3d"},
       {"training.limit.computation_threads", "training", "computation threads are set for resnet50 only",
        "An override of reader.computation_threads needs the model resnet50.", kRules,
        "MLPerf Storage rules, note on computation_threads; no tool checks it", "OPEN when broken",
        "`--params reader.computation_threads=4` with cosmoflow"},
       {"training.limit.num_samples_per_file", "training", "samples per file are changed for tfrecord only",
        "The key is for the OPEN division anyway; for another format than tfrecord this finding warns that the rules' "
        "text does not foresee it.",
        kRules, "MLPerf Storage rules, note on num_samples_per_file; no tool checks it", "OPEN",
        "`--params dataset.num_samples_per_file=4` with unet3d"},
       {"training.limit.odirect", "training", "the page cache is bypassed by unet3d only",
        "Asking for direct reads in any way - reader.odirect, storage_type direct_fs, or an access library or scheme "
        "`direct` - needs the model unet3d.",
        kTool, "mlpstorage, training run checks (reader.odirect only)", "INVALID when broken",
        "`--params reader.odirect=true` with dlrm"},
       {"training.au", "training", "accelerators were busy enough",
        "The mean accelerator utilisation over the epochs must reach metric.au of the workload: 90 % for unet3d, "
        "resnet50 and flux, 85 % for retinanet, 70 % for cosmoflow and dlrm. Judged after the run only. A figure that "
        "cannot have been measured, an AU above 100 % or less than nothing read, is INVALID as well.",
        kChecker, "submission checker; the limits are those of the workload files",
        "INVALID when broken, a remark when met", "unet3d with an AU of 89.2 %"}});
}

void add_checkpointing_rules(std::vector<Rule>& all) {
  all.insert(
      all.end(),
      {{"checkpointing.model", "checkpointing", "the model is one of the benchmark's", checkpoint_model_names(), kTool,
        "mlpstorage, checkpointing run checks", "INVALID when broken", "`--model llama3-13b`"},
       {"checkpointing.workload", "checkpointing", "the workload file is the benchmark's",
        "As training.workload: every key that a changed workload file sets to something else than the benchmark's is "
        "judged like an override of it. checkpoint.fsync has a rule of its own.",
        kRules, "MLPerf Storage rules: the workload is fixed; stoker compares, no tool does",
        "as an override of the key", "`--config-dir` with a llama3_8b.yaml of 8 layers"},
       {"checkpointing.mode", "checkpointing", "checkpoint.mode is subset or not set",
        "The subset runs the first 8 ranks of the whole job. llama3-8b has none: its whole job has 8 ranks.", kChecker,
        "submission checker; MLPerf Storage rules, checkpoint table", "INVALID when broken",
        "`checkpoint.mode=subset` with llama3-8b"},
       {"checkpointing.processes", "checkpointing", "the number of processes is the prescribed one", process_counts(),
        kChecker, "submission checker; MLPerf Storage rules, checkpoint table",
        "OPEN for a multiple of an instance, INVALID for anything else", "llama3-70b with 60 processes"},
       {"checkpointing.processes_per_host", "checkpointing", "a host runs at least 4 processes",
        "One place of the rules excludes 4 and another allows it; 4 is accepted. Ranks are dealt as the launcher deals "
        "them: a rank to each host in turn, up to the slots that `--hosts` gives it.",
        kRules, "MLPerf Storage rules, options of checkpointing", "INVALID when broken", "64 processes on 32 hosts"},
       {"checkpointing.fsync", "checkpointing", "writes are flushed",
        "checkpoint.fsync must be true: a checkpoint that lies in the client's memory is not written.", kRules,
        "MLPerf Storage rules, checkpointing", "INVALID when broken", "`--params checkpoint.fsync=false`"},
       {"checkpointing.override.closed", "checkpointing", "settings that may be changed",
        "The folder, the storage, the counts of writes and reads, and what follows from the number of processes.",
        kChecker, "union of the submission checker's list and of mlpstorage's checklist", "none, a remark",
        "`--num-checkpoints-read 0`"},
       {"checkpointing.override.invalid", "checkpointing", "settings that may not be changed",
        "Everything else, in OPEN too.", kChecker, "submission checker", "INVALID", "`--params model.num_layers=8`"},
       {"checkpointing.cache", "checkpointing", "reads do not come from the page cache",
        "Ranks are dealt round-robin over the hosts, up to their slots. If a host has more memory than 3 times its "
        "share of one checkpoint, caches must be cleared between writing and reading: one run with both is INVALID, "
        "and a run that only reads must begin with a page cache of at most 3 times the share of the first host. That "
        "host's is the only one that other tools record; where the page caches of all hosts are known, each counts "
        "with its share. The rules' sentence has the factor on the other side; their own worked rows, and the checker, "
        "agree with this form.",
        kChecker, "submission checker; MLPerf Storage rules, clearing of caches",
        "INVALID when broken, a remark when met",
        "llama3-8b, 8 processes on one host of 1024 GiB, 10 writes and 10 reads in one run"}});
}

void add_preview_rules(std::vector<Rule>& all) {
  all.insert(
      all.end(),
      {{"kvcache.preview", "kvcache", "the benchmark is a preview", "Its results are for the OPEN division only.",
        kTool, "mlpstorage, kvcache run checks", "OPEN", "every run"},
       {"kvcache.model", "kvcache", "the model is one of the benchmark's", kvcache_model_names(), kTool,
        "mlpstorage, kvcache run checks", "INVALID when broken", "`model: gpt-2`"},
       {"kvcache.users", "kvcache", "there are enough users",
        "At least 1, and at least 10 for a result that means much.", kTool, "mlpstorage, kvcache run checks",
        "INVALID below 1, OPEN below 10", "`num_users: 5`"},
       {"kvcache.duration", "kvcache", "the run is long enough", "At least 30 seconds, and 60 for a steady state.",
        kTool, "mlpstorage, kvcache run checks", "INVALID below 30 s, OPEN below 60 s", "`duration: 20`"},
       {"kvcache.memory", "kvcache", "the memory of the tiers is not negative",
        "0 leaves a tier out, which the recommended storage runs do. mlpstorage asks for at least 1 GB and so "
        "contradicts them.",
        kOurs, "mlpstorage, kvcache run checks, relaxed", "INVALID when broken", "`gpu_mem_gb: -1`"},
       {"kvcache.mode", "kvcache", "the generation mode is known", "none, fast or realistic; none is for OPEN.", kTool,
        "mlpstorage, kvcache run checks", "INVALID when unknown, OPEN for none", "`generation_mode: none`"},
       {"kvcache.profile", "kvcache", "the performance profile is known", "latency or throughput.", kTool,
        "mlpstorage, kvcache run checks", "INVALID when broken", "`performance_profile: both`"},
       {"vectordb.preview", "vectordb", "the benchmark is a preview", "Its results are for the OPEN division only.",
        kTool, "mlpstorage, vectordb run checks", "OPEN", "every run"},
       {"vectordb.runtime", "vectordb", "the run is long enough",
        "At least 30 seconds, unless a number of queries bounds it.", kTool, "mlpstorage, vectordb run checks",
        "INVALID when broken", "`runtime: 20`"}});
}

void add_submission_rules(std::vector<Rule>& all) {
  all.insert(
      all.end(),
      {{"submission.group", "submission", "there are finished runs of one benchmark",
        "Directories of datasize and datagen, and runs that did not end well, are not counted.", kTool,
        "mlpstorage, submission checks", "INVALID when broken", "a results folder with unfinished runs only"},
       {"submission.category", "submission", "all runs are of the division",
        "One INVALID run makes the submission INVALID, otherwise one OPEN run makes it OPEN. A warm-up is not asked.",
        kTool, "mlpstorage, submission checks", "that of the worst run", "four CLOSED runs and one OPEN run are OPEN"},
       {"submission.model", "submission", "all runs are of one model and accelerator",
        "A submission is one workload on one system.", kTool, "mlpstorage, submission checks", "INVALID when broken",
        "runs of unet3d and of resnet50 together"},
       {"submission.processes", "submission", "all runs have the same number of processes",
        "The result is the mean over the runs, which says nothing when they differ in size.", kOurs,
        "implied by the rules on repeated runs; no tool checks it", "INVALID when broken",
        "four runs with 8 accelerators and one with 16"},
       {"submission.runs", "submission", "five training runs, and at most one warm-up",
        "Five measured runs; a sixth, the earliest, is the warm-up and is left out of everything. mlpstorage accepts "
        "five or more.",
        kRules, "MLPerf Storage rules, number of runs; the submission checker wants exactly five",
        "INVALID when broken", "three runs"},
       {"submission.gaps", "submission", "training runs follow each other",
        "From the end of a run to the start of the next one no more time may pass than the mean time of a run, and "
        "they may not overlap.",
        kChecker, "submission checker; MLPerf Storage rules, consecutive runs", "INVALID when broken",
        "runs of ten minutes with a night between two of them"},
       {"submission.writes", "submission", "ten checkpoints are written", "In all runs together.", kTool,
        "mlpstorage, submission checks", "INVALID when broken, a remark when met", "one run with 5 writes"},
       {"submission.reads", "submission", "ten checkpoints are read", "In all runs together.", kTool,
        "mlpstorage, submission checks", "INVALID when broken, a remark when met", "writes without reads"},
       {"submission.complete", "submission", "all checkpoints are there", "A remark when both counts are right.", kTool,
        "mlpstorage, submission checks", "none, a remark", "a run with 10 writes and one with 10 reads"},
       {"submission.too_many", "submission", "no checkpoints to choose from",
        "More than ten writes or reads, or more than one run that does both, would let a submitter pick.", kChecker,
        "submission checker", "INVALID when broken", "two runs with 10 writes and 10 reads each"}});
}

// Checked by `stoker reports validate` in the folder src/reports, since they are about files and not about runs.
void add_package_rules(std::vector<Rule>& all) {
  constexpr std::string_view kLayout = "MLPerf Storage rules, submission package; no edition of the checker looks";
  all.insert(
      all.end(),
      {{"package.layout", "package", "folders lie where the rules want them",
        "Division, submitter, systems, results by system, benchmark, model and command; every model has runs, training "
        "also its datagen, and runs are named by their time.",
        kRules, kLayout, "INVALID when something is missing, a warning for what does not belong there",
        "results/sys-a/training/unet3d/run without a run"},
       {"package.code", "package", "the source that was used is handed in", "A folder `code` that is not empty.",
        kRules, kLayout, "INVALID when broken", "closed/Acme without code"},
       {"package.files", "package", "a run has its files",
        "Logs of both streams, dlio.log, the configuration copies, and of what was measured the summary and the files "
        "of each rank.",
        kRules, kLayout, "INVALID when broken", "a run whose *_output.json were deleted to save space"},
       {"package.contradiction", "package", "the files of a run agree",
        "Files, samples, epochs and processes of summary.json and of the configuration's copy are no less than those "
        "of the metadata, which are judged, and overrides.yaml sets nothing that the metadata do not have. No run is "
        "in the "
        "package twice: two with the same id and start are one.",
        kOurs, "stoker reports validate", "INVALID when broken; reportgen notes it",
        "metadata of 14000 files with a summary of 100"},
       {"package.results", "package", "the report is handed in with the runs",
        "results.json of `reports reportgen` beside the runs of each model, which lists them all.", kRules, kLayout,
        "INVALID when missing, a warning when a run is not in it", "a run that was made after the report"},
       {"package.system", "package", "every system is described",
        "systems/<system>.yaml with every required field filled in with a value of its kind, and <system>.pdf.", kRules,
        "MLPerf Storage rules, system description", "INVALID when broken",
        "storage_location: cloud, where one of remote, local, hyper-converged is wanted"},
       {"package.division", "package", "a workload is in its division",
        "What is OPEN by its runs cannot be handed in as closed.", kChecker, "submission checker",
        "INVALID when broken", "a unet3d data set in Parquet below closed/"}});
}

}  // namespace

std::vector<Rule> all_rules() {
  std::vector<Rule> all;
  add_run_rules(all);
  add_training_rules(all);
  add_checkpointing_rules(all);
  add_preview_rules(all);
  add_submission_rules(all);
  add_package_rules(all);
  return all;
}

}  // namespace stoker::rules::internal
