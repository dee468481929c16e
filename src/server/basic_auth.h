#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "server/access_check.h"

namespace serverspace::server {

/// Why a text cannot be the bcrypt hash of a user's password, if so.
Result<void> CheckPasswordHash(std::string_view hash);

inline constexpr std::string_view kHealthPath = "/-/healthy";

/// The user and the password of an `Authorization: Basic` header (RFC 7617).
struct Credentials {
  std::string user;
  Secret password;
};
/// Nothing if the header is absent or is no such header.
std::optional<Credentials> ParseBasic(std::string_view authorization);

/// Checks names and passwords against bcrypt hashes. What was right is
/// remembered, as a keyed digest, so that every further request is known at
/// once. Threads may share one.
class BasicAuth {
 public:
  using Users = std::map<std::string, Secret>;

  BasicAuth();
  BasicAuth(const BasicAuth&) = delete;
  BasicAuth& operator=(const BasicAuth&) = delete;
  ~BasicAuth();

  /// Replaces all users by name and hash; each hash is a good one. With none,
  /// everyone may ask. Who keeps his hash stays known.
  void SetUsers(Users users);

  /// In some microseconds.
  Admission AtOnce(const Request& request) const;
  /// In some tens of milliseconds, as long for a user that does not exist.
  bool Slowly(const Request& request);

  /// The Authorization header with which a program that can read the same
  /// hashes, and knows no password, may ask for kHealthPath and nothing else.
  static std::string HealthAuthorization(const Users& users);

 private:
  using Digest = std::array<unsigned char, 32>;
  struct Rules;

  static Digest Hmac(std::string_view key, std::string_view text);
  Digest DigestOf(const Credentials& credentials, const Secret& hash) const;
  std::shared_ptr<const Rules> rules() const;

  Digest key_{};              // of the digests; made anew by each process
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<const Rules> rules_;
  std::vector<Digest> known_;  // the latest last
};

}  // namespace serverspace::server
