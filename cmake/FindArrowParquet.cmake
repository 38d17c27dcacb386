# FindArrowParquet: the imported target ArrowParquet::parquet (Arrow C++ and Parquet, shared).
#
# 1. An installed Arrow and Parquet with CMake packages (find_package(Arrow), find_package(Parquet)).
# 2. Else headers and libraries of a pyarrow wheel: ARROW_WHEEL_DIR, or the project's .venv (scripts/setup makes it), or
#    what `python3 -c 'import pyarrow'` finds. The wheel's libraries carry a version in their file names
#    (libarrow.so.2600) and have no CMake package.
#
# Sets ArrowParquet_FOUND, ArrowParquet_VERSION and ArrowParquet_RUNTIME_LIBRARIES (files to install beside the binary;
# empty for an installed Arrow).
set(ArrowParquet_RUNTIME_LIBRARIES "")

find_package(Arrow QUIET CONFIG)
if(Arrow_FOUND)
  find_package(Parquet QUIET CONFIG)
endif()

if(Arrow_FOUND AND Parquet_FOUND)
  set(ArrowParquet_VERSION ${Arrow_VERSION})
  if(NOT TARGET ArrowParquet::parquet)
    add_library(ArrowParquet::parquet INTERFACE IMPORTED)
    set_target_properties(ArrowParquet::parquet PROPERTIES
      INTERFACE_LINK_LIBRARIES "Parquet::parquet_shared;Arrow::arrow_shared")
  endif()
else()
  set(ARROW_WHEEL_DIR "" CACHE PATH "Folder of a pyarrow package (holds include/ and libarrow.so.*)")
  set(candidates ${ARROW_WHEEL_DIR})
  file(GLOB in_venv ${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/pyarrow)
  list(APPEND candidates ${in_venv})
  if(NOT candidates)
    find_program(STOKER_PYTHON3 python3)
    if(STOKER_PYTHON3)
      execute_process(COMMAND ${STOKER_PYTHON3} -c "import os, pyarrow; print(os.path.dirname(pyarrow.__file__))"
        OUTPUT_VARIABLE from_python OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
      list(APPEND candidates ${from_python})
    endif()
  endif()
  set(ArrowParquet_wheel "")
  foreach(candidate IN LISTS candidates)
    file(GLOB arrow_lib ${candidate}/libarrow.so.*)
    file(GLOB parquet_lib ${candidate}/libparquet.so.*)
    list(FILTER arrow_lib INCLUDE REGEX "\\.so\\.[0-9]+$")
    list(FILTER parquet_lib INCLUDE REGEX "\\.so\\.[0-9]+$")
    if(arrow_lib AND parquet_lib AND EXISTS ${candidate}/include/parquet/api/reader.h)
      list(GET arrow_lib 0 arrow_lib)
      list(GET parquet_lib 0 parquet_lib)
      set(ArrowParquet_wheel ${candidate})
      break()
    endif()
  endforeach()
  if(ArrowParquet_wheel)
    file(STRINGS ${ArrowParquet_wheel}/include/arrow/util/config.h version_line REGEX "ARROW_VERSION_STRING")
    string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" ArrowParquet_VERSION "${version_line}")
    set(ArrowParquet_RUNTIME_LIBRARIES ${arrow_lib} ${parquet_lib})
    if(NOT TARGET ArrowParquet::parquet)
      add_library(ArrowParquet::arrow SHARED IMPORTED)
      set_target_properties(ArrowParquet::arrow PROPERTIES IMPORTED_LOCATION ${arrow_lib}
        INTERFACE_INCLUDE_DIRECTORIES ${ArrowParquet_wheel}/include)
      add_library(ArrowParquet::parquet SHARED IMPORTED)
      set_target_properties(ArrowParquet::parquet PROPERTIES IMPORTED_LOCATION ${parquet_lib}
        INTERFACE_INCLUDE_DIRECTORIES ${ArrowParquet_wheel}/include
        INTERFACE_LINK_LIBRARIES ArrowParquet::arrow)
    endif()
  endif()
endif()

if(NOT TARGET ArrowParquet::parquet)
  set(ArrowParquet_FOUND FALSE)
  if(ArrowParquet_FIND_REQUIRED)
    message(FATAL_ERROR
      "Arrow C++ with Parquet was not found. Get it in one of two ways:\n"
      "  1. run scripts/setup: it installs the pinned pyarrow wheel, which holds the C++ headers and libraries, in .venv\n"
      "     (or point -DARROW_WHEEL_DIR= at the pyarrow folder of any Python environment, version 20 or newer)\n"
      "  2. install Arrow's own packages (libarrow-dev and libparquet-dev) and pass -DCMAKE_PREFIX_PATH= if they are not\n"
      "     in a standard place")
  endif()
else()
  set(ArrowParquet_FOUND TRUE)
  if(NOT ArrowParquet_FIND_QUIETLY)
    message(STATUS "Arrow and Parquet ${ArrowParquet_VERSION}${ArrowParquet_wheel}")
  endif()
endif()
