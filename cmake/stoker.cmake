# How a folder of src/ becomes a target.
#
#   stoker_library(data/io SOURCES posix.cc ... DEPENDS base LIBRARIES PkgConfig::uring)
#     static library stoker_data_io (alias stoker::data_io). DEPENDS are folders of src/ and are the whole list of folders whose
#     headers this one may include: the test `layers` fails on any other #include.
#   stoker_test(data/io SOURCES posix_test.cc ... DEPENDS ...)     one GoogleTest binary for the folder, label unit; with a
#                                                             sanitizer it is one test, asan.data_io or tsan.data_io; CHECKED_HEADERS:
#                                                             headers hold code that reads what it cannot trust, which the
#                                                             tests then instantiate with all checks
#   stoker_bench(data/io SOURCES posix_bench.cc ... DEPENDS ...)   one Google Benchmark binary; each runs once, tiny, as a test
#   stoker_fuzz(data/io SOURCES listing_fuzz.cc ... DEPENDS ...)   a libFuzzer binary stoker_fuzz_listing for each source, with
#                                                             STOKER_FUZZ; its stored corpus is tests/data/fuzz/listing

add_library(stoker_options INTERFACE)
target_include_directories(stoker_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(stoker_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-missing-field-initializers
  # GCC 12 warns of impossible overlaps and sizes inside std::string (GCC bugs 105651, 105329) and of uninitialised values
  # inside std::optional (bug 80635).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread;-Wno-array-bounds;-Wno-maybe-uninitialized>
  # Clang counts as shadowing what a lambda captures under its own name, and converting to a sign as -Wconversion.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>
  $<$<BOOL:${STOKER_WERROR}>:-Werror>)
if(STOKER_SANITIZE)
  # -O1 keeps the sanitized tests within CI's time.
  target_compile_options(stoker_options INTERFACE -fsanitize=${STOKER_SANITIZE} -fno-omit-frame-pointer -O1 -g1
    -fno-sanitize-recover=all)
  target_link_options(stoker_options INTERFACE -fsanitize=${STOKER_SANITIZE})
endif()
if(STOKER_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "STOKER_FUZZ needs Clang: cmake --preset fuzz")
  endif()
  target_compile_options(stoker_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
# So that one ctest over several build trees tells them apart.
set(STOKER_TEST_PREFIX "")
if(STOKER_SANITIZE MATCHES "thread")
  set(STOKER_TEST_PREFIX "tsan.")
elseif(STOKER_SANITIZE)
  set(STOKER_TEST_PREFIX "asan.")
endif()
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O3 -g1 -DNDEBUG")

# stoker_precompile(TARGET FIRST HEADER): the first target compiles the header, all others take it from there. Libraries, and the
# executables of tests, have flags of their own, so each kind has its own.
function(stoker_precompile target first header)
  # So that a compiler cache knows it again.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:Clang>:-Xclang;-fno-pch-timestamp>)
  if(target STREQUAL first)
    target_precompile_headers(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src/${header})
  else()
    target_precompile_headers(${target} REUSE_FROM ${first})
  endif()
endfunction()

define_property(GLOBAL PROPERTY STOKER_LAYERS BRIEF_DOCS "folder:dependency,dependency" FULL_DOCS "-")

function(stoker_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" id ${name})
  add_library(stoker_${id} STATIC ${arg_SOURCES})
  add_library(stoker::${id} ALIAS stoker_${id})
  set(links)
  foreach(dependency IN LISTS arg_DEPENDS)
    string(REPLACE "/" "_" dependency_id ${dependency})
    list(APPEND links stoker_${dependency_id})
  endforeach()
  target_link_libraries(stoker_${id} PUBLIC stoker_options ${links} ${arg_LIBRARIES})
  # A build goes without, in which files that do not include what they use fail.
  if(NOT STOKER_FUZZ)
    stoker_precompile(stoker_${id} stoker_base base/precompiled.h)
  endif()
  list(JOIN arg_DEPENDS "," edges)
  set_property(GLOBAL APPEND PROPERTY STOKER_LAYERS "${name}:${edges}")
endfunction()

function(stoker_test name)
  if(NOT STOKER_TESTS)
    return()
  endif()
  cmake_parse_arguments(arg "CHECKED_HEADERS" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" id ${name})
  add_executable(stoker_${id}_test ${arg_SOURCES})
  set(links stoker_${id})
  foreach(dependency IN LISTS arg_DEPENDS)
    string(REPLACE "/" "_" dependency_id ${dependency})
    list(APPEND links stoker_${dependency_id})
  endforeach()
  target_link_libraries(stoker_${id}_test PRIVATE ${links} ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
  target_compile_definitions(stoker_${id}_test PRIVATE STOKER_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # What is tested is optimized as it is shipped; the tests themselves take a third less time to compile, and with the
  # undefined behaviour sanitizer, which is for what is tested, less than half.
  target_compile_options(stoker_${id}_test PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1>)
  if(STOKER_SANITIZE MATCHES "undefined")
    target_compile_options(stoker_${id}_test PRIVATE -O0 $<$<NOT:$<BOOL:${arg_CHECKED_HEADERS}>>:-fno-sanitize=undefined>)
  endif()
  stoker_precompile(stoker_${id}_test stoker_base_test base/testing/precompiled.h)
  if(STOKER_SANITIZE)
    # One process for all tests: a sanitized one takes longer to start than most tests take. Arrow's own allocator hands
    # memory from thread to thread without the sanitizers' knowing.
    add_test(NAME ${STOKER_TEST_PREFIX}${id} COMMAND stoker_${id}_test)
    set_tests_properties(${STOKER_TEST_PREFIX}${id} PROPERTIES LABELS unit TIMEOUT 1800
      ENVIRONMENT "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/cmake/tsan.supp;ARROW_DEFAULT_MEMORY_POOL=system")
  else()
    gtest_discover_tests(stoker_${id}_test TEST_PREFIX "${id}." NO_PRETTY_VALUES DISCOVERY_MODE PRE_TEST
      PROPERTIES LABELS unit TIMEOUT 900)
  endif()
endfunction()

function(stoker_bench name)
  if(NOT STOKER_BENCHMARKS OR NOT STOKER_TESTS OR STOKER_SANITIZE)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" id ${name})
  add_executable(stoker_${id}_bench ${arg_SOURCES})
  set(links stoker_${id})
  foreach(dependency IN LISTS arg_DEPENDS)
    string(REPLACE "/" "_" dependency_id ${dependency})
    list(APPEND links stoker_${dependency_id})
  endforeach()
  target_link_libraries(stoker_${id}_bench PRIVATE ${links} ${arg_LIBRARIES} benchmark::benchmark_main)
  add_test(NAME ${id}.bench COMMAND stoker_${id}_bench --benchmark_min_time=0.001)
  set_tests_properties(${id}.bench PROPERTIES LABELS bench)
endfunction()

function(stoker_fuzz name)
  if(NOT STOKER_FUZZ)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" id ${name})
  set(links stoker_${id})
  foreach(dependency IN LISTS arg_DEPENDS)
    string(REPLACE "/" "_" dependency_id ${dependency})
    list(APPEND links stoker_${dependency_id})
  endforeach()
  foreach(source IN LISTS arg_SOURCES)
    cmake_path(GET source STEM target)
    string(REPLACE "_fuzz" "" target ${target})
    add_executable(stoker_fuzz_${target} ${source})
    target_link_libraries(stoker_fuzz_${target} PRIVATE ${links} ${arg_LIBRARIES} -fsanitize=fuzzer)
    set_target_properties(stoker_fuzz_${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/targets)
    add_dependencies(fuzz_targets stoker_fuzz_${target})
    add_test(NAME fuzz.${target} COMMAND ${CMAKE_SOURCE_DIR}/scripts/fuzz --no-build ${target})
    set_tests_properties(fuzz.${target} PROPERTIES LABELS fuzz TIMEOUT 900)
  endforeach()
endfunction()

# Called once, after all folders: hands the declared edges to the test that reads the #include lines.
function(stoker_layers_test)
  get_property(layers GLOBAL PROPERTY STOKER_LAYERS)
  list(JOIN layers "\n" text)
  file(WRITE ${CMAKE_BINARY_DIR}/layers.txt "${text}\n")
  add_test(NAME layers COMMAND ${CMAKE_COMMAND} -D SOURCE_DIR=${CMAKE_SOURCE_DIR}/src
    -D LAYERS=${CMAKE_BINARY_DIR}/layers.txt -P ${CMAKE_SOURCE_DIR}/cmake/check_layers.cmake)
  set_tests_properties(layers PROPERTIES LABELS unit)
endfunction()
