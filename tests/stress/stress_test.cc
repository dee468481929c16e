#include "stress/stress.h"

#include <chrono>
#include <cstdio>

#include <gtest/gtest.h>

#include "app/process.h"
#include "stress/wanted.h"

namespace serverspace::stress {
namespace {

using namespace std::chrono_literals;

TEST(StressTest, EverythingAtOnceDoesNoHarm) {
  app::IgnoreBrokenPipes();
  app::BlockSignals();
  const double minutes = Wanted("SERVERSPACE_STRESS_MINUTES", 0.25);
  const StressOptions options{
      .seed = static_cast<std::uint64_t>(Wanted("SERVERSPACE_STRESS_SEED", 1)),
      .length = FromSeconds(minutes * 60)};
  std::printf("seed %ju\n", static_cast<std::uintmax_t>(options.seed));
  Stress stress(options);
  stress.Run();
  std::printf("%s", stress.Report().c_str());
}

}  // namespace
}  // namespace serverspace::stress
