# cmake -D SOURCE_DIR=/path/to/src -P check_formats.cmake
#
# What is known of a format stands in its row of config/formats.cc and in its folder below data/format: nobody else asks which format
# it is. Tests may.
file(GLOB_RECURSE sources RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/*.cc ${SOURCE_DIR}/*.h)
set(found)
set(count 0)
foreach(source IN LISTS sources)
  if(source MATCHES "^data/format/" OR source MATCHES "_(test|bench|fuzz)\\.cc$" OR source MATCHES "/testing/")
    continue()
  endif()
  math(EXPR count "${count} + 1")
  file(STRINGS ${SOURCE_DIR}/${source} lines REGEX "((==|!=) *|case +)(config::)?FormatName::k")
  foreach(line IN LISTS lines)
    string(APPEND found "\n  ${source}: ${line}")
  endforeach()
endforeach()
if(found)
  message(FATAL_ERROR "these ask which format it is; let its row in config/formats.h say what they need to know:${found}")
endif()
if(count EQUAL 0)
  message(FATAL_ERROR "no sources in ${SOURCE_DIR}")
endif()
message(STATUS "formats: ${count} files ask no format's name")
