#include "server/web_security.h"

#include <chrono>
#include <utility>

#include "server/http_response_head.h"

namespace serverspace::server {
namespace {

using config::Problem;
using metrics::Desc;
using metrics::Type;

constexpr auto kPause = std::chrono::seconds(1);

constexpr Desc kSuccessful = {
    "serverspace_exporter_web_config_last_reload_successful",
    Type::kGauge,
    "1 if the web configuration and its certificates were taken over when they "
    "were last read, else 0.",
    {}};
constexpr Desc kLastSuccess = {
    "serverspace_exporter_web_config_last_reload_success_timestamp_seconds",
    Type::kGauge,
    "When the web configuration that is in force was read, as seconds since "
    "1970.",
    {}};
constexpr Desc kExpiry = {
    "serverspace_exporter_web_certificate_expiry_timestamp_seconds",
    Type::kGauge,
    "When the certificate that the exporter shows to its clients expires, as "
    "seconds since 1970.",
    {}};
constexpr const Desc* kDescs[] = {&kSuccessful, &kLastSuccess, &kExpiry};

std::vector<std::string> FilesOf(const std::string& path,
                                 const WebConfig& config) {
  std::vector<std::string> files = {path};
  if (!config.tls) return files;
  for (const std::string& file : {config.tls->cert_file, config.tls->key_file,
                                  config.tls->client_ca_file}) {
    if (!file.empty()) files.push_back(file);
  }
  return files;
}

bool DemandsVerified(const WebConfig& config) {
  return config.tls &&
         config.tls->client_certificates == ClientCertificates::kVerified;
}

bool NamesItsClients(const WebConfig& config) {
  return config.tls && !config.tls->client_allowed_sans.empty();
}

}  // namespace

struct WebSecurity::State {
  WebConfig config;
  std::shared_ptr<const TlsServerContext> tls;
  std::shared_ptr<const std::string> header_lines;
};

WebSecurity::WebSecurity(std::string path, Clock& clock, Logger& log)
    : path_(std::move(path)), clock_(clock), log_(log), files_{path_} {}

WebSecurity::~WebSecurity() = default;

Result<std::unique_ptr<WebSecurity>, std::vector<Problem>> WebSecurity::Load(
    std::string path, Clock& clock, Logger& log) {
  std::unique_ptr<WebSecurity> security(
      new WebSecurity(std::move(path), clock, log));
  auto taken = security->TakeOver();
  if (!taken.ok()) return std::move(taken).error();
  return security;
}

Result<void, std::vector<Problem>> WebSecurity::TakeOver() {
  // Before the reading: what is written meanwhile is seen at the next look.
  taken_ = SignatureNow();
  changed_.reset();
  auto config = ReadWebConfig(path_);
  if (!config.ok()) return std::move(config).error();
  files_ = FilesOf(path_, config.value());
  Signature now = SignatureNow();
  std::erase_if(taken_,
                [&](const auto& old) { return !now.contains(old.first); });
  taken_.merge(now);
  auto tls = LoadTls(config.value());
  if (!tls.ok()) return std::move(tls).error();

  auto next = std::make_shared<State>();
  next->tls = std::move(tls).value();
  next->header_lines = std::make_shared<const std::string>(
      SecurityHeaderLines(config.value().headers));
  next->config = std::move(config).value();
  if (auto refusal = WhyNot(*next))
    return std::vector<Problem>{{path_, 0, 0, "", *std::move(refusal)}};

  auth_.SetUsers(next->config.users);
  WarnOf(*next);
  const std::lock_guard lock(mutex_);
  state_ = std::move(next);
  refused_.reset();
  last_success_ = clock_.Wall();
  return {};
}

/// A mistake in the file, or half of it, must not open what was closed.
std::optional<std::string> WebSecurity::WhyNot(const State& next) const {
  const std::lock_guard lock(mutex_);
  if (state_ == nullptr) return std::nullopt;
  if ((next.tls == nullptr) != (state_->tls == nullptr))
    return "turns TLS on or off, which takes a restart of the exporter";
  if (next.config.users.empty() && !state_->config.users.empty()) {
    return "has no basic_auth_users any more, which takes a restart of the "
           "exporter";
  }
  if (DemandsVerified(state_->config) && !DemandsVerified(next.config)) {
    return "demands no verified client certificates any more, which takes a "
           "restart of the exporter";
  }
  if (NamesItsClients(state_->config) && !NamesItsClients(next.config)) {
    return "has no client_allowed_sans any more, which takes a restart of the "
           "exporter";
  }
  return std::nullopt;
}

void WebSecurity::WarnOf(const State& next) {
  for (const Problem& warning : next.config.warnings)
    log_.Warn("configuration warning", {{"reason", warning.ToString()}});
  if (next.tls == nullptr && !next.config.users.empty())
    log_.Warn("passwords come in unencrypted: basic_auth_users without TLS");
  if (next.tls != nullptr && next.tls->expires() <= clock_.Wall())
    log_.Warn("the certificate of the web configuration has expired");
}

Result<void> WebSecurity::Reload() {
  const std::lock_guard reloading(reloading_);
  const auto taken = TakeOver();
  if (taken.ok()) {
    last_error_.clear();
    return {};
  }
  Note(taken.error());
  return Error{ErrorCode::kInvalidInput,
               config::JoinFirstReasons(taken.error())};
}

void WebSecurity::Look() {
  const std::lock_guard reloading(reloading_);
  Signature now = SignatureNow();
  if (now == taken_) {
    changed_.reset();
    return;
  }
  if (changed_ != now) {
    changed_ = std::move(now);
    return;
  }
  const auto taken = [&] {
    try {
      return TakeOver();
    } catch (...) {
      // What was not taken over is still news at the next look.
      taken_.clear();
      throw;
    }
  }();
  if (!taken.ok()) return Note(taken.error());
  last_error_.clear();
  log_.Info("web configuration read again", {{"file", path_}});
}

void WebSecurity::Note(const std::vector<Problem>& problems) {
  {
    const std::lock_guard lock(mutex_);
    refused_ = clock_.Wall();
  }
  std::string reasons = config::JoinFirstReasons(problems);
  if (reasons == last_error_) return;
  last_error_ = std::move(reasons);
  for (const std::string& reason : config::FirstReasons(problems)) {
    log_.Error("web configuration not taken over; the one before stays",
               {{"reason", reason}});
  }
}

WebSecurity::Signature WebSecurity::SignatureNow() const {
  Signature signature;
  for (const std::string& file : files_)
    signature[file] = FileSignature::Of(file);
  return signature;
}

void WebSecurity::Watch() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void WebSecurity::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    clock_.Wait(wake_, lock, stop, clock_.Mono() + kPause);
    if (stop.stop_requested()) return;
    lock.unlock();
    try {
      Look();
    } catch (...) {
      // Out of memory: the files are looked at again in a second.
    }
    lock.lock();
  }
}

bool WebSecurity::uses_tls() const { return tls() != nullptr; }

std::shared_ptr<const TlsServerContext> WebSecurity::tls() const {
  const std::lock_guard lock(mutex_);
  return state_->tls;
}

std::shared_ptr<const std::string> WebSecurity::header_lines() const {
  const std::lock_guard lock(mutex_);
  return state_->header_lines;
}

AccessCheck WebSecurity::access() {
  return {.at_once =
              [this](const Request& request) { return auth_.AtOnce(request); },
          .slowly =
              [this](const Request& request) { return auth_.Slowly(request); }};
}

std::optional<WallTime> WebSecurity::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

std::span<const Desc* const> WebSecurity::Describe() { return kDescs; }

void WebSecurity::AddMetrics(metrics::SampleSet& out) const {
  const std::lock_guard lock(mutex_);
  out.Add(kSuccessful, {}, !refused_);
  out.Add(kLastSuccess, {}, last_success_);
  if (state_->tls != nullptr) out.Add(kExpiry, {}, state_->tls->expires());
}

}  // namespace serverspace::server
