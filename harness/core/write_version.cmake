# cmake -D SOURCE=… -D IN=… -D OUT=… -D VERSION=… -D BUILD_TYPE=… -P write_version.cmake
# Writes OUT from IN with the commit of SOURCE. An unchanged OUT keeps its time, so nothing is rebuilt.
# The "-dirty" mark needs no lock on the index: others may be at work in the same tree.
execute_process(
  COMMAND git -C ${SOURCE} --no-optional-locks describe --always --dirty --abbrev=12 --exclude=*
  OUTPUT_VARIABLE GIT_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(GIT_COMMIT "")
endif()
configure_file(${IN} ${OUT} @ONLY)
