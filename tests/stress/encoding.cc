#include "stress/encoding.h"

#include "metrics/page_testing.h"

namespace serverspace::stress {

Encoding Encoding::Any(sim::Random& random) {
  const bool open_metrics = random.OneIn(2);
  return {.format = open_metrics ? metrics::Format::kOpenMetrics
                                 : metrics::Format::kText,
          .gzip = random.OneIn(2)};
}

std::string Encoding::Headers() const {
  std::string headers;
  if (format == metrics::Format::kOpenMetrics)
    headers = "Accept: application/openmetrics-text\r\n";
  if (gzip) headers += "Accept-Encoding: gzip\r\n";
  return headers;
}

Result<Samples> Encoding::Read(const std::string& body) const {
  if (!gzip) return ReadPage(body, format);
  const auto plain = metrics::Gunzip(body);
  if (!plain) return Error{ErrorCode::kBadResponse, "it is no gzip"};
  return ReadPage(*plain, format);
}

}  // namespace serverspace::stress
