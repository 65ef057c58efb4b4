# Install rules of the package: find_package(actorbus), pkg-config actorbus, and .deb/.tar.gz by cpack.
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/actorbus")

install(TARGETS actorbus_rooms EXPORT actorbus-targets)
install(EXPORT actorbus-targets NAMESPACE actorbus:: DESTINATION "${package_dir}")

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/actorbus-config.cmake.in" "${PROJECT_BINARY_DIR}/actorbus-config.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/actorbus-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/actorbus-config.cmake"
  "${PROJECT_BINARY_DIR}/actorbus-config-version.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindCAF.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindMsgpack.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindLiburcu.cmake"
  DESTINATION "${package_dir}")

# With static libraries the libraries behind them are the user's to link; with shared ones only CAF is, whose
# templates are instantiated in user code.
set(PC_LIBS "-lactorbus_actors -lactorbus_protocol -lcaf_core")
set(PC_LIBS_PRIVATE "-lcrypto -lurcu -lurcu-common -pthread")
if(ACTORBUS_BUILD_TRANSPORTS)
  string(PREPEND PC_LIBS "-lactorbus_transports ")
  string(PREPEND PC_LIBS_PRIVATE "-lssl ")
endif()
if(NOT BUILD_SHARED_LIBS)
  string(APPEND PC_LIBS " ${PC_LIBS_PRIVATE}")
  set(PC_LIBS_PRIVATE "")
endif()
# The file finds its prefix from where it lies, so an unpacked archive works in any place.
file(RELATIVE_PATH PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file("${PROJECT_SOURCE_DIR}/cmake/actorbus.pc.in" "${PROJECT_BINARY_DIR}/actorbus.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/actorbus.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}")

set(CPACK_PACKAGE_NAME actorbus)
set(CPACK_PACKAGE_CONTACT "actorbus developers <developers@actorbus.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_GENERATOR TGZ DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libcaf-dev, libboost-dev, libmsgpack-cxx-dev, liburcu-dev, libssl-dev")
include(CPack)
