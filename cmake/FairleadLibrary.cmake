# libfairlead: the data access layer as a shared library for applications (docs/library.md). Made of the static modules
# up to dal; only what is marked FAIRLEAD_API is seen from outside.
#
#   find_package(fairlead REQUIRED)                        fairlead::dal
#   find_package(fairlead REQUIRED COMPONENTS async)       fairlead::async, which needs Boost's headers
#   find_package(fairlead REQUIRED COMPONENTS metrics)     fairlead::metrics, which needs prometheus-cpp
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

add_library(fairlead_library SHARED "${PROJECT_SOURCE_DIR}/cmake/empty.cpp")
add_library(fairlead::dal ALIAS fairlead_library)
set(exports "${PROJECT_SOURCE_DIR}/cmake/install/exports.map")
set_target_properties(fairlead_library PROPERTIES
  OUTPUT_NAME fairlead EXPORT_NAME dal
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}"
  LINK_DEPENDS "${exports}")
target_include_directories(fairlead_library INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_compile_features(fairlead_library INTERFACE cxx_std_20)
target_link_libraries(fairlead_library PRIVATE "$<LINK_LIBRARY:WHOLE_ARCHIVE,fairlead_dal>")
# Instantiations of the standard library's templates would be exported otherwise: namespace std overrules hidden
# visibility.
target_link_options(fairlead_library PRIVATE "LINKER:--version-script=${exports}")
# The layers below dal are compiled as the proxy has them; here nothing of them is seen.
target_link_options(fairlead_library PRIVATE
  "LINKER:--exclude-libs,libfairlead_policy.a:libfairlead_config.a:libfairlead_common.a")
set_target_properties(fairlead_dal PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
# What is missing is to be noticed here, not in somebody's program. (clang leaves the sanitizers' own symbols to the
# program.)
if(NOT FAIRLEAD_SANITIZE OR CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_link_options(fairlead_library PRIVATE "LINKER:--no-undefined")
endif()

# What those headers need that lean on another library.
add_library(fairlead_async INTERFACE)
add_library(fairlead::async ALIAS fairlead_async)
set_target_properties(fairlead_async PROPERTIES EXPORT_NAME async)
target_link_libraries(fairlead_async INTERFACE fairlead_library Boost::headers)
add_library(fairlead_metrics INTERFACE)
add_library(fairlead::metrics ALIAS fairlead_metrics)
set_target_properties(fairlead_metrics PROPERTIES EXPORT_NAME metrics)
target_link_libraries(fairlead_metrics INTERFACE fairlead_library prometheus-cpp::core)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/fairlead")
install(TARGETS fairlead_library EXPORT fairleadLibrary COMPONENT library
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library)
install(TARGETS fairlead_async EXPORT fairleadAsync COMPONENT library)
install(TARGETS fairlead_metrics EXPORT fairleadMetrics COMPONENT library)
foreach(part Library Async Metrics)
  install(EXPORT fairlead${part} NAMESPACE fairlead:: DESTINATION "${package_dir}" COMPONENT library)
endforeach()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT library
        FILES_MATCHING PATTERN "*.h")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/install/fairleadConfig.cmake.in" fairleadConfig.cmake
                              INSTALL_DESTINATION "${package_dir}")
# Below 1.0 a minor version may change the interface.
write_basic_package_version_file(fairleadConfigVersion.cmake COMPATIBILITY SameMinorVersion)
configure_file("${PROJECT_SOURCE_DIR}/cmake/install/fairlead.pc.in" fairlead.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/fairleadConfig.cmake" "${PROJECT_BINARY_DIR}/fairleadConfigVersion.cmake"
        DESTINATION "${package_dir}" COMPONENT library)
install(FILES "${PROJECT_BINARY_DIR}/fairlead.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT library)
