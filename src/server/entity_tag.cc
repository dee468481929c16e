#include "server/entity_tag.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <openssl/evp.h>

#include "base/text.h"

namespace serverspace::server {
namespace {

/// A tag may hold commas, so the list cannot just be cut at them.
std::string_view NextTag(std::string_view& rest) {
  const std::size_t open = rest.find('"');
  const std::size_t close =
      open == std::string_view::npos ? open : rest.find('"', open + 1);
  if (close == std::string_view::npos) {
    rest = {};
    return {};
  }
  const std::string_view tag = rest.substr(open, close + 1 - open);
  rest.remove_prefix(close + 1);
  return tag;
}

}  // namespace

std::string MakeEntityTag(std::string_view body) {
  constexpr std::size_t kDigestBytes = 32;
  constexpr std::size_t kShownBytes = 16;
  std::array<unsigned char, kDigestBytes> digest{};
  // With a digest of a fixed kind only memory can fail; all zeros would then
  // pass for equal, so the length tells as well.
  EVP_Q_digest(nullptr, "SHA256", nullptr, body.data(), body.size(),
               digest.data(), nullptr);
  return "\"" + std::to_string(body.size()) + "-" +
         Hex(std::span(digest).first<kShownBytes>()) + "\"";
}

bool NamesEntityTag(std::string_view if_none_match, std::string_view tag) {
  if (Trim(if_none_match) == "*") return true;
  // The comparison is the weak one, so a W/ before the tag does not matter.
  while (!if_none_match.empty()) {
    if (NextTag(if_none_match) == tag) return true;
  }
  return false;
}

}  // namespace serverspace::server
