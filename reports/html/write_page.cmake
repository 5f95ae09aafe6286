# cmake -D SOURCE=… -D CHART_JS=… -D SCRIPTS=a.js;b.js;… -D OUT=… -P write_page.cmake
# Writes OUT, a C++ source whose html_page() is SOURCE/page.html with its styles, Chart.js and our
# scripts in their places. The scripts share one scope, in the order given.
file(READ ${SOURCE}/page.html page)
file(READ ${SOURCE}/page.css style)
file(READ ${CHART_JS} chart_js)
set(scripts "")
foreach(name IN LISTS SCRIPTS)
  file(READ ${SOURCE}/${name} script)
  string(APPEND scripts "${script}\n")
endforeach()

foreach(part IN ITEMS style chart_js scripts)
  string(REGEX MATCH "</(script|style)|<!--|\\)page\"" forbidden "${${part}}")
  if(forbidden)
    message(FATAL_ERROR "The page's ${part} cannot be inlined: it holds \"${forbidden}\"")
  endif()
  string(TOUPPER "@${part}@" place)
  string(REPLACE "${place}" "${${part}}" page "${page}")
endforeach()

file(WRITE ${OUT} "#include \"reports/html_page.h\"\n\nnamespace cachegauge {\n\n"
  "std::string_view html_page() {\n  return R\"page(${page})page\";\n}\n\n}  // namespace cachegauge\n")
