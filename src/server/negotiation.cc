#include "server/negotiation.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/text.h"

namespace serverspace::server {
namespace {

/// One element of a list header: `text/plain;version=0.0.4;q=0.5`.
struct Choice {
  std::string name;  // lower case, without parameters
  std::string version;
  double weight = 1;
};

double ParseWeight(std::string_view text) {
  double weight = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), weight);
  // What cannot be read is as good as not asked for.
  if (error != std::errc() || end != text.data() + text.size()) return 0;
  return std::clamp(weight, 0.0, 1.0);
}

/// The text before the next separator, trimmed; `rest` goes on after it.
std::string_view Next(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = Trim(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

Choice ParseChoice(std::string_view text) {
  Choice choice{.name = ToLower(Next(text, ';'))};
  while (!text.empty()) {
    std::string_view parameter = Next(text, ';');
    const std::string name = ToLower(Next(parameter, '='));
    if (name == "q") choice.weight = ParseWeight(Trim(parameter));
    if (name == "version") choice.version = Trim(parameter);
  }
  return choice;
}

template <typename Visit>
void ForEachChoice(std::string_view header, Visit visit) {
  while (!header.empty()) visit(ParseChoice(Next(header, ',')));
}

}  // namespace

metrics::Format NegotiateFormat(std::string_view accept) {
  double open_metrics = 0;
  double text = 0;
  ForEachChoice(accept, [&](const Choice& choice) {
    if (choice.name == "application/openmetrics-text" &&
        (choice.version.empty() || choice.version == "1.0.0")) {
      open_metrics = std::max(open_metrics, choice.weight);
    } else if (choice.name == "text/plain") {
      text = std::max(text, choice.weight);
    }
  });
  return open_metrics > 0 && open_metrics >= text
             ? metrics::Format::kOpenMetrics
             : metrics::Format::kText;
}

metrics::Encoding NegotiateEncoding(std::string_view accept_encoding) {
  double gzip = -1;
  double any = 0;
  ForEachChoice(accept_encoding, [&](const Choice& choice) {
    if (choice.name == "gzip" || choice.name == "x-gzip") gzip = choice.weight;
    if (choice.name == "*") any = choice.weight;
  });
  return (gzip < 0 ? any : gzip) > 0 ? metrics::Encoding::kGzip
                                     : metrics::Encoding::kIdentity;
}

}  // namespace serverspace::server
