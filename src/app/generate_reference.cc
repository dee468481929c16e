#include <cstdio>
#include <exception>
#include <string>

#include "app/metrics_reference.h"
#include "app/reference.h"
#include "base/file.h"

namespace serverspace::app {
namespace {

constexpr std::size_t kMaxPageBytes = 4 * 1024 * 1024;
constexpr unsigned kSourceFile = 0644;

bool Write(const std::string& path, const std::string& text) {
  const auto written = WriteFileAtomically(path, text, kSourceFile);
  if (!written.ok())
    std::fprintf(stderr, "%s\n", written.error().message.c_str());
  return written.ok();
}

/// Renews the generated part of a page.
bool Renew(const std::string& path, const std::string& generated) {
  const auto page = ReadFile(path, kMaxPageBytes);
  if (!page.ok()) {
    std::fprintf(stderr, "%s\n", page.error().message.c_str());
    return false;
  }
  const auto renewed = ReplaceGenerated(page.value(), generated);
  if (!renewed) {
    std::fprintf(stderr, "%s has not two lines that mark what is generated\n",
                 path.c_str());
    return false;
  }
  return Write(path, *renewed);
}

/// Renews what is generated under the source tree's `docs`.
int Generate(const std::string& docs) {
  const bool written =
      Renew(docs + "/metrics.md", MetricsReference()) &&
      Renew(docs + "/configuration.md", SettingsReference()) &&
      Write(docs + "/man/serverspace_exporter.1", ManPage()) &&
      Write(docs + "/completion/serverspace_exporter.bash", BashCompletion());
  return written ? 0 : 1;
}

}  // namespace
}  // namespace serverspace::app

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: serverspace_generate_reference DOCS_DIRECTORY\n",
               stderr);
    return 2;
  }
  try {
    return serverspace::app::Generate(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
