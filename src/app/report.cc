#include "app/report.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/redact.h"

namespace serverspace::app {

Result<void> WriteToStdout(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
      std::fflush(stdout) == 0) {
    return {};
  }
  return Error{ErrorCode::kOther, "cannot write to standard output: " +
                                      std::generic_category().message(errno)};
}

int Print(const Report& report) {
  const auto written = WriteToStdout(RedactKeys(report.text));
  if (written.ok()) return report.status;
  std::fprintf(stderr, "%s\n", written.error().message.c_str());
  return std::max(report.status, report.unprinted);
}

int Refuse(const std::vector<config::Problem>& problems) {
  for (const config::Problem& problem : problems)
    std::fprintf(stderr, "%s\n", problem.ToString().c_str());
  return kBadSetup;
}

int Fail(Logger& log, std::string_view what, const Error& error, int status) {
  log.Error(what, {{"error", error.message}});
  return status;
}

}  // namespace serverspace::app
