# cmake -D OUTPUT=embedded.cc -D FOLDER=configs/workload -P embed.cmake
#
# Writes a C++ file with the text of every *.yaml in FOLDER, one string literal per line of text: compilers bound the length
# of one literal, not of many in a row. The texts are handled as strings, never as CMake lists, so ';' and '[' are safe.
cmake_minimum_required(VERSION 3.25)

file(GLOB files ${FOLDER}/*.yaml)
list(SORT files)
set(rows "")
set(count 0)
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n     \"" text "${text}")
  string(APPEND rows "    {\"${name}\",\n     \"${text}\"},\n")
  math(EXPR count "${count} + 1")
endforeach()
set(content "// Made by embed.cmake from configs/workload/*.yaml.
#include \"config/embedded.h\"

namespace stoker::config {
namespace {

constexpr EmbeddedFile kFiles[] = {
${rows}};

}  // namespace

std::span<const EmbeddedFile> embedded_files() { return kFiles; }

}  // namespace stoker::config
")
file(WRITE ${OUTPUT} "${content}")
