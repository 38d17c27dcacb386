# cmake --install gives a prefix that runs on its own: the binary, dlio_benchmark as a link to it, the MPI module, the
# workload files, and Arrow's libraries when they come from a wheel (the binary finds them through $ORIGIN/../lib/stoker).
if(NOT TARGET stoker)
  return()
endif()
install(TARGETS stoker RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(CODE "execute_process(COMMAND ${CMAKE_COMMAND} -E create_symlink stoker
  \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/dlio_benchmark\")")
if(TARGET stoker_mpi)
  install(TARGETS stoker_mpi LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/stoker)
endif()
if(ArrowParquet_RUNTIME_LIBRARIES)
  install(FILES ${ArrowParquet_RUNTIME_LIBRARIES} DESTINATION ${CMAKE_INSTALL_LIBDIR}/stoker)
endif()
install(DIRECTORY configs/workload DESTINATION ${CMAKE_INSTALL_DATADIR}/stoker/configs)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
