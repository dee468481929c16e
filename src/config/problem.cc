#include "config/problem.h"

#include "base/redact.h"

namespace serverspace::config {

std::string Problem::ToString() const {
  std::string text = file;
  if (!file.empty() && line > 0)
    text += ":" + std::to_string(line) + ":" + std::to_string(column);
  if (!text.empty()) text += ": ";
  if (!key.empty()) text += key + ": ";
  return RedactKeys(text + message);
}

}  // namespace serverspace::config
