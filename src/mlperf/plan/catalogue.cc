#include "mlperf/plan/catalogue.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/did_you_mean.h"

namespace stoker::mlperf {
namespace {

const TrainingModel* find(std::string_view model) {
  const auto models = training_models();
  const auto it = std::find_if(models.begin(), models.end(), [&](const TrainingModel& m) { return m.name == model; });
  return it == models.end() ? nullptr : &*it;
}

Error unknown_model(std::string_view model) {
  std::vector<std::string_view> names;
  for (const auto& m : training_models()) names.push_back(m.name);
  Error error =
      make_error(Code::kInvalidArgument, "--model: unknown model '{}'{}", model, did_you_mean_text(model, names));
  error.hint = fmt::format("models: {}", fmt::join(names, ", "));
  return error;
}

}  // namespace

std::span<const TrainingModel> training_models() {
  static const std::vector<TrainingModel> models{
      {"cosmoflow", {"h100", "a100"}}, {"resnet50", {"h100", "a100"}},   {"unet3d", {"h100", "a100"}},
      {"dlrm", {"b200", "mi355"}},     {"retinanet", {"b200", "mi355"}}, {"flux", {"b200", "mi355", "a100", "h100"}},
  };
  return models;
}

std::span<const std::string_view> accelerator_names() {
  static constexpr std::array<std::string_view, 4> kNames{"h100", "a100", "b200", "mi355"};
  return kNames;
}

Result<std::string> run_workload(std::string_view model, std::string_view accelerator) {
  const TrainingModel* known = find(model);
  if (known == nullptr) return unknown_model(model);
  if (std::find(known->accelerators.begin(), known->accelerators.end(), accelerator) == known->accelerators.end()) {
    Error error =
        make_error(Code::kInvalidArgument, "--accelerator-type: model {} has no workload for '{}'", model, accelerator);
    std::vector<std::string> pairs;
    for (const auto& m : training_models())
      pairs.push_back(fmt::format("{}: {}", m.name, fmt::join(m.accelerators, ", ")));
    error.hint = fmt::format("valid pairs are {}", fmt::join(pairs, "; "));
    return error;
  }
  return fmt::format("{}_{}", model, accelerator);
}

Result<std::string> datagen_workload(std::string_view model) {
  if (find(model) == nullptr) return unknown_model(model);
  return fmt::format("{}_datagen", model);
}

Result<std::string> reference_run_workload(std::string_view model) {
  const TrainingModel* known = find(model);
  if (known == nullptr) return unknown_model(model);
  return fmt::format("{}_{}", model, known->accelerators.front());
}

}  // namespace stoker::mlperf
