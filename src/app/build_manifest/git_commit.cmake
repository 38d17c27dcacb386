# cmake -D OUTPUT=git_commit.cc -D SOURCE_DIR=. -P git_commit.cmake
#
# Runs in every build and writes the file only when something changed, so that a new commit compiles one small file.
# Outside a checkout of its own (an unpacked archive) the commit is "".
cmake_minimum_required(VERSION 3.25)

set(commit "")
set(dirty false)
find_program(GIT git)
if(GIT AND EXISTS ${SOURCE_DIR}/.git)
  execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} rev-parse HEAD
    OUTPUT_VARIABLE head RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT failed)
    set(commit ${head})
    execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} status --porcelain --untracked-files=no
      OUTPUT_VARIABLE changes ERROR_QUIET)
    if(NOT changes STREQUAL "")
      set(dirty true)
    endif()
  endif()
endif()
set(content "// Made by git_commit.cmake.
#include \"app/build_manifest/build_facts.h\"

namespace stoker::build_manifest {

std::string_view git_commit() { return \"${commit}\"; }
bool git_dirty() { return ${dirty}; }

}  // namespace stoker::build_manifest
")
set(before "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} before)
endif()
if(NOT before STREQUAL content)
  file(WRITE ${OUTPUT} "${content}")
endif()
