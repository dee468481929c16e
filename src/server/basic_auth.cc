#include "server/basic_auth.h"

#include <algorithm>
#include <crypt.h>
#include <cstring>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/text.h"

namespace serverspace::server {
namespace {

constexpr std::size_t kMaxKnown = 64;
// What libcrypt takes; bcrypt itself reads no more than 72 bytes.
constexpr std::size_t kMaxPasswordBytes = 511;
// `$2b$10$`, 22 characters of salt and 31 of hash.
constexpr std::size_t kHashSize = 60;
constexpr std::size_t kCostAt = 4;
constexpr std::size_t kSaltAt = 7;
constexpr std::size_t kLastOfSalt = 28;
constexpr int kMinCost = 4;
// Doubles with each step; beyond this a check takes many seconds.
constexpr int kMaxCost = 15;
// Of no password that anybody knows; its cost is set to the highest in use, so
// that an unknown user takes as long as a known one. Where costs differ, users
// of a lower one answer sooner and so are told from unknown ones.
constexpr std::string_view kNobodysHash =
    "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsOfHash(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         c == '.' || c == '/';
}

int CostOf(std::string_view hash) {
  return (hash[kCostAt] - '0') * 10 + (hash[kCostAt + 1] - '0');
}

bool SameBytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool Matches(const Secret& password, const Secret& hash) {
  // 32 KiB: too much for a stack that may be small.
  const auto data = std::make_unique<crypt_data>();
  std::string setting(hash.Reveal());
  std::string phrase(password.Reveal());
  const char* made = ::crypt_r(phrase.c_str(), setting.c_str(), data.get());
  // The last character of the salt has four bits that nobody reads. Some
  // programs set them; the library gives them back as zeros.
  if (made != nullptr) setting[kLastOfSalt] = made[kLastOfSalt];
  const bool same = made != nullptr && SameBytes(made, setting);
  OPENSSL_cleanse(phrase.data(), phrase.size());
  OPENSSL_cleanse(data.get(), sizeof *data);
  return same;
}

}  // namespace

struct BasicAuth::Rules {
  Users users;
  Secret nobodys_hash;
  Secret health_authorization;

  const Secret* HashOf(std::string_view user) const {
    const auto found = users.find(std::string(user));
    return found == users.end() ? nullptr : &found->second;
  }
};

Result<void> CheckPasswordHash(std::string_view hash) {
  const auto invalid = [](std::string_view why) {
    return Error{ErrorCode::kInvalidInput, std::string(why)};
  };
  const bool is_bcrypt =
      hash.size() == kHashSize &&
      (hash.starts_with("$2a$") || hash.starts_with("$2b$") ||
       hash.starts_with("$2y$")) &&
      IsDigit(hash[kCostAt]) && IsDigit(hash[kCostAt + 1]) &&
      hash[kSaltAt - 1] == '$' &&
      std::ranges::all_of(hash.substr(kSaltAt), IsOfHash);
  if (!is_bcrypt) {
    return invalid(
        "is not a bcrypt hash ($2y$10$ and 53 characters more): make one with "
        "htpasswd -nBC 10 USER");
  }
  if (CostOf(hash) < kMinCost || CostOf(hash) > kMaxCost) {
    return invalid(
        "has a cost outside of 4 to 15: beyond, a check would take many "
        "seconds; 10 is usual");
  }
  return {};
}

std::optional<Credentials> ParseBasic(std::string_view authorization) {
  const std::size_t space = authorization.find(' ');
  if (space == authorization.npos ||
      ToLower(authorization.substr(0, space)) != "basic") {
    return std::nullopt;
  }
  const std::string_view code = Trim(authorization.substr(space));
  if (code.empty() || code.size() % 4 != 0) return std::nullopt;
  std::string text(code.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(code.data()),
                      static_cast<int>(code.size()));
  if (size < 0) return std::nullopt;
  // The library counts the padding as zeros.
  const std::size_t padding = code.ends_with("==")  ? 2
                              : code.ends_with('=') ? 1
                                                    : 0;
  text.resize(static_cast<std::size_t>(size) - padding);
  const std::size_t colon = text.find(':');
  std::optional<Credentials> found;
  if (colon != text.npos) {
    found = Credentials{text.substr(0, colon),
                        Secret(std::string_view(text).substr(colon + 1))};
  }
  OPENSSL_cleanse(text.data(), text.size());
  return found;
}

