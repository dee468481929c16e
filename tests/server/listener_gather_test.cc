#include "server/listener_gather.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

// Writes at most `step` bytes at a time.
std::string WriteInSteps(Gather& gather, std::size_t step) {
  std::string out;
  Gather::Pieces pieces;
  while (!gather.done()) {
    std::string now;
    for (const iovec& piece : gather.Next(pieces, step))
      now.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
    EXPECT_FALSE(now.empty());
    now.resize(std::min(now.size(), step));
    gather.Advance(now.size());
    out += now;
  }
  return out;
}

TEST(GatherTest, GivesEveryByteOnceInAnySteps) {
  const std::vector<std::string_view> parts = {"", "a",     "bcd", "",
                                               "", "efghi", ""};
  for (std::size_t step = 1; step < 16; ++step) {
    Gather gather("head:", parts);
    EXPECT_EQ(WriteInSteps(gather, step), "head:abcdefghi") << step;
  }
}

TEST(GatherTest, GoesOnBeyondOneWrite) {
  const std::vector<std::string_view> parts(1000, "ab");
  Gather gather("", parts);
  Gather::Pieces pieces;
  EXPECT_EQ(gather.Next(pieces, SIZE_MAX).size(), pieces.size());
  EXPECT_EQ(gather.Next(pieces, 3).size(), 2U);
  EXPECT_EQ(WriteInSteps(gather, 1'000'000).size(), 2000U);
}

TEST(GatherTest, NothingIsDoneAtOnce) {
  const std::vector<std::string_view> parts = {"", ""};
  EXPECT_TRUE(Gather("", parts).done());
  EXPECT_TRUE(Gather("", {}).done());
}

}  // namespace
}  // namespace serverspace::server
