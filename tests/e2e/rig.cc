#include "e2e/rig.h"

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "collectors/registry.h"
#include "server/landing_page.h"

namespace serverspace {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPatience = 30s;

std::string Text(const metrics::Page::Body& body) {
  std::string text;
  for (const std::string_view part : body.parts) text += part;
  return text;
}

}  // namespace

void LogBook::Log(LogLevel level, std::string_view message,
                  std::initializer_list<LogField> fields) {
  std::lock_guard lock(mutex_);
  text_ += FormatLogLine(LogFormat::kLogfmt, {}, level, message, fields) + "\n";
}

std::string LogBook::Text() const {
  std::lock_guard lock(mutex_);
  return text_;
}

Rig::Rig(RigOptions options)
    : options_(std::move(options)), api_(options_.api) {
  api_.Start();
  auto transport = http::HttplibTransport::Create(
      {.ca_file = options_.trust_api ? api_.ca_file() : std::string()}, clock_);
  if (!transport.ok()) throw std::runtime_error(transport.error().message);
  transport_ = std::move(transport).value();
  exporter_ = MakeExporter();
}

Rig::~Rig() { exporter_->Stop(); }

std::unique_ptr<exporter::Exporter> Rig::MakeExporter() {
  exporter::ExporterOptions options;
  for (const collectors::CollectorRow& row : collectors::AllCollectors()) {
    const bool is_core = row.presence == collectors::Presence::kCore;
    if (!is_core && !options_.everything) continue;
    options.collectors.push_back({.name = std::string(row.name),
                                  .collector = row.make(),
                                  .presence = row.presence,
                                  .interval = row.calls.grow_with_project()
                                                  ? options_.long_interval
                                                  : options_.interval,
                                  .stale_after = options_.stale_after,
                                  .calls = row.calls});
  }
  const auto base =
      ParseHttpsUrl("https://localhost:" + std::to_string(api_.port()));
  for (std::size_t i = 0; i < options_.api.projects; ++i) {
    options.projects.push_back(
        {.facts = {.name = sim::ProjectName(i),
                   .thresholds = options_.thresholds},
         .base_url = base.value(),
         .key = {.file = "", .key = Secret(api_.api_key(i))}});
  }
  options.attempt_timeout = options_.attempt_timeout;
  options.max_requests_per_second = 100;
  options.publish_interval = 10ms;
  options.self_interval = 20ms;
  return std::make_unique<exporter::Exporter>(
      std::move(options), exporter::ExporterContext{.transport = *transport_,
                                                    .store = store_,
                                                    .clock = clock_,
                                                    .random = random_,
                                                    .log = log_});
}

std::string Rig::Page() const {
  return Text(exporter_->page()->Get(metrics::Format::kText,
                                     metrics::Encoding::kIdentity));
}

std::string Rig::EverythingSaid() const {
  return Page() +
         Text(exporter_->page()->Get(metrics::Format::kOpenMetrics,
                                     metrics::Encoding::kIdentity)) +
         log_.Text() +
         server::RenderLandingPage(exporter_->GetStatus(), "test");
}

std::optional<std::string> Rig::Value(const std::string& series) const {
  const std::string page = "\n" + Page();
  const std::string start = "\nserverspace_" + series + " ";
  const std::size_t at = page.find(start);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t from = at + start.size();
  return page.substr(from, page.find('\n', from) - from);
}

double Rig::Number(const std::string& series) const {
  const auto value = Value(series);
  return value ? std::strtod(value->c_str(), nullptr) : -1;
}

bool Rig::Await(const std::function<bool()>& condition) {
  SystemClock clock;
  const MonoTime deadline = clock.Mono() + kPatience;
  while (!condition()) {
    if (clock.Mono() > deadline) return false;
    // Between two looks; what is waited for is the condition, never the time.
    clock.SleepUntil(clock.Mono() + 5ms, {});
  }
  return true;
}

bool Rig::AwaitValue(const std::string& series,
                     const std::string& value) const {
  return Await([&] { return Value(series) == value; });
}

bool Rig::AwaitGone(const std::string& series) const {
  return Await([&] { return !Value(series); });
}

bool Rig::AwaitNextRuns(const std::string& project) const {
  // The run in progress may have read before the call, so the second end from
  // now is the one that counts.
  const auto attempts = [&] {
    std::vector<std::optional<std::string>> times;
    for (const char* collector : {"project", "servers"}) {
      times.push_back(
          Value("collector_last_attempt_timestamp_seconds{project=\"" +
                project + "\",collector=\"" + collector + "\"}"));
    }
    return times;
  };
  for (int round = 0; round < 2; ++round) {
    const auto before = attempts();
    const bool ended = Await([&] {
      const auto now = attempts();
      return now[0] && now[1] && now[0] != before[0] && now[1] != before[1];
    });
    if (!ended) return false;
  }
  return true;
}

std::uint64_t Rig::Requests(const std::string& route) {
  return api_.requests().Count({.project = {}, .method = {}, .route = route});
}

}  // namespace serverspace
