#include "stress/process_size.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace serverspace::stress {
namespace {

std::size_t CountEntries(const char* directory) {
  const std::filesystem::directory_iterator entries(directory);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace

ProcessSize ProcessSize::Now() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return {
      .memory_bytes = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)),
      .descriptors = CountEntries("/proc/self/fd"),
      .threads = CountEntries("/proc/self/task")};
}

}  // namespace serverspace::stress
