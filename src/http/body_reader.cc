#include "http/body_reader.h"

#include <algorithm>
#include <utility>

#include "http/failure.h"

namespace serverspace::http {

TransportError BodyReader::TooLarge() const {
  return Failure(
      Stage::kExchange, ErrorCode::kBadResponse,
      "the answer is larger than " + std::to_string(max_bytes_) + " bytes");
}

Result<void, TransportError> BodyReader::Append(std::string_view piece) {
  started_ = true;
  if (!gzip_.has_value()) return Store(piece);
  Result<void, TransportError> stored;
  const auto outcome =
      gzip_->Decode(piece, [this, &stored](std::string_view plain) {
        stored = Store(plain);
        return stored.ok();
      });
  switch (outcome) {
    case GzipDecoder::Outcome::kOk:
    case GzipDecoder::Outcome::kRefused:
      return stored;
    case GzipDecoder::Outcome::kCorrupt:
      break;
  }
  return Failure(Stage::kExchange, ErrorCode::kBadResponse,
                 "the compressed answer is damaged");
}

Result<void, TransportError> BodyReader::Store(std::string_view piece) {
  if (piece.size() > max_bytes_ - body_.size()) return TooLarge();
  const std::size_t needed = body_.size() + piece.size();
  if (needed > body_.capacity()) {
    const std::size_t capacity =
        std::min(std::max(needed, 2 * body_.capacity()), max_bytes_);
    auto grown = room_->Grow(capacity - body_.capacity(), limits_.deadline(),
                             limits_.stop());
    if (!grown.ok())
      return TransportError{std::move(grown).error(), Stage::kExchange};
    body_.reserve(capacity);
  }
  body_.append(piece);
  return {};
}

Result<std::string, TransportError> BodyReader::Finish() {
  if (gzip_.has_value() && started_ && !gzip_->AtEnd()) {
    return Failure(Stage::kExchange, ErrorCode::kBadResponse,
                   "the compressed answer is cut short");
  }
  return std::move(body_);
}

}  // namespace serverspace::http
