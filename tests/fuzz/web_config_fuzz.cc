// Who may ask: a web configuration is taken, with hashes that the system's
// library can check and headers that break out of no line, or each mistake is
// told in one line that holds no hash; a user and a password come out of an
// Authorization header as they were put in.

#include <crypt.h>

#include "fuzz/input.h"
#include "fuzz/memory_file.h"
#include "fuzz/messages.h"
#include "server/web_config.h"

namespace {

using serverspace::fuzz::Require;
using serverspace::fuzz::RequireFit;
namespace server = serverspace::server;

void ReadHash(std::string_view text) {
  const auto good = server::CheckPasswordHash(text);
  serverspace::fuzz::RequireFitMessage(good);
  if (!good.ok()) return;
  Require(text.size() == 60, "a hash is whole");
  Require(::crypt_checksalt(std::string(text).c_str()) == CRYPT_SALT_OK,
          "a hash can be checked");
}

void ReadFile(std::string_view text) {
  const serverspace::fuzz::MemoryFile file(text);
  const auto read = server::ReadWebConfig(file.path());
  if (!read.ok()) {
    Require(!read.error().empty(), "a refusal has a reason");
    RequireFit(read.error());
    return;
  }
  const server::WebConfig& config = read.value();
  RequireFit(config.warnings);
  for (const auto& [user, hash] : config.users) {
    Require(!user.empty() && user.find(':') == std::string::npos,
            "a user can be named");
    Require(server::CheckPasswordHash(hash.Reveal()).ok(), "a hash is good");
  }
  for (const auto& [name, value] : config.headers) {
    Require(
        std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; }),
        "a header is one line");
  }
  if (config.tls) {
    Require(!config.tls->cert_file.empty() && !config.tls->key_file.empty(),
            "TLS has a certificate and a key");
    Require(config.tls->min_version <= config.tls->max_version,
            "some version of TLS may be spoken");
  }
}

std::string Base64(std::string_view text) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string encoded;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::string_view part = text.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t n = 0; n < 3; ++n) {
      bits = bits << 8U |
             (n < part.size() ? static_cast<unsigned char>(part[n]) : 0U);
    }
    for (std::size_t n = 0; n < 4; ++n) {
      encoded +=
          n <= part.size() ? kLetters[bits >> (18U - 6U * n) & 63U] : '=';
    }
  }
  return encoded;
}

void ReadHeader(std::string_view text) {
  // Whatever stands there, it is one or it is none.
  if (const auto found = server::ParseBasic(text)) {
    Require(found->user.find(':') == std::string::npos,
            "a user ends at the first colon");
  }
  const auto found = server::ParseBasic("Basic " + Base64(text));
  const std::size_t colon = text.find(':');
  Require(found.has_value() == (colon != std::string_view::npos),
          "a user and a password are set apart by a colon");
  if (!found) return;
  Require(found->user == text.substr(0, colon), "a user reads back");
  Require(found->password.Reveal() == text.substr(colon + 1),
          "a password reads back");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = serverspace::fuzz::Input(data, size).Rest();
  ReadFile(text);
  ReadHash(text);
  ReadHeader(text);
  return 0;
}
