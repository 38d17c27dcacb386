#include "app/build_manifest/manifest.h"

#include <arrow/config.h>
#include <dlfcn.h>
#include <gnu/libc-version.h>

#include <chrono>
#include <system_error>

#include "app/build_manifest/build_facts.h"

namespace stoker::build_manifest {
namespace {

using results::Json;

constexpr std::string_view kKind = "stoker build manifest";
constexpr int kVersion = 1;
constexpr std::string_view kHowToMake = "write one with: stoker manifest --output FILE";

// A function of a shared library that this process has loaded, if it has.
template <class Function>
Function* loaded(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, name));
}

// What the library says of itself while it runs, "" when it does not.
std::string running_version(std::string_view name) {
  if (name == "arrow") return arrow::GetBuildInfo().version_string;
  if (name == "zlib") {
    if (auto* const version = loaded<const char*()>("zlibVersion")) return version();
  }
  if (name == "zstd") {
    if (auto* const version = loaded<const char*()>("ZSTD_versionString")) return version();
  }
  if (name == "lz4") {
    if (auto* const version = loaded<const char*()>("LZ4_versionString")) return version();
  }
  if (name == "hdf5") {
    unsigned major = 0;
    unsigned minor = 0;
    unsigned release = 0;
    auto* const version = loaded<int(unsigned*, unsigned*, unsigned*)>("H5get_libversion");
    if (version != nullptr && version(&major, &minor, &release) >= 0)
      return fmt::format("{}.{}.{}", major, minor, release);
  }
  return "";
}

Json text_or_null(std::string_view text) {
  return text.empty() ? Json() : Json(text);
}

std::optional<std::string> first_line(launch::Launcher& launcher, std::vector<std::string> command) {
  launch::ProcessSpec spec;
  spec.command = std::move(command);
  spec.timeout = std::chrono::seconds(10);
  spec.grace = std::chrono::seconds(1);
  const auto answer = launch::ask(launcher, std::move(spec), {});
  if (!answer || answer->exit_code != 0) return std::nullopt;
  std::string line = answer->out.substr(0, answer->out.find('\n'));
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.pop_back();
  return line.empty() ? std::nullopt : std::optional(line);
}

std::string os_name(const host::Proc& proc) {
  const auto info = proc.host_info({});
  if (!info.system) return "";
  for (const auto& [key, value] : info.system->os_release) {
    if (key == "PRETTY_NAME") return value;
  }
  return "";
}

// Whether the text is a list of packages as `pip freeze` writes it.
bool is_package_list(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    return line.find("==") != std::string_view::npos || line.find(">=") != std::string_view::npos ||
           line.find(" @ ") != std::string_view::npos || line.starts_with("-e ") || line.starts_with("--");
  }
  return false;
}

}  // namespace

MpiFacts ask_mpi(launch::Launcher& launcher, const std::vector<std::string>& engine, const std::string& mpirun) {
  std::vector<std::string> question = engine;
  question.emplace_back("--mpi-version");
  return {first_line(launcher, std::move(question)), first_line(launcher, {mpirun, "--version"})};
}

Json manifest(const host::Proc& proc, const MpiFacts& mpi) {
  Json json = Json::object();
  json["kind"] = kKind;
  json["manifest_version"] = kVersion;
  json["stoker"] = {{"version", stoker_version()}, {"commit", text_or_null(git_commit())}, {"dirty", git_dirty()}};
  for (const Fact& fact : build_facts()) json["build"][std::string(fact.name)] = text_or_null(fact.value);
  for (const Fact& fact : library_versions()) {
    const std::string running = running_version(fact.name);
    json["libraries"][std::string(fact.name)] = running.empty() ? std::string(fact.value) : running;
  }
  json["libraries"]["glibc"] = ::gnu_get_libc_version();
  json["mpi"] = {{"library", mpi.library ? Json(*mpi.library) : Json()},
                 {"launcher", mpi.launcher ? Json(*mpi.launcher) : Json()}};
  json["host"] = {{"cpu_model", text_or_null(proc.cpu_model())},
                  {"architecture", host::architecture()},
                  {"kernel", text_or_null(proc.kernel_release())},
                  {"os", text_or_null(os_name(proc))}};
  return json;
}

Status write_manifest(const std::filesystem::path& path, const Json& manifest) {
  return results::write_file(path, results::dump(manifest) + "\n");
}

Result<Json> read_manifest(const std::filesystem::path& path) {
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(path, ignored);
  const std::filesystem::path file = folder ? path / kFileName : path;
  STOKER_ASSIGN(const std::string text, results::read_file(file));
  auto json = results::parse_json(text, file.string());
  if (!json && is_package_list(text)) {
    Error error =
        make_error(Code::kCorrupt, "{}: a list of Python packages; expected the build manifest of a stoker program",
                   file.string());
    error.hint = kHowToMake;
    return error;
  }
  if (!json) {
    Error error = std::move(json).error();
    error.hint = kHowToMake;
    return error;
  }
  if (!json->is_object() || json->value("kind", Json()) != kKind) {
    Error error =
        make_error(Code::kCorrupt, "{}: not a build manifest: expected \"kind\": \"{}\"", file.string(), kKind);
    error.hint = kHowToMake;
    return error;
  }
  const auto refuse = [&file](std::string found) {
    Error error = make_error(Code::kCorrupt, "{}: {}", file.string(), found);
    error.hint = kHowToMake;
    return error;
  };
  if (const Json version = json->value("manifest_version", Json()); version != kVersion)
    return refuse(fmt::format("manifest_version: found {}, expected {}", results::dump_line(version), kVersion));
  // Else a file that says nothing would be the same as every program.
  for (const char* group : {"stoker", "build", "libraries", "mpi", "host"}) {
    const auto found = json->find(group);
    if (found == json->end() || !found->is_object() || found->empty())
      return refuse(fmt::format("the group '{}' is not there", group));
  }
  return json;
}

}  // namespace stoker::build_manifest
