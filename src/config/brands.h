#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/url.h"

namespace serverspace::config {

/// One provider that sells the cloud under its own name (API reference 1.1).
struct Brand {
  std::string_view prefix;  ///< The first two characters of its keys.
  std::string_view host;
};

/// All known brands by ascending prefix.
std::span<const Brand> Brands();

/// The API address for a key, by its first two characters, whose case does not
/// matter. Nothing if no brand has them: then the address must be configured.
std::optional<HttpsUrl> FindBrandUrl(std::string_view key);

}  // namespace serverspace::config
