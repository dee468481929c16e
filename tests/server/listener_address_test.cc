#include "server/listener_address.h"

#include <string_view>

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

TEST(ParseListenAddressTest, ReadsHostAndPort) {
  const struct {
    std::string_view text;
    ListenAddress address;
  } kCases[] = {
      {":10066", {"", 10066}},
      {"127.0.0.1:0", {"127.0.0.1", 0}},
      {"[::1]:80", {"::1", 80}},
      {"[::]:65535", {"::", 65535}},
      {"localhost:10066", {"localhost", 10066}},
  };
  for (const auto& test : kCases) {
    const auto address = ParseListenAddress(test.text);
    ASSERT_TRUE(address.ok()) << test.text;
    EXPECT_EQ(address.value(), test.address) << test.text;
  }
}

TEST(ParseListenAddressTest, NamesWhatItCannotRead) {
  for (const std::string_view text :
       {"", "10066", "host", "host:", ":65536", ":-1", ":+1", ":1x", ": 1",
        "::1:80", "[::1]", "[::1]80", "[host]:80", "[::1:80", "::1]:80",
        "[::[1]:80", "[::1]:1:80", "a[:80", "a]:80"}) {
    const auto address = ParseListenAddress(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_NE(address.error().message.find("'" + std::string(text) + "'"),
              std::string::npos)
        << address.error().message;
  }
}

}  // namespace
}  // namespace serverspace::server
