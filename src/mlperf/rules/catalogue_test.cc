#include "mlperf/rules/catalogue.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "base/testing/status_matchers.h"
#include "config/load.h"
#include "mlperf/plan/catalogue.h"
#include "mlperf/rules/checks_internal.h"
#include "mlperf/rules/overrides.h"

namespace stoker::rules {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPath = STOKER_SOURCE_DIR "/docs/rules.md";

TEST(Catalogue, IsTheCommittedDocument) {
  const std::string text = reference_markdown();
  if (std::getenv("STOKER_UPDATE_GOLDEN") != nullptr) std::ofstream(kPath) << text;
  std::ifstream in(kPath);
  const std::string committed{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_TRUE(committed == text) << "docs/rules.md is not what the catalogue says; run this test once with "
                                    "STOKER_UPDATE_GOLDEN=1 in the environment and commit the file";
}

TEST(Catalogue, EveryRuleIsWholeAndItsIdIsItsOwn) {
  std::set<std::string_view> ids;
  for (const Rule& rule : catalogue()) {
    SCOPED_TRACE(rule.id);
    EXPECT_TRUE(ids.insert(rule.id).second);
    EXPECT_TRUE(rule.id.starts_with(rule.benchmark));
    for (const std::string_view text : {rule.title, rule.text, rule.reference, rule.effect, rule.example}) {
      EXPECT_FALSE(text.empty());
    }
  }
}

TEST(Catalogue, EveryCheckChecksARuleOfTheCatalogue) {
  for (const auto checks : {internal::run_checks(), internal::training_checks(), internal::checkpointing_checks(),
                            internal::kvcache_checks(), internal::vectordb_checks()}) {
    for (const internal::Check& check : checks) EXPECT_OK(find_rule(check.rule));
  }
}

// Every word in quotes that looks like the id of a rule, in the sources of the folders that make findings; the
// catalogue's own do not count.
std::set<std::string> ids_in_sources() {
  const std::regex literal(R"re("((?:run|training|checkpointing|kvcache|vectordb|submission|package)\.[a-z_.]+)")re");
  const std::regex limit(R"re(\blimit\("([a-z_]+)")re");  // is put together with its prefix
  std::set<std::string> ids;
  for (const char* folder : {STOKER_SOURCE_DIR "/src/mlperf/rules", STOKER_SOURCE_DIR "/src/reports/submission"}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with(".cc") || name.ends_with("_test.cc") || name.starts_with("catalogue")) continue;
      std::ifstream in(entry.path());
      const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
      for (std::sregex_iterator at(text.begin(), text.end(), literal), end; at != end; ++at) ids.insert((*at)[1]);
      for (std::sregex_iterator at(text.begin(), text.end(), limit), end; at != end; ++at)
        ids.insert("training.limit." + std::string((*at)[1]));
    }
  }
  return ids;
}

TEST(Catalogue, EveryIdThatAFindingCanHaveIsExplained) {
  const std::set<std::string> ids = ids_in_sources();
  EXPECT_GE(ids.size(), 30U) << "the sources were not read";
  for (const std::string& id : ids) EXPECT_OK(find_rule(id));
  // What the tables of overrides say, and of keys that are in none.
  for (const auto& [benchmark, table] :
       {std::pair("training", training_overrides()), std::pair("checkpointing", checkpointing_overrides())}) {
    for (const OverrideRow& row : table) {
      const results::Json value(std::string(row.neutral_value));
      EXPECT_OK(find_rule(judge_override(table, benchmark, std::string(row.key), value, results::Json()).rule));
      EXPECT_OK(find_rule(judge_override(table, benchmark, std::string(row.key), 3, results::Json()).rule));
    }
    EXPECT_OK(find_rule(judge_override(table, benchmark, "no.such.key", 3, results::Json()).rule));
  }
}

