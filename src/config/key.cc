#include "config/key.h"

#include <algorithm>
#include <cstring>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

namespace serverspace::config {
namespace {

/// Keys have 64 characters (API reference 1.0); this leaves room for others
/// and still tells a wrong file from a key.
constexpr std::size_t kMaxKeyBytes = 1024;
constexpr std::size_t kMaxFileBytes = 4096;

Error Invalid(std::string message) {
  return {ErrorCode::kInvalidInput, std::move(message)};
}

}  // namespace

Result<Secret> ParseKey(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return Invalid("the key is UTF-16: save it as plain text");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text = Trim(text);
  if (text.empty()) return Invalid("the key is empty");
  if (text.find('\n') != std::string_view::npos)
    return Invalid("the key has more than one line: keep only the key itself");
  if (text.find_first_of(" \t") != std::string_view::npos)
    return Invalid("the key has a space inside: keep only the key itself");
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; }))
    return Invalid("the key has a character that is not printable ASCII");
  if (text.size() > kMaxKeyBytes) {
    return Invalid("the key is longer than " + std::to_string(kMaxKeyBytes) +
                   " characters");
  }
  return Secret(text);
}

Result<Secret> ReadKeyFile(const std::string& path) {
  auto content = ReadFile(path, kMaxFileBytes);
  if (!content.ok()) return content.error();
  auto key = ParseKey(content.value());
  // The buffer goes back to the allocator; the key must not stay in it. Unlike
  // a fill, this is not removed as a dead store.
  explicit_bzero(content.value().data(), content.value().size());
  if (!key.ok()) return Invalid(path + ": " + key.error().message);
  return key;
}

std::optional<std::string> WorldReadableWarning(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & S_IROTH) == 0)
    return std::nullopt;
  return "every user of this machine can read the key: chmod o-rwx '" + path +
         "'";
}

}  // namespace serverspace::config
