// Times, amounts, durations and addresses: what is understood is understood
// the same when it is written down and read again.

#include <chrono>

#include "base/money.h"
#include "base/redact.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "base/url.h"
#include "config/key.h"
#include "config/values.h"
#include "fuzz/input.h"

namespace {

using serverspace::Duration;
using serverspace::fuzz::Require;
namespace config = serverspace::config;

void ReadTimes(std::string_view text) {
  serverspace::ParseHttpDate(text);
  const auto time = serverspace::ParseTimestamp(text);
  if (!time) return;
  const auto again =
      serverspace::ParseTimestamp(serverspace::FormatTimestamp(*time));
  Require(again && *again == std::chrono::floor<std::chrono::seconds>(*time),
          "a time reads back");
}

void ReadAmounts(std::string_view text) {
  const auto amount = serverspace::Money::Parse(text);
  if (!amount) return;
  Require(serverspace::Money::Parse(amount->ToString()) == amount,
          "an amount reads back");
}

void ReadDurations(std::string_view text) {
  const Duration most = std::chrono::hours(24 * 365);
  const auto duration = config::ParseDuration(text, Duration::zero(), most);
  if (!duration.ok()) return;
  const auto again = config::ParseDuration(
      config::FormatDuration(duration.value()), Duration::zero(), most);
  Require(again.ok() && again.value() == duration.value(),
          "a duration reads back");
}

template <typename Value>
void RequireFitMessage(const serverspace::Result<Value>& parsed) {
  if (parsed.ok()) return;
  const std::string& message = parsed.error().message;
  Require(serverspace::IsValidUtf8(message), "a message is UTF-8");
  Require(message.find('\n') == std::string::npos, "a message is one line");
  Require(!serverspace::HoldsKey(message), "a message holds no key");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = serverspace::fuzz::Input(data, size).Rest();
  ReadTimes(text);
  ReadAmounts(text);
  ReadDurations(text);
  RequireFitMessage(config::ParseDuration(text, std::chrono::seconds(1),
                                          std::chrono::hours(1)));
  RequireFitMessage(config::ParseBool(text));
  RequireFitMessage(config::ParseNumber(text, 0.1, 100));
  RequireFitMessage(config::ParseWholeNumber(text, 1, 1000));
  RequireFitMessage(config::ParseAmount(text));
  RequireFitMessage(config::ParseDate(text));
  RequireFitMessage(config::ParseProjectName(text));
  RequireFitMessage(config::ParseBaseUrl(text));
  RequireFitMessage(config::ParseProxyUrl(text));
  RequireFitMessage(config::ParseListenAddress(text));
  RequireFitMessage(config::ParseKey(text));
  return 0;
}
