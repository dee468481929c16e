#include "server/http_query.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace serverspace::server {
namespace {

constexpr std::size_t kMaxPairs = 1000;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

Error Invalid(const char* message) {
  return Error{ErrorCode::kInvalidInput, message};
}

enum class Plus { kIsPlus, kIsSpace };

Result<std::string> Decode(std::string_view text, Plus plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 1 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return Invalid("broken %-escape in the address");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus == Plus::kIsSpace) {
      c = ' ';
    }
    if (IsControl(c)) return Invalid("control character in the address");
    decoded += c;
  }
  if (!IsValidUtf8(decoded)) return Invalid("the address is not valid UTF-8");
  return decoded;
}

}  // namespace

Query::Query(std::vector<std::pair<std::string, std::string>> pairs)
    : pairs_(std::move(pairs)) {}

std::vector<std::string_view> Query::All(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : pairs_) {
    if (key == name) values.emplace_back(value);
  }
  return values;
}

Result<Query> ParseQuery(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (item.empty()) continue;
    if (pairs.size() == kMaxPairs) return Invalid("too many parameters");
    const std::size_t equals = std::min(item.find('='), item.size());
    auto name = Decode(item.substr(0, equals), Plus::kIsSpace);
    if (!name.ok()) return std::move(name).error();
    auto value =
        Decode(item.substr(std::min(equals + 1, item.size())), Plus::kIsSpace);
    if (!value.ok()) return std::move(value).error();
    pairs.emplace_back(std::move(name).value(), std::move(value).value());
  }
  return Query(std::move(pairs));
}

Result<std::string> DecodePath(std::string_view text) {
  auto path = Decode(text, Plus::kIsPlus);
  if (path.ok() &&
      std::ranges::count(path.value(), '/') != std::ranges::count(text, '/')) {
    return Invalid("escaped slash in the address");
  }
  return path;
}

}  // namespace serverspace::server
