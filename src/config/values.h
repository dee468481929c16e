#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/money.h"
#include "base/result.h"
#include "base/url.h"

namespace serverspace::config {

/// What a setting's text means. The errors say what would be right; they quote
/// the text except where it could hold a password or looks like a key.

/// The text in quotation marks, fit for a message.
std::string Quote(std::string_view text);

/// `90s`, `1h30m`: whole numbers with the units d, h, m, s, ms, larger ones
/// first.
Result<Duration> ParseDuration(std::string_view text, Duration least,
                               Duration most);
/// As above, in the fewest units.
std::string FormatDuration(Duration duration);

Result<bool> ParseBool(std::string_view text);
Result<double> ParseDecimal(std::string_view text, double least, double most);
Result<int> ParseWholeNumber(std::string_view text, int least, int most);
Result<Money> ParseAmount(std::string_view text);
/// `2027-03-01` as the first moment of that day, UTC.
Result<WallTime> ParseDate(std::string_view text);
/// 1 to 128 bytes of UTF-8 without control characters or spaces at the ends.
Result<std::string> ParseProjectName(std::string_view text);
/// An API address. The version path is the client's business.
Result<HttpsUrl> ParseBaseUrl(std::string_view text);
/// `http://[USER:PASSWORD@]HOST[:PORT]`, where the scheme may be missing, as
/// HTTPS_PROXY is used; comes back with it. Empty stays empty.
Result<std::string> ParseProxyUrl(std::string_view text);
/// `HOST:PORT` or `:PORT`, an IPv6 address in brackets.
Result<std::string> ParseListenAddress(std::string_view text);

}  // namespace serverspace::config
