#include "app/version.h"

namespace serverspace::app {

exporter::BuildInfo ThisBuild() {
  return {.version = "0.1.0",
          .revision = "40087cfda017",
          .compiler = "GNU 12.2.0"};
}

std::string VersionText() {
  const exporter::BuildInfo build = ThisBuild();
  return "serverspace_exporter " + build.version + " (revision " + build.revision + ", " + build.compiler + ")";
}

}  // namespace serverspace::app
