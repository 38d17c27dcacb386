#include "cluster/dist/mpi_module.h"

#include <dlfcn.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/variables.h"
#include "cluster/dist/launch_variables.h"
#include "cluster/dist/launcher_binding_internal.h"
#include "cluster/dist/mpi/module_api_internal.h"

namespace stoker::dist {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModuleName = "libstoker_mpi.so";
constexpr const char* kModuleVariable = "STOKER_MPI_MODULE";

std::vector<fs::path> module_candidates() {
  if (const auto chosen = variable(kModuleVariable)) return {*chosen};
  std::error_code error;
  const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
  std::vector<fs::path> candidates{here / kModuleName, here.parent_path() / "lib/stoker" / kModuleName};
  const fs::path installed = here.parent_path() / STOKER_INSTALL_LIBDIR / "stoker" / kModuleName;
  if (installed != candidates.back()) candidates.push_back(installed);
  return candidates;
}

// Which launcher, for messages: several ranks were wanted, and this is how we know.
std::string why_mpi() {
  const char* variable = launcher_variable();
  return variable == nullptr ? "" : fmt::format(" ({} is set, so an MPI launcher started this process)", variable);
}

Result<fs::path> find_module() {
  const std::vector<fs::path> candidates = module_candidates();
  std::string looked;
  for (const fs::path& candidate : candidates) {
    std::error_code error;
    if (fs::exists(candidate, error)) return candidate;
    looked += fmt::format("{}{}", looked.empty() ? "" : ", ", candidate.string());
  }
  Error error = make_error(Code::kUnsupported, "the MPI module is missing; looked for {}{}", looked, why_mpi());
  error.hint = fmt::format("install it with the program (cmake -D STOKER_WITH_MPI=ON), or set {} to the path of {}",
                           kModuleVariable, kModuleName);
  return error;
}

// Stays loaded to the end of the process: MPI leaves threads and exit handlers behind.
Result<void*> load(const fs::path& path) {
  // Global, because Open MPI's own plug-ins may look for its symbols there.
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (handle != nullptr) return handle;
  const char* reason = ::dlerror();
  Error error = make_error(Code::kUnsupported, "cannot load the MPI module{}: {}", why_mpi(),
                           reason == nullptr ? path.c_str() : reason);
  error.hint =
      "install the MPI library it was built with on this host: openmpi-bin (Debian, Ubuntu), openmpi (RHEL, Fedora, "
      "Arch); "
      "if it lies in a place of its own, add that to LD_LIBRARY_PATH (mpirun -x LD_LIBRARY_PATH passes it on)";
  return error;
}

Result<void*> symbol(void* module, const fs::path& path, const char* name) {
  void* address = ::dlsym(module, name);
  if (address != nullptr) return address;
  return make_error(Code::kUnsupported, "{}: not an MPI module of this program: it has no '{}'", path.string(), name);
}

// The address of `name` in the module, which is loaded and known to fit.
Result<void*> module_symbol(const char* name) {
  STOKER_ASSIGN(const fs::path path, find_module());
  STOKER_ASSIGN(void* const module, load(path));
  STOKER_ASSIGN(void* const stamp_address, symbol(module, path, kMpiStampSymbol));
  STOKER_ASSIGN(void* const address, symbol(module, path, name));
  auto* const stamp = reinterpret_cast<MpiStamp*>(stamp_address);
  if (std::string_view(stamp()) == STOKER_MPI_STAMP) return address;
  Error error =
      make_error(Code::kUnsupported, "{}: the MPI module belongs to another version of this program", path.string());
  error.hint = "build or install both together";
  return error;
}

void undo_binding() {
  if (flag_variable("STOKER_KEEP_BINDING")) return;
  if (const auto change = undo_launcher_binding()) {
    spdlog::info("the MPI launcher had bound this process to {} of {} CPUs; it now runs on all {}", change->cpus_before,
                 change->cpus_after, change->cpus_after);
  }
}

}  // namespace

Result<std::unique_ptr<Communicator>> make_mpi_communicator() {
  STOKER_ASSIGN(void* const open_address, module_symbol(kMpiOpenSymbol));
  auto* const open = reinterpret_cast<MpiOpen*>(open_address);
  // Before MPI starts threads of its own, which inherit the affinity.
  undo_binding();
  Error error;
  std::unique_ptr<Communicator> comm(open(&error));
  if (comm == nullptr) return error;
  if (const auto expected = launched_size(); expected && *expected != comm->size()) {
    // Each process believes that it is alone: they would all do the same work in the same place.
    Error mismatch = make_error(Code::kUnsupported, "the launcher started {} ranks, but the MPI library sees {}",
                                *expected, comm->size());
    mismatch.hint = "use the launcher (mpirun, mpiexec) of the MPI library that the MPI module was built with";
    return mismatch;
  }
  return comm;
}

Result<std::string> mpi_library_version() {
  STOKER_ASSIGN(void* const address, module_symbol(kMpiVersionSymbol));
  const std::string_view text = reinterpret_cast<MpiVersion*>(address)();
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace stoker::dist
