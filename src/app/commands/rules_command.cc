#include "app/commands/rules_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <string>
#include <vector>

#include "app/cli/console.h"
#include "app/commands/print_error.h"
#include "mlperf/rules/catalogue.h"

namespace stoker::app {

void add_rules(CLI::App& app, int& exit_code) {
  CLI::App* sub = app.add_subcommand("rules", "the rules by which runs and submissions are judged");
  sub->require_subcommand(1);
  sub->footer("example:\n  stoker rules list --benchmark training\n  stoker rules explain training.files");

  const auto benchmark = std::make_shared<std::string>();
  CLI::App* list = sub->add_subcommand("list", "every rule with its id, one per line");
  std::vector<std::string> names;
  for (const auto name : rules::benchmarks()) names.emplace_back(name);
  list->add_option("--benchmark", *benchmark, fmt::format("only those of one of {}", fmt::join(names, ", ")))
      ->check(CLI::IsMember(names));
  list->callback([benchmark] { cli::print("{}", rules::list_text(*benchmark)); });

  const auto id = std::make_shared<std::string>();
  CLI::App* explain = sub->add_subcommand("explain", "what a rule checks, where it comes from, and an example");
  explain->add_option("id", *id, "id of the rule, as findings and 'stoker rules list' show it")->required();
  explain->callback([id, &exit_code] {
    const auto rule = rules::find_rule(*id);
    if (!rule) {
      exit_code = print_error(rule.error());
      return;
    }
    cli::print("{}", rules::explain_text(*rule));
  });
}

}  // namespace stoker::app
