#include "stress/soak.h"

#include <chrono>
#include <cstdio>

#include <gtest/gtest.h>

#include "base/memory.h"
#include "stress/wanted.h"

namespace serverspace::stress {
namespace {

using namespace std::chrono_literals;

TEST(SoakTest, DaysPassAndEveryFigureIsTrue) {
  const double minutes = Wanted("SERVERSPACE_STRESS_MINUTES", 0);
  SoakOptions options{
      .seed = static_cast<std::uint64_t>(Wanted("SERVERSPACE_STRESS_SEED", 1)),
      .length = 90min,
      .life = 25min};
  if (minutes > 0) {
    options.rate = 600;
    options.length = FromSeconds(minutes * 60 * options.rate);
    options.life = 3h;
  }
  std::printf("seed %ju\n", static_cast<std::uintmax_t>(options.seed));
  KeepLargeBlocksApart();
  Soak soak(options);
  soak.Run();
  std::printf("%s", soak.Report().c_str());
}

}  // namespace
}  // namespace serverspace::stress