BasicAuth::BasicAuth() : rules_(std::make_shared<const Rules>()) {
  if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1)
    throw std::runtime_error("no random numbers");
}

BasicAuth::~BasicAuth() { OPENSSL_cleanse(key_.data(), key_.size()); }

void BasicAuth::SetUsers(Users users) {
  int cost = kMinCost;
  for (const auto& [user, hash] : users)
    cost = std::max(cost, CostOf(hash.Reveal()));
  std::string nobodys(kNobodysHash);
  nobodys[kCostAt] = static_cast<char>('0' + cost / 10);
  nobodys[kCostAt + 1] = static_cast<char>('0' + cost % 10);
  const Secret health(HealthAuthorization(users));
  auto next = std::make_shared<const Rules>(
      Rules{std::move(users), Secret(nobodys), health});
  const std::lock_guard lock(mutex_);
  rules_.swap(next);
}

std::shared_ptr<const BasicAuth::Rules> BasicAuth::rules() const {
  const std::lock_guard lock(mutex_);
  return rules_;
}

Admission BasicAuth::AtOnce(const Request& request) const {
  const auto rules = this->rules();
  if (rules->users.empty()) return Admission::kOpen;
  if (request.path == kHealthPath &&
      SameBytes(request.authorization, rules->health_authorization.Reveal())) {
    return Admission::kAdmitted;
  }
  const auto credentials = ParseBasic(request.authorization);
  if (!credentials) return Admission::kRefused;
  const Secret* hash = rules->HashOf(credentials->user);
  const Digest digest =
      DigestOf(*credentials, hash == nullptr ? rules->nobodys_hash : *hash);
  bool is_known = false;
  const std::lock_guard lock(mutex_);
  // All of them, so that the time tells nothing.
  for (const Digest& known : known_) {
    is_known |= CRYPTO_memcmp(known.data(), digest.data(), digest.size()) == 0;
  }
  return is_known ? Admission::kAdmitted : Admission::kUndecided;
}

bool BasicAuth::Slowly(const Request& request) {
  const auto rules = this->rules();
  const auto credentials = ParseBasic(request.authorization);
  if (!credentials) return false;
  const Secret* hash = rules->HashOf(credentials->user);
  // bcrypt would read up to a zero, or the library refuse at once.
  const std::string_view text = credentials->password.Reveal();
  const bool is_usable =
      text.size() <= kMaxPasswordBytes && text.find('\0') == text.npos;
  const bool same = Matches(is_usable ? credentials->password : Secret(),
                            hash == nullptr ? rules->nobodys_hash : *hash);
  if (hash == nullptr || !is_usable || !same) return false;
  const Digest digest = DigestOf(*credentials, *hash);
  const std::lock_guard lock(mutex_);
  std::erase(known_, digest);
  if (known_.size() == kMaxKnown) known_.erase(known_.begin());
  known_.push_back(digest);
  return true;
}

std::string BasicAuth::HealthAuthorization(const Users& users) {
  std::string key;
  for (const auto& [user, hash] : users)
    ((key += user) += ':') += std::string(hash.Reveal()) + "\n";
  const std::string text = "Serverspace-Health " + Hex(Hmac(key, kHealthPath));
  OPENSSL_cleanse(key.data(), key.size());
  return text;
}

BasicAuth::Digest BasicAuth::Hmac(std::string_view key, std::string_view text) {
  Digest digest{};
  unsigned size = digest.size();
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(),
           digest.data(), &size) == nullptr) {
    throw std::bad_alloc();
  }
  return digest;
}

BasicAuth::Digest BasicAuth::DigestOf(const Credentials& credentials,
                                      const Secret& hash) const {
  // No name holds a colon and all hashes are of one length, so no two triples
  // are the same text.
  const std::string_view password = credentials.password.Reveal();
  std::string text;
  // Growing would leave a copy of the password behind.
  text.reserve(credentials.user.size() + 1 + hash.Reveal().size() +
               password.size());
  text.append(credentials.user).append(":").append(hash.Reveal());
  text.append(password);
  const Digest digest =
      Hmac({reinterpret_cast<const char*>(key_.data()), key_.size()}, text);
  OPENSSL_cleanse(text.data(), text.size());
  return digest;
}

}  // namespace serverspace::server
