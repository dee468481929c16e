#include "config/brands.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace serverspace::config {
namespace {

constexpr std::array<Brand, 17> kBrands = {{
    {"02", "api.serverspace.by"},
    {"04", "api.serverspace.io"},
    {"06", "api.serverspace.ru"},
    {"07", "api.lincore.kz"},
    {"08", "api.serverspace.us"},
    {"09", "api.serverspace.com.tr"},
    {"0a", "api.serverspace.in"},
    {"0f", "api.itglobal.com"},
    {"14", "api.serverspace.kz"},
    {"20", "api.cloudtek.kz"},
    {"21", "api.serverspace.ca"},
    {"22", "api.serverspace.com.br"},
    {"23", "api.falconcloud.ae"},
    {"25", "api.vc.miran.ru"},
    {"26", "api.ekacod.ru"},
    {"28", "api.glos.online"},
    {"29", "api.vcloud-test.uzum.io"},
}};

}  // namespace

std::span<const Brand> Brands() { return kBrands; }

std::optional<HttpsUrl> FindBrandUrl(std::string_view key) {
  if (key.size() < 2) return std::nullopt;
  const std::string prefix = ToLower(key.substr(0, 2));
  const auto brand = std::ranges::find(kBrands, prefix, &Brand::prefix);
  if (brand == kBrands.end()) return std::nullopt;
  HttpsUrl url;
  url.host = brand->host;
  return url;
}

}  // namespace serverspace::config
