# The libraries the project stands on. Their Debian packages are listed in scripts/packages.txt.

find_package(Threads REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(Protobuf MODULE REQUIRED)  # Debian ships no config file for it.
find_package(ICU REQUIRED COMPONENTS uc i18n)
find_package(SQLite3 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(brotli REQUIRED IMPORTED_TARGET libbrotlienc libbrotlidec)
find_package(OpenSSL REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(Eigen3 CONFIG REQUIRED NO_MODULE)

if(BARAZA_BUILD_TESTS)
  find_package(GTest CONFIG REQUIRED)
endif()

if(BARAZA_WITH_GRPC)
  find_package(gRPC CONFIG REQUIRED)
  find_package(tomlplusplus CONFIG QUIET)
  if(NOT TARGET tomlplusplus::tomlplusplus)
    pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
    add_library(tomlplusplus::tomlplusplus ALIAS PkgConfig::tomlplusplus)
  endif()
  find_package(glog CONFIG REQUIRED)
endif()
