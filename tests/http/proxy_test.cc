#include "http/proxy.h"

#include <span>
#include <string>

#include <gtest/gtest.h>

namespace serverspace::http {
namespace {

struct ValidCase {
  const char* text;
  const char* authority;
  const char* credentials;
};

TEST(ProxyTest, ParsesWhatIsValid) {
  const ValidCase cases[] = {
      {"http://proxy.example.com:3128", "proxy.example.com:3128", ""},
      {"HTTP://Proxy.Example.com/", "proxy.example.com:80", ""},
      {"http://user:secret@192.0.2.1:8080", "192.0.2.1:8080", "user:secret"},
      {"http://u%40x:p%3a%25@proxy:1", "proxy:1", "u@x:p:%"},
      {"http://user:p@ss@proxy:1", "proxy:1", "user:p@ss"},
      {"http://user:a/b?c#d@proxy:1/", "proxy:1", "user:a/b?c#d"},
      {"http://[2001:db8::1]:3128", "[2001:db8::1]:3128", ""},
  };
  for (const auto& [text, authority, credentials] : cases) {
    const auto proxy = ParseProxy(text);
    ASSERT_TRUE(proxy.ok()) << text << ": " << proxy.error().message;
    EXPECT_EQ(proxy.value().Authority(), authority);
    EXPECT_EQ(proxy.value().credentials.Reveal(), credentials);
  }
}

TEST(ProxyTest, RefusesWhatIsNot) {
  for (const char* text :
       {"", "proxy:3128", "https://secret@proxy", "socks5://secret@proxy",
        "http://", "http://secret@", "http://secret@proxy:0",
        "http://secret@proxy:65536", "http://secret@proxy:12x",
        "http://secret@proxy/path", "http://secret@pro xy",
        "http://secret%4@proxy", "http://secret%zz@proxy",
        "http://secret@[2001:db8::1", "http://secret@[::1]3128"}) {
    const auto proxy = ParseProxy(text);
    ASSERT_FALSE(proxy.ok()) << text;
    EXPECT_EQ(proxy.error().code, ErrorCode::kInvalidInput);
    EXPECT_EQ(proxy.error().message.find("secret"), std::string::npos);
  }
}

struct CoverCase {
  const char* list;
  const char* host;
  bool covered;
};

void ExpectCovered(std::span<const CoverCase> cases) {
  for (const auto& [list, host, covered] : cases)
    EXPECT_EQ(NoProxyList(list).Covers(host, 443), covered)
        << list << " " << host;
}

TEST(NoProxyListTest, CoversNamesAndTheirSubdomains) {
  const CoverCase cases[] = {
      {"", "api.example.com", false},
      {"*", "api.example.com", true},
      {"api.example.com", "api.example.com", true},
      {"API.Example.com", "api.example.com", true},
      {"example.com", "api.example.com", true},
      {".example.com", "api.example.com", true},
      {".example.com", "example.com", true},
      {"*.example.com", "api.example.com", true},
      {"ample.com", "api.example.com", false},
      {"api.example.com", "example.com", false},
      {"a.example, b.example", "b.example", true},
      {"a.example b.example", "b.example", true},
      {",, ,", "b.example", false},
      {"192.0.2.1", "192.0.2.1", true},
      {"[2001:db8::1]", "2001:db8::1", true},
  };
  ExpectCovered(cases);
}

TEST(NoProxyListTest, CoversThePortThatIsNamed) {
  const CoverCase cases[] = {
      {"api.example.com:443", "api.example.com", true},
      {"api.example.com:8443", "api.example.com", false},
      {".example.com:443", "api.example.com", true},
      {".example.com:8443,api.example.com", "api.example.com", true},
      {"api.example.com:", "api.example.com", false},
      {"api.example.com:https", "api.example.com", false},
      {"api.example.com:4430000", "api.example.com", false},
      {"192.0.2.1:443", "192.0.2.1", true},
      {"[2001:db8::1]:443", "2001:db8::1", true},
      {"[2001:db8::1]:8443", "2001:db8::1", false},
      {"2001:db8::1", "2001:db8::1", true},
      {"2001:db8::443", "2001:db8::443", true},
      {":443", "api.example.com", false},
  };
  ExpectCovered(cases);
}

}  // namespace
}  // namespace serverspace::http
