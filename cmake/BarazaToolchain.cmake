# Compiler, linker and sanitizer settings, shared by every target of the project.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Debug is for the edit-compile-test loop: what compiles quickest and still names lines in a stack trace.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# gRPC's libraries bring it along, and a precompiled header serves only those that have it too.
add_compile_options(-pthread)

# One base directory and no hashed working directory, so that clones and build directories share a cache. What a file
# includes is taken from the compiler, instead of preprocessing it once more when it is not in the cache.
find_program(BARAZA_CCACHE ccache)
if(BARAZA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${BARAZA_CCACHE})
endif()

include(CheckLinkerFlag)
foreach(linker IN ITEMS mold lld)
  check_linker_flag(CXX -fuse-ld=${linker} BARAZA_LINKER_${linker})
  if(BARAZA_LINKER_${linker})
    add_link_options(-fuse-ld=${linker})
    break()
  endif()
endforeach()

if(BARAZA_SANITIZE STREQUAL "address")
  set(baraza_sanitize_flags -fsanitize=address,undefined -fno-sanitize-recover=all)
  set(BARAZA_SANITIZER_ENVIRONMENT "UBSAN_OPTIONS=print_stacktrace=1")
elseif(BARAZA_SANITIZE STREQUAL "thread")
  set(baraza_sanitize_flags -fsanitize=thread)
  set(BARAZA_SANITIZER_ENVIRONMENT
      "TSAN_OPTIONS=halt_on_error=1:suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")
elseif(NOT BARAZA_SANITIZE STREQUAL "")
  message(FATAL_ERROR "BARAZA_SANITIZE: expected \"\", \"address\" or \"thread\", got \"${BARAZA_SANITIZE}\"")
endif()
if(baraza_sanitize_flags)
  # Sanitized code without any optimisation is too slow to test with.
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
  add_compile_options(${baraza_sanitize_flags} -fno-omit-frame-pointer)
  add_link_options(${baraza_sanitize_flags})
endif()
