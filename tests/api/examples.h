#pragma once

#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/text.h"

namespace serverspace::api {

inline const std::filesystem::path kExamples =
    std::filesystem::path(SERVERSPACE_TESTDATA) / "api";

/// A recorded answer.
inline std::string Example(const std::string& name) {
  return std::string(
      Trim(ReadFile((kExamples / name).string(), 1 << 20).value()));
}

}  // namespace serverspace::api
