#include "base/url.h"

#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

TEST(ParseHttpsUrlTest, ReadsAddresses) {
  struct Case {
    std::string_view text;
    HttpsUrl url;
    std::string_view authority;
  };
  const Case cases[] = {
      {"https://api.example.com",
       {"api.example.com", 443, ""},
       "api.example.com"},
      {"https://api.example.com/",
       {"api.example.com", 443, ""},
       "api.example.com"},
      {"HTTPS://API.Example.COM///",
       {"api.example.com", 443, ""},
       "api.example.com"},
      {"https://api.example.com/api/v1/",
       {"api.example.com", 443, "/api/v1"},
       "api.example.com"},
      {"https://api.example.com:443",
       {"api.example.com", 443, ""},
       "api.example.com"},
      {"https://api.example.com:8443/x",
       {"api.example.com", 8443, "/x"},
       "api.example.com:8443"},
      {"https://h:65535", {"h", 65535, ""}, "h:65535"},
      {"https://192.0.2.1:1", {"192.0.2.1", 1, ""}, "192.0.2.1:1"},
      {"https://[2001:DB8::1]", {"2001:db8::1", 443, ""}, "[2001:db8::1]"},
      {"https://[2001:db8::1]:8443/p",
       {"2001:db8::1", 8443, "/p"},
       "[2001:db8::1]:8443"},
      {"https://[::ffff:192.0.2.1]",
       {"::ffff:192.0.2.1", 443, ""},
       "[::ffff:192.0.2.1]"},
      {"https://h/a%20b/~c;d=e", {"h", 443, "/a%20b/~c;d=e"}, "h"},
  };
  for (const Case& c : cases) {
    const auto url = ParseHttpsUrl(c.text);
    ASSERT_TRUE(url.ok()) << c.text << ": " << url.error().message;
    EXPECT_EQ(url.value(), c.url) << c.text;
    EXPECT_EQ(url.value().Authority(), c.authority) << c.text;
  }
}

TEST(ParseHttpsUrlTest, SaysWhatIsWrong) {
  struct Case {
    std::string_view text;
    std::string_view message;
  };
  constexpr std::string_view kScheme = "must begin with https://";
  constexpr std::string_view kHost = "has no valid host name";
  constexpr std::string_view kPort = "has no valid port";
  constexpr std::string_view kPath =
      "has a character in its path that is not allowed there";
  const Case cases[] = {
      {"", kScheme},
      {"api.example.com", kScheme},
      {"http://api.example.com", kScheme},
      {" https://api.example.com", kScheme},
      {"https:/api.example.com", kScheme},
      {"https://h?a=b", "must have no query and no fragment"},
      {"https://h/p#f", "must have no query and no fragment"},
      {"https://user:pass@h", "must have no user or password"},
      {"https://@h", "must have no user or password"},
      {"https://", kHost},
      {"https:///path", kHost},
      {"https://:443", kHost},
      {"https://a b", kHost},
      {"https://a\\b", kHost},
      {"https://h\u00E9", kHost},
      {"https://h:", kPort},
      {"https://h:0", kPort},
      {"https://h:65536", kPort},
      {"https://h:-1", kPort},
      {"https://h:+1", kPort},
      {"https://h:1x", kPort},
      {"https://h:1:2", kPort},
      {"https://h:99999999999999999999", kPort},
      {"https://[::1]443", kPort},
      {"https://[::1]:", kPort},
      {"https://[::1", "has an IPv6 address without its closing bracket"},
      {"https://[]", "has no IPv6 address in its brackets"},
      {"https://[api.example.com]", "has no IPv6 address in its brackets"},
      {"https://[fe80::1%25eth0]", "has no IPv6 address in its brackets"},
      {"https://h/a b", kPath},
      {"https://h/a\nb", kPath},
      {"https://h/\u00E9", kPath},
      {"https://h/user@x", kPath},
      {"https://h/<x>", kPath},
  };
  for (const Case& c : cases) {
    const auto url = ParseHttpsUrl(c.text);
    ASSERT_FALSE(url.ok()) << c.text;
    EXPECT_EQ(url.error().code, ErrorCode::kInvalidInput);
    EXPECT_EQ(url.error().message, c.message) << c.text;
  }
}

TEST(ParseHttpsUrlTest, AHostNameHasALimit) {
  EXPECT_TRUE(ParseHttpsUrl("https://" + std::string(253, 'a')).ok());
  EXPECT_FALSE(ParseHttpsUrl("https://" + std::string(254, 'a')).ok());
}

TEST(PercentEncodeTest, LetsNoByteOutOfItsPlace) {
  struct Case {
    std::string_view text;
    std::string_view encoded;
  };
  const Case cases[] = {
      {"", ""},
      {"l1s2-A_z.9~", "l1s2-A_z.9~"},
      {"a/b", "a%2Fb"},
      {"../..", "..%2F.."},
      {".", "%2E"},
      {"..", "%2E%2E"},
      {"...", "..."},
      {"a b+c", "a%20b%2Bc"},
      {"?#&=%", "%3F%23%26%3D%25"},
      {"%2F", "%252F"},
      {"\r\n", "%0D%0A"},
      {"\u20AC", "%E2%82%AC"},
      {"\xFF", "%FF"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(PercentEncode(c.text), c.encoded);
    EXPECT_EQ(PercentDecode(c.encoded), c.text);
  }
  EXPECT_EQ(PercentEncode(std::string_view("\0", 1)), "%00");
}

TEST(PercentDecodeTest, WantsTwoDigitsAfterTheSign) {
  EXPECT_EQ(PercentDecode("%4a%4A"), "JJ");
  for (const char* text : {"%", "a%4", "%4x", "%x4", "%%41", "%-1", "%+1"})
    EXPECT_EQ(PercentDecode(text), std::nullopt) << text;
}

}  // namespace
}  // namespace serverspace
