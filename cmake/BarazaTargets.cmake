# How a room declares its targets. All paths in includes are relative to the root of the repository.

# Compile options of our own code. Generated code does not get them.
add_library(baraza_own_code INTERFACE)
target_compile_options(baraza_own_code INTERFACE -Wall -Wextra -Werror
                       $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)

# baraza_steer_fuzzers(TARGET): where BARAZA_FUZZ is on, what a fuzzer steers by: the code of our libraries, not that of
# the generated messages.
function(baraza_steer_fuzzers target)
  if(BARAZA_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# baraza_quick_to_compile(TARGET): code that takes long to compile with sanitizers and hardly any time to run: the tests'
# own and the commands', half of such a build.
function(baraza_quick_to_compile target)
  if(BARAZA_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()

# baraza_add_room(DIR): adds the folder if it already has a CMakeLists.txt; a build notices by itself when it gets one.
function(baraza_add_room dir)
  file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/CMakeLists.txt)
  if(found)
    add_subdirectory(${dir})
  endif()
endfunction()

# A source that is listed but not there yet must not keep the other rooms from being built: it is left out, loudly,
# and comes in by itself. BARAZA_ALL_CHECKS, which scripts/test sets, makes it an error.
function(baraza_present name out)
  set(present)
  foreach(source IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    if(EXISTS ${source} OR source MATCHES "^${CMAKE_BINARY_DIR}/")
      list(APPEND present ${source})
    elseif(BARAZA_ALL_CHECKS)
      message(FATAL_ERROR "${name}: ${source} does not exist")
    else()
      message(WARNING "${name}: ${source} does not exist; left out")
      file(GLOB awaited CONFIGURE_DEPENDS ${source})
    endif()
  endforeach()
  set(${out} ${present} PARENT_SCOPE)
endfunction()

# baraza_library(NAME [PROGRAM] SRCS ... HDRS ... DEPS ... PRIVATE_DEPS ...): a static library named by its folder's path
# joined with "_"; without SRCS a header-only one. DEPS are public. PROGRAM: the commands of a program, with CLI11 and gRPC,
# which are quick to compile rather than quick.
function(baraza_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "PROGRAM" "" "SRCS;HDRS;DEPS;PRIVATE_DEPS")
  baraza_reject_unparsed(${name} "${arg_UNPARSED_ARGUMENTS}")
  baraza_present(${name} arg_SRCS ${arg_SRCS})
  baraza_present(${name} arg_HDRS ${arg_HDRS})
  if(arg_SRCS)
    add_library(${name} STATIC ${arg_SRCS} ${arg_HDRS})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${arg_DEPS} PRIVATE ${arg_PRIVATE_DEPS} baraza_own_code)
    baraza_steer_fuzzers(${name})
    if(arg_PROGRAM)
      baraza_quick_to_compile(${name})
      baraza_use_precompiled(${name} programs)
    elseif("proto_services" IN_LIST arg_DEPS)
      baraza_use_precompiled(${name} services)
    else()
      baraza_use_precompiled(${name} messages)
    endif()
  else()
    add_library(${name} INTERFACE ${arg_HDRS})
    target_include_directories(${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${arg_DEPS} ${arg_PRIVATE_DEPS})
  endif()
endfunction()

# baraza_executable(NAME [OUTPUT file-name] SRCS ... DEPS ...)
function(baraza_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT" "SRCS;DEPS")
  baraza_reject_unparsed(${name} "${arg_UNPARSED_ARGUMENTS}")
  baraza_present(${name} arg_SRCS ${arg_SRCS})
  if(NOT arg_SRCS)
    return()
  endif()
  add_executable(${name} ${arg_SRCS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} baraza_own_code)
  if(arg_OUTPUT)
    set_target_properties(${name} PROPERTIES OUTPUT_NAME ${arg_OUTPUT})
  endif()
endfunction()

# baraza_test(NAME SRCS ... DEPS ... [LABELS ...] [TIMEOUT seconds] [ARGS ...] [ENVIRONMENT ...]): one GoogleTest
# program (gtest, gmock and a main are linked), which is one CTest test run from the root of the repository.
# LABELS tsan marks a threaded test that does not link gRPC and is to run under TSan too.
function(baraza_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SRCS;DEPS;LABELS;ARGS;ENVIRONMENT")
  baraza_reject_unparsed(${name} "${arg_UNPARSED_ARGUMENTS}")
  baraza_present(${name} arg_SRCS ${arg_SRCS})
  if(NOT arg_SRCS)
    return()
  endif()
  add_executable(${name} ${arg_SRCS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} GTest::gmock GTest::gtest_main baraza_own_code)
  baraza_quick_to_compile(${name})
  baraza_use_precompiled(${name} tests)
  add_test(NAME ${name} COMMAND ${name} ${arg_ARGS} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
                       ENVIRONMENT "${BARAZA_SANITIZER_ENVIRONMENT};${arg_ENVIRONMENT}")
  if("tsan" IN_LIST arg_LABELS)
    set_property(GLOBAL APPEND PROPERTY BARAZA_TSAN_TESTS ${name})
  endif()
endfunction()

function(baraza_reject_unparsed name unparsed)
  if(unparsed)
    message(FATAL_ERROR "${name}: unknown arguments: ${unparsed}")
  endif()
endfunction()
