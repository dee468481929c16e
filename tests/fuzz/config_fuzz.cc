// A configuration file: it is taken, or each mistake is told in one line that
// holds no key.

#include "base/environment.h"
#include "config/load.h"
#include "config/sample_collectors.h"
#include "fuzz/input.h"
#include "fuzz/memory_file.h"
#include "fuzz/messages.h"

using serverspace::fuzz::Require;
using serverspace::fuzz::RequireFit;
namespace config = serverspace::config;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const serverspace::fuzz::MemoryFile file(
      serverspace::fuzz::Input(data, size).Rest());
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
