#include "config/problem.h"

#include <algorithm>
#include <cstddef>

#include "base/redact.h"
#include "base/text.h"

namespace serverspace::config {
namespace {

constexpr std::size_t kMaxReasons = 20;

}  // namespace

std::string Problem::ToString() const {
  std::string text = file;
  if (!file.empty() && line > 0)
    text += ":" + std::to_string(line) + ":" + std::to_string(column);
  if (!text.empty()) text += ": ";
  if (!key.empty()) text += key + ": ";
  // A path of the file may have any character in it.
  return RedactKeys(Printable(text + message, std::string::npos));
}

std::vector<std::string> FirstReasons(const std::vector<Problem>& problems) {
  const std::size_t shown = std::min(problems.size(), kMaxReasons);
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < shown; ++i)
    reasons.push_back(problems[i].ToString());
  if (shown < problems.size()) {
    reasons.push_back("and " + std::to_string(problems.size() - shown) +
                      " more: check-config tells all");
  }
  return reasons;
}

std::string JoinFirstReasons(const std::vector<Problem>& problems) {
  std::string text;
  for (const std::string& reason : FirstReasons(problems))
    text += (text.empty() ? "" : "\n") + reason;
  return text;
}

}  // namespace serverspace::config