TEST(Catalogue, EveryRuleIsCheckedSomewhere) {
  const std::set<std::string> ids = ids_in_sources();
  for (const Rule& rule : catalogue()) {
    if (rule.id.find(".override.") != std::string_view::npos) continue;  // put together from a table
    EXPECT_TRUE(ids.contains(std::string(rule.id))) << rule.id;
  }
}

TEST(Catalogue, AnUnknownIdNamesTheNearest) {
  EXPECT_OK(find_rule("training.files"));
  EXPECT_ERROR(find_rule("trainig.files"), Code::kInvalidArgument, "did you mean 'training.files'?");
  EXPECT_THAT(find_rule("training.override").error().hint, HasSubstr("training.override.open"));
  EXPECT_THAT(find_rule("au").error().hint, HasSubstr("training.au"));
  EXPECT_THAT(find_rule("nonsense").error().hint, HasSubstr("stoker rules list"));
  EXPECT_THAT(find_rule("").error().message, HasSubstr("unknown rule"));
}

TEST(Catalogue, ListsOneBenchmarkOrAll) {
  const std::string all = list_text("");
  for (const Rule& rule : catalogue()) EXPECT_THAT(all, HasSubstr(std::string(rule.id)));
  const std::string checkpointing = list_text("checkpointing");
  EXPECT_THAT(checkpointing, HasSubstr("checkpointing.fsync "));
  EXPECT_THAT(checkpointing, Not(HasSubstr("training.files")));
  EXPECT_THAT(benchmarks(), ::testing::ElementsAre("run", "training", "checkpointing", "kvcache", "vectordb",
                                                   "submission", "package"));
}

TEST(Catalogue, ExplainsARuleWithItsTable) {
  const std::string text = explain_text(*find_rule("training.override.invalid"));
  EXPECT_THAT(text, HasSubstr("dataset.compression*"));
  EXPECT_THAT(text, HasSubstr("arrays is CLOSED (stoker's own)"));
  EXPECT_THAT(text, HasSubstr("and every other key"));
  EXPECT_THAT(explain_text(*find_rule("training.override.open")), Not(HasSubstr("every other key")));
  const std::string files = explain_text(*find_rule("training.files"));
  for (const char* part : {"source: ", "effect: ", "example: "}) EXPECT_THAT(files, HasSubstr(part));
  EXPECT_THAT(files, Not(HasSubstr("keys (")));
}

// The limits stand in the workload files; the text of the rule repeats them.
TEST(Catalogue, TheLimitsOfUtilisationAreThoseOfTheWorkloadFiles) {
  const std::string text(find_rule("training.au")->text);
  for (const mlperf::TrainingModel& model : mlperf::training_models()) {
    config::LoadRequest request;
    request.workload = *mlperf::reference_run_workload(model.name);
    const auto loaded = config::load(request);
    ASSERT_OK(loaded);
    // "90 % for unet3d, resnet50 and flux": the last percentage before the name.
    const std::size_t name = text.find(model.name);
    ASSERT_NE(name, std::string::npos) << model.name;
    const std::size_t percent = text.rfind(" % for", name);
    EXPECT_EQ(text.substr(percent - 2, 2), fmt::format("{:.0f}", 100 * loaded->workload.metric_au)) << model.name;
  }
}

TEST(Check, OneThatThrowsBecomesAFindingThatNamesIt) {
  const rules::Run run;
  const internal::CheckContext context{run, Effective({}, {}), std::nullopt};
  const internal::Check checks[] = {
      {"training.au",
       [](const internal::CheckContext&, internal::Findings&) { throw std::runtime_error("no such luck"); }},
      {"training.model", [](const internal::CheckContext&, internal::Findings& f) { f.push_back({.rule = "next"}); }}};
  internal::Findings findings;
  internal::apply(checks, context, findings);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].rule, "run.checks");
  EXPECT_EQ(findings[0].category, Category::kInvalid);
  EXPECT_THAT(findings[0].message, HasSubstr("training.au failed: no such luck"));
  EXPECT_EQ(findings[1].rule, "next") << "the others go on";
}

}  // namespace
}  // namespace stoker::rules
