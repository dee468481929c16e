# scripts/package.sh makes the Debian package; deploy/debian/README.md says of what.
set(debian "${CMAKE_SOURCE_DIR}/deploy/debian")
set(package "serverspace-exporter")
set(shared "share/${package}")
set(documentation "share/doc/${package}")

# Where systemd of Debian 12 looks, and where the loader of maintainer scripts does.
install(TARGETS serverspace_exporter RUNTIME DESTINATION bin)
install(FILES systemd/${package}.service systemd/${package}.socket DESTINATION /lib/systemd/system)
install(FILES ${debian}/config.yml DESTINATION /etc/${package})
install(DIRECTORY DESTINATION /etc/${package}/keys DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
install(FILES ${debian}/default DESTINATION /etc/default RENAME ${package})
install(FILES docs/completion/serverspace_exporter.bash
  DESTINATION share/bash-completion/completions RENAME serverspace_exporter)

# A directory that lost its files must not make an empty package.
function(serverspace_install_all folder pattern destination)
  file(GLOB files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${folder}/${pattern}")
  if(NOT files)
    message(FATAL_ERROR "${folder}/${pattern}: the package needs these files, and there are none")
  endif()
  install(FILES ${files} DESTINATION ${destination})
endfunction()

serverspace_install_all(deploy/prometheus/rules *.yml ${shared}/prometheus/rules)
serverspace_install_all(grafana/dashboards *.json ${shared}/grafana/dashboards)
foreach(kind dashboards datasources)
  serverspace_install_all(grafana/provisioning/${kind} *.yml ${shared}/grafana/provisioning/${kind})
endforeach()
serverspace_install_all(docs *.md ${documentation}/docs)
serverspace_install_all(deploy/prometheus *.yml ${documentation}/examples/prometheus)
install(DIRECTORY deploy/alertmanager DESTINATION ${documentation}/examples)
install(FILES config/serverspace-exporter.yml DESTINATION ${documentation}/examples)
install(FILES README.md ${debian}/README.Debian ${debian}/copyright DESTINATION ${documentation})
install(FILES ${debian}/lintian-overrides DESTINATION share/lintian/overrides RENAME ${package})

# Debian policy wants these compressed, and the same bytes each time.
find_program(GZIP_PROGRAM gzip REQUIRED)
function(serverspace_install_compressed file destination name)
  set(compressed "${CMAKE_BINARY_DIR}/package/${name}.gz")
  cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${CMAKE_SOURCE_DIR}" OUTPUT_VARIABLE shown)
  add_custom_command(OUTPUT "${compressed}"
    COMMAND ${CMAKE_COMMAND} -E make_directory "${CMAKE_BINARY_DIR}/package"
    COMMAND ${GZIP_PROGRAM} -9nc "${file}" > "${compressed}"
    DEPENDS "${file}" COMMENT "Compressing ${shown}" VERBATIM)
  install(FILES "${compressed}" DESTINATION ${destination})
  set_property(GLOBAL APPEND PROPERTY serverspace_compressed "${compressed}")
endfunction()
serverspace_install_compressed("${CMAKE_SOURCE_DIR}/docs/man/serverspace_exporter.1" share/man/man1
  serverspace_exporter.1)
serverspace_install_compressed("${CMAKE_SOURCE_DIR}/CHANGELOG.md" ${documentation} changelog)
serverspace_install_compressed("${debian}/changelog" ${documentation} changelog.Debian)
get_property(compressed GLOBAL PROPERTY serverspace_compressed)
add_custom_target(serverspace_package_files ALL DEPENDS ${compressed})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ${package})
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The serverspace-exporter authors <serverspace-exporter@packages.example.com>")
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_BINARY_DIR}/package")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Before these, DPKG_ROOT and units as they are here were unknown.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "init-system-helpers (>= 1.54~)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "prometheus, prometheus-alertmanager")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Prometheus exporter for the Serverspace cloud")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Polls the public API of the Serverspace cloud with GET requests only and
serves what it says as metrics: the balance of projects before it runs out,
spend and top-ups, servers with their state, volumes and network interfaces,
operations in progress, networks, gateways, domains, Kubernetes clusters,
snapshots, backups and VMware servers.

Alerting rules for Prometheus and dashboards for Grafana are included.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${debian}/postinst;${debian}/prerm;${debian}/postrm;${debian}/conffiles")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
