#include "http/body_reader.h"

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
  if (gzip_.has_value()) {
    switch (gzip_->Decode(piece, body_, max_bytes_)) {
      case GzipDecoder::Outcome::kOk:
        return {};
      case GzipDecoder::Outcome::kTooLarge:
        return TooLarge();
      case GzipDecoder::Outcome::kCorrupt:
        break;
    }
    return Failure(Stage::kExchange, ErrorCode::kBadResponse,
                   "the compressed answer is damaged");
  }
  if (piece.size() > max_bytes_ - body_.size()) return TooLarge();
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
