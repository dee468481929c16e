#include "metrics/deflater.h"

#include <array>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "metrics/page_testing.h"

namespace serverspace::metrics {
namespace {

constexpr std::string_view kFinalBlock{"\x03\x00", 2};

std::string Noise(std::size_t size) {
  std::mt19937 random(7);
  std::string noise(size, '\0');
  for (char& c : noise) c = static_cast<char>(random() & 0xFFU);
  return noise;
}

TEST(DeflaterTest, PiecesCanBeJoinedInAnyOrder) {
  Deflater deflater;
  const std::string a(100'000, 'a');
  const std::string noise = Noise(70'000);
  const Deflated first = deflater.Deflate(std::array<std::string_view, 1>{a});
  const Deflated second =
      deflater.Deflate(std::array<std::string_view, 2>{noise, "end"});
  EXPECT_TRUE(InflateRaw(first.bytes + second.bytes +
                         std::string(kFinalBlock)) == a + noise + "end");
  EXPECT_TRUE(InflateRaw(second.bytes + first.bytes +
                         std::string(kFinalBlock)) == noise + "end" + a);
}

TEST(DeflaterTest, TellsChecksumAndLength) {
  Deflater deflater;
  const Deflated piece =
      deflater.Deflate(std::array<std::string_view, 3>{"12345", "", "6789"});
  EXPECT_EQ(piece.crc32, 0xCBF43926U);  // the check value of CRC-32
  EXPECT_EQ(piece.plain_bytes, 9U);
}

TEST(DeflaterTest, NothingIsAPieceToo) {
  Deflater deflater;
  const Deflated piece = deflater.Deflate({});
  EXPECT_EQ(InflateRaw(piece.bytes + std::string(kFinalBlock)), "");
  EXPECT_EQ(piece.crc32, 0U);
}

TEST(DeflaterTest, EveryLevelHasRoomForWhatCannotBeCompressed) {
  for (int level = 0; level <= 9; ++level) {
    Deflater deflater(level);
    for (const std::size_t size : {1U, 100U, 16'383U, 65'536U, 300'000U}) {
      const std::string noise = Noise(size);
      const Deflated piece =
          deflater.Deflate(std::array<std::string_view, 1>{noise});
      EXPECT_TRUE(InflateRaw(piece.bytes + std::string(kFinalBlock)) == noise)
          << "level " << level << ", " << size << " bytes";
    }
  }
}

}  // namespace
}  // namespace serverspace::metrics
