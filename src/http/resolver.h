#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace serverspace::http {

/// Turns a host name into addresses. Blocks as long as it likes; called by one
/// thread at a time.
class Resolver {
 public:
  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  virtual ~Resolver() = default;

  /// Numeric addresses, best first, at least one. The error text is the bare
  /// cause.
  virtual Result<std::vector<std::string>> Resolve(const std::string& host) = 0;
};

/// The system's resolver (getaddrinfo), whose time nobody can bound.
class SystemResolver final : public Resolver {
 public:
  Result<std::vector<std::string>> Resolve(const std::string& host) override;
};

}  // namespace serverspace::http
