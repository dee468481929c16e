// A configuration file: it is taken, or each mistake is told in one line that
// holds no key.

#include <sys/mman.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/redact.h"
#include "base/text.h"
#include "config/load.h"
#include "config/sample_collectors.h"
#include "fuzz/input.h"

namespace {

using serverspace::fuzz::Require;
namespace config = serverspace::config;

/// A file in memory with a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content)
      : fd_(::memfd_create("config", MFD_CLOEXEC)) {
    const ssize_t written = ::write(fd_, content.data(), content.size());
    Require(written == static_cast<ssize_t>(content.size()),
            "a file in memory");
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(fd_); }

  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

void RequireFit(const std::vector<config::Problem>& problems) {
  for (const config::Problem& problem : problems) {
    const std::string line = problem.ToString();
    Require(serverspace::IsValidUtf8(line), "a problem is UTF-8");
    Require(line.find('\n') == std::string::npos, "a problem is one line");
    Require(!serverspace::HoldsKey(line), "a problem holds no key");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFile file(serverspace::fuzz::Input(data, size).Rest());
  const serverspace::FakeEnvironment environment({});
  const auto collectors = config::SampleCollectors();
  const auto loaded = config::Load({.config_file = file.path(),
                                    .environment = environment,
                                    .flags = {},
                                    .collectors = collectors});
  if (loaded.ok()) {
    RequireFit(loaded.value().warnings);
  } else {
    Require(!loaded.error().empty(), "a refusal has a reason");
    RequireFit(loaded.error());
  }
  return 0;
}
