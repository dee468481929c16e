#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/memory_budget.h"
#include "base/result.h"
#include "http/exchange_limits.h"
#include "http/gzip_decoder.h"
#include "http/transport.h"

namespace serverspace::http {

/// Collects a body, decompressed, and refuses one beyond the cap: a small gzip
/// stream can hold a thousand times its size. Waits, within the limits of the
/// exchange, while the bodies of others take all the memory there is for them.
class BodyReader {
 public:
  /// `limits` outlives it.
  BodyReader(std::size_t max_bytes, std::shared_ptr<MemoryBudget> budget,
             const ExchangeLimits& limits)
      : max_bytes_(max_bytes),
        limits_(limits),
        room_(std::make_shared<MemoryBudget::Share>(std::move(budget))) {}

  /// What is appended from here on is a gzip stream.
  void ExpectGzip() { gzip_.emplace(); }

  Result<void, TransportError> Append(std::string_view piece);

  /// The whole body. An error if the gzip stream had no end.
  Result<std::string, TransportError> Finish();
  /// What the body takes of the budget while it is kept.
  std::shared_ptr<MemoryBudget::Share> room() const { return room_; }

  TransportError TooLarge() const;
  std::size_t max_bytes() const { return max_bytes_; }

 private:
  Result<void, TransportError> Store(std::string_view piece);

  const std::size_t max_bytes_;
  const ExchangeLimits& limits_;
  const std::shared_ptr<MemoryBudget::Share> room_;
  std::optional<GzipDecoder> gzip_;
  bool started_ = false;
  std::string body_;
};

}  // namespace serverspace::http
