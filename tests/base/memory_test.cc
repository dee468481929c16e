#include "base/memory.h"

#include <fstream>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

/// Of the process, resident.
long ResidentMib() {
  std::ifstream file("/proc/self/statm");
  long total = 0;
  long resident = 0;
  file >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE) / (1 << 20);
}

TEST(ReturnFreeMemoryTest, GivesBackWhatLiesBetweenWhatIsUsed) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer has a heap of its own";
#endif
  // Pieces of the heap, too small to be mappings of their own. Every 64th
  // stays, the last one too, so that the heap cannot shrink by itself.
  std::vector<std::unique_ptr<char[]>> pieces;
  for (int n = 0; n < 4096; ++n) {
    pieces.push_back(std::make_unique<char[]>(16 << 10));
  }
  for (std::size_t n = 0; n < pieces.size(); ++n) {
    if (n % 64 != 63) pieces[n].reset();
  }
  const long before = ResidentMib();
  ReturnFreeMemory();
  EXPECT_LT(ResidentMib(), before - 32);
}

}  // namespace
}  // namespace serverspace
