// `stoker training datasize`: how large the data set of a run must be, and the command that writes it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "mlperf/plan/training_plan.h"

namespace stoker::app {

void add_training_datasize(CLI::App& training, int& exit_code);

// Advice before a data set is written: which runs it will be large enough for. To stderr.
void note_what_it_serves(const mlperf::TrainingPlan& datagen, const std::string& model, const std::string& config_dir);

}  // namespace stoker::app
