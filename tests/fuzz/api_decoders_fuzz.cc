// Answers of the API: whatever comes, it is a list, a project or an error, and
// an error says nothing of the answer.

#include <array>

#include "api/decode.h"
#include "api/observer.h"
#include "fuzz/input.h"

namespace {

using serverspace::Duration;
using serverspace::fuzz::Require;
namespace api = serverspace::api;

class Deaf final : public api::Observer {
 public:
  void OnAttempt(std::string_view, std::string_view, Duration) override {}
  void OnRetry() override {}
  void OnLimiterWait(std::string_view, Duration) override {}
  void OnClockOffset(std::string_view, Duration) override {}
  void OnCircuit(std::string_view, bool) override {}
  void OnUnknownValue(std::string_view) override {}
  void OnBadItem(std::string_view) override {}
};

constexpr std::size_t kMaxMessageBytes = 200;

template <auto kRead>
void Try(std::string body, api::Drift& drift) {
  const auto answer = kRead(std::move(body), drift);
  if (answer.ok()) return;
  const std::string& message = answer.error().message;
  Require(message.size() < kMaxMessageBytes, "an error is short");
  Require(
      std::ranges::all_of(message, [](char c) { return c >= ' ' && c <= '~'; }),
      "an error is printable");
}

// Seeds name a decoder by its place (seeds.py).
constexpr std::array kDecoders = {
    Try<api::ReadProject>,        Try<api::ReadServers>,
    Try<api::ReadNetworks>,       Try<api::ReadGateways>,
    Try<api::ReadDomains>,        Try<api::ReadDomainRecords>,
    Try<api::ReadClusters>,       Try<api::ReadSshKeys>,
    Try<api::ReadLocations>,      Try<api::ReadImages>,
    Try<api::ReadAffinityGroups>, Try<api::ReadSnapshots>,
    Try<api::ReadBackup>,         Try<api::ReadRestorePoints>,
    Try<api::ReadVmwareServers>,  Try<api::ReadVmwareNetworks>,
    Try<api::ReadTask>,
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  serverspace::fuzz::Input input(data, size);
  const std::size_t which = input.Byte() % (kDecoders.size() + 1);
  const std::string body(input.Rest());
  Deaf deaf;
  api::Drift drift(deaf);
  if (which == kDecoders.size()) {
    api::ReadErrorNumber(body);
  } else {
    kDecoders[which](body, drift);
  }
  return 0;
}
