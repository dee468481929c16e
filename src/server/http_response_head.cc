#include "server/http_response_head.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string_view>

#include "base/text.h"

namespace serverspace::server {
namespace {

using Header = std::pair<std::string_view, std::string_view>;

// On every answer. The pages need no script, no outside asset and no frame;
// inline style is what the landing page has.
constexpr std::array kSecurityHeaders = {
    Header{"X-Content-Type-Options", "nosniff"},
    Header{"X-Frame-Options", "DENY"},
    Header{"Referrer-Policy", "no-referrer"},
    Header{"Content-Security-Policy",
           "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
           "form-action 'none'; frame-ancestors 'none'"},
};

std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      // The phrase may be empty (RFC 9112, section 4).
      return "";
  }
}

// The preferred form of RFC 9110, section 5.6.7; strftime would follow the
// locale.
std::string HttpDate(WallTime now) {
  using namespace std::chrono;
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr",
                                                   "May", "Jun", "Jul", "Aug",
                                                   "Sep", "Oct", "Nov", "Dec"};
  const auto day = floor<days>(now);
  const year_month_day date(day);
  const hh_mm_ss time(floor<seconds>(now - day));
  std::array<char, 48> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
      kDays[weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
      kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()));
  return std::string(text.data(), static_cast<std::size_t>(size));
}

bool IsHeaderName(std::string_view name) {
  constexpr std::string_view kSymbols = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || kSymbols.find(c) != kSymbols.npos;
  });
}

bool IsHeaderValue(std::string_view value) {
  return std::ranges::none_of(value, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
}

}  // namespace

bool StatusHasBody(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string SecurityHeaderLines(
    const std::vector<std::pair<std::string, std::string>>& chosen) {
  std::string lines;
  const auto add = [&lines](std::string_view name, std::string_view value) {
    ((lines += name) += ": ");
    (lines += value) += "\r\n";
  };
  for (const auto& [name, value] : kSecurityHeaders) {
    const auto by_name = &std::pair<std::string, std::string>::first;
    if (std::ranges::find(chosen, name, by_name) == chosen.end())
      add(name, value);
  }
  for (const auto& [name, value] : chosen) add(name, value);
  return lines;
}

std::string FormatResponseHead(const Response& response, WallTime now,
                               bool keep_alive,
                               std::string_view security_lines) {
  if (response.status < 200 || response.status > 599) return {};
  if (!IsHeaderValue(response.content_type)) return {};
  std::string head;
  head.reserve(640);
  const auto add = [&head](std::string_view name, std::string_view value) {
    ((head += name) += ": ");
    (head += value) += "\r\n";
  };
  ((head += "HTTP/1.1 ") += std::to_string(response.status)) += ' ';
  (head += Reason(response.status)) += "\r\n";
  add("Date", HttpDate(now));
  if (StatusHasBody(response.status)) {
    add("Content-Type", response.content_type);
    add("Content-Length", std::to_string(response.body.size_bytes));
  }
  bool has_cache_control = false;
  for (const auto& [name, value] : response.headers) {
    if (!IsHeaderName(name) || !IsHeaderValue(value)) return {};
    has_cache_control |= ToLower(name) == "cache-control";
    add(name, value);
  }
  // Balances and addresses are nothing for a shared or a disk cache.
  if (!has_cache_control) add("Cache-Control", "no-store");
  head += security_lines;
  add("Connection", keep_alive ? "keep-alive" : "close");
  head += "\r\n";
  return head;
}

}  // namespace serverspace::server
