#include "http/head_guard.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace serverspace::http {
namespace {

bool AcceptsAll(HeadGuard& guard, std::string_view bytes) {
  for (const char byte : bytes) {
    if (!guard.Accept(byte)) return false;
  }
  return true;
}

TEST(HeadGuardTest, AcceptsAnOrdinaryHead) {
  HeadGuard guard;
  EXPECT_TRUE(AcceptsAll(guard, "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"));
}

TEST(HeadGuardTest, AcceptsALongHeaderLine) {
  HeadGuard guard;
  EXPECT_TRUE(AcceptsAll(guard, "HTTP/1.1 200 OK\r\nPolicy: "));
  EXPECT_TRUE(AcceptsAll(guard, std::string(8000, 'x')));
}

TEST(HeadGuardTest, RefusesALongStatusLine) {
  HeadGuard guard;
  EXPECT_TRUE(AcceptsAll(guard, "HTTP/1.1 200 "));
  EXPECT_FALSE(AcceptsAll(guard, std::string(600, 'x')));
}

TEST(HeadGuardTest, RefusesALongStatusLineAfterAnInformationalOne) {
  HeadGuard guard;
  EXPECT_TRUE(AcceptsAll(guard, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "));
  EXPECT_FALSE(AcceptsAll(guard, std::string(600, 'x')));
}

TEST(HeadGuardTest, RefusesALineWithoutEnd) {
  HeadGuard guard;
  EXPECT_TRUE(AcceptsAll(guard, std::string(HeadGuard::kMaxHeadBytes, 'x')));
  EXPECT_FALSE(guard.Accept('x'));
}

TEST(HeadGuardTest, RefusesHeadersWithoutEnd) {
  HeadGuard guard;
  std::size_t lines = 0;
  while (AcceptsAll(guard, "A: b\r\n")) ++lines;
  EXPECT_EQ(lines, HeadGuard::kMaxHeadBytes / 6);
}

}  // namespace
}  // namespace serverspace::http
