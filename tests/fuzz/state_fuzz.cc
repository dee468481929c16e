// A state file: what is read from any bytes is the same when it is written and
// read again.

#include "exporter/state_format.h"
#include "fuzz/input.h"

namespace {

using serverspace::fuzz::Require;
namespace exporter = serverspace::exporter;

template <auto kDecode, auto kEncode>
void Try(std::string_view text) {
  const auto document = kDecode(text);
  if (!document.ok()) return;
  const std::string written = kEncode(document.value());
  const auto again = kDecode(written);
  Require(again.ok(), "what was written can be read");
  Require(kEncode(again.value()) == written, "and says the same");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = serverspace::fuzz::Input(data, size).Rest();
  Try<exporter::DecodeMoney, exporter::EncodeMoney>(text);
  Try<exporter::DecodeFirstSeen, exporter::EncodeFirstSeen>(text);
  Try<exporter::DecodeTasks, exporter::EncodeTasks>(text);
  return 0;
}
