#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/memory_budget.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/url.h"

namespace serverspace::http {

/// The most that any answer may have; the longest list there is needs less.
inline constexpr std::size_t kMaxBodyBytes = 64 << 20;

/// One GET. There is no other method here on purpose: the keys that pass
/// through could delete servers.
struct Request {
  const HttpsUrl& base;
  std::string path;  ///< Begins with a slash, ids in it percent-encoded;
                     ///< appended to the base's path.
  const Secret& api_key;
  MonoTime
      deadline;  ///< For the whole exchange: DNS, connect, TLS, head and body.
  std::stop_token stop;
  std::size_t max_body_bytes = kMaxBodyBytes;  ///< Decompressed.
};

struct Response {
  int status = 0;
  std::string body;         ///< Decompressed.
  std::string retry_after;  ///< Header as sent; empty if absent.
  std::string date;         ///< Header as sent; empty if absent.
  /// The body's part of the memory for all answers, to be kept as long as the
  /// body is; null where nobody counts.
  std::shared_ptr<MemoryBudget::Share> room = nullptr;
};

/// How far an exchange came. kLocal: not beyond this machine, which lacked
/// something such as descriptors. From there up to kTls the host itself is out
/// of reach, whichever project asks.
enum class Stage { kLocal, kResolve, kConnect, kTls, kExchange };

/// Codes: kTimeout, kNetwork, kTls, kCancelled, kNoRoom while too many large
/// answers come at once, and kBadResponse for a body over the cap or no HTTP at
/// all.
struct TransportError {
  Error error;
  Stage stage = Stage::kExchange;
};

/// Brings answers from API hosts. Blocks the calling thread; many threads may
/// share one.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// Any HTTP status is an answer, redirects too: they are not followed. The
  /// error text names host and cause, never path parameters, headers or the
  /// key.
  virtual Result<Response, TransportError> Get(const Request& request) = 0;
};

}  // namespace serverspace::http
