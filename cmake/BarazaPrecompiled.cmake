# Headers that are compiled once instead of in every file: sanitized builds only, of which they are a third. Other builds
# have none but the tests', so a missing include is noticed there. A file uses one that was compiled with its own options.

option(BARAZA_PCH "Precompile headers: the tests', and in sanitized builds those of all libraries" ON)

set(baraza_common_headers
  <algorithm> <cstdint> <functional> <map> <memory> <optional> <set> <string> <utility> <vector>
  <absl/container/btree_set.h> <absl/container/flat_hash_map.h> <absl/status/statusor.h> <absl/strings/str_cat.h>
  <absl/strings/str_join.h> <absl/strings/str_split.h> <absl/time/time.h> <absl/types/span.h>)
set(baraza_message_headers <baraza/v1/figure.pb.h> <baraza/v1/record.pb.h> <baraza/v1/sync_service.pb.h>)
set(baraza_service_headers
  <baraza/v1/enrolment_service.grpc.pb.h> <baraza/v1/indicator_service.grpc.pb.h> <baraza/v1/programme_service.grpc.pb.h>
  <baraza/v1/review_service.grpc.pb.h> <baraza/v1/session_service.grpc.pb.h> <baraza/v1/sync_service.grpc.pb.h>
  <grpcpp/grpcpp.h>)

# baraza_precompile(KIND DEPS ... HEADERS ...): the headers behind baraza_use_precompiled(TARGET KIND).
function(baraza_precompile kind)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPS;HEADERS")
  baraza_reject_unparsed(${kind} "${arg_UNPARSED_ARGUMENTS}")
  add_library(baraza_precompiled_${kind} OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled.cc)
  target_link_libraries(baraza_precompiled_${kind} PRIVATE ${arg_DEPS} baraza_own_code)
  target_precompile_headers(baraza_precompiled_${kind} PRIVATE ${arg_HEADERS})
endfunction()

# baraza_use_precompiled(TARGET KIND): does nothing where this build has no such headers.
function(baraza_use_precompiled target kind)
  if(TARGET baraza_precompiled_${kind})
    target_precompile_headers(${target} REUSE_FROM baraza_precompiled_${kind})
  endif()
endfunction()

if(BARAZA_PCH AND BARAZA_BUILD_TESTS)
  set(baraza_tests_deps GTest::gmock absl::statusor absl::strings)
  set(baraza_tests_headers <gmock/gmock.h> <gtest/gtest.h> ${baraza_common_headers})
  if(BARAZA_SANITIZE)
    list(APPEND baraza_tests_deps proto_messages)
    list(APPEND baraza_tests_headers ${baraza_message_headers})
  endif()
  baraza_precompile(tests DEPS ${baraza_tests_deps} HEADERS ${baraza_tests_headers})
  baraza_quick_to_compile(baraza_precompiled_tests)
endif()

if(BARAZA_PCH AND BARAZA_SANITIZE)
  baraza_precompile(messages DEPS proto_messages absl::statusor HEADERS ${baraza_common_headers} ${baraza_message_headers})
  baraza_steer_fuzzers(baraza_precompiled_messages)
  if(BARAZA_WITH_GRPC)
    set(baraza_services_headers ${baraza_common_headers} ${baraza_message_headers} ${baraza_service_headers})
    baraza_precompile(services DEPS proto_services absl::statusor HEADERS ${baraza_services_headers})
    baraza_steer_fuzzers(baraza_precompiled_services)
    baraza_precompile(programs DEPS proto_services absl::statusor CLI11::CLI11
                      HEADERS ${baraza_services_headers} <CLI/CLI.hpp>)
    baraza_steer_fuzzers(baraza_precompiled_programs)
    baraza_quick_to_compile(baraza_precompiled_programs)
  endif()
endif()
