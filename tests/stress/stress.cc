#include "stress/stress.h"

#include <algorithm>
#include <chrono>
#include <crypt.h>
#include <csignal>
#include <sstream>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/exporter_options.h"
#include "app/serve.h"
#include "base/file.h"
#include "stress/encoding.h"

namespace serverspace::stress {
namespace {

using namespace std::chrono_literals;
using server::Answer;
using sim::FaultKind;

constexpr std::size_t kWorlds = 4;  // projects of the simulator
constexpr Duration kStopBound = 45s;
/// For what happens at all.
constexpr Duration kPatience = 2min;
/// `stress:secret`.
constexpr const char* kLogin = "Authorization: Basic c3RyZXNzOnNlY3JldA==\r\n";

/// This one is always there with the same key, so its totals never go back.
const std::string& Steady() { return History::AllNames().front(); }

}  // namespace

/// Asks again over another connection if there is no answer, unless the life is
/// ending; then it goes on over the connection that it has.
class Stress::Client {
 public:
  explicit Client(Stress& stress) : stress_(stress) {}

  /// Nothing if the life has ended.
  std::optional<Answer> Get(std::string_view target,
                            std::string_view headers = "") {
    return Do("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" +
              kLogin + std::string(headers) + "\r\n");
  }
  std::optional<Answer> Post(std::string_view target, std::string_view body) {
    return Do("POST " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" +
              kLogin + "Content-Type: application/json\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  }
  /// Leaves the other side alone in the middle of something.
  void BeRude(std::string_view text) {
    if (Connect()) connection_->Send(text);
    connection_.reset();
  }

 private:
  std::optional<Answer> Do(const std::string& request) {
    SystemClock clock;
    const MonoTime end = clock.Mono() + kPatience;
    while (!stress_.IsOver()) {
      if (Connect() && connection_->Send(request)) {
        if (auto answer = connection_->Read()) return answer;
      }
      connection_.reset();
      if (stress_.ending_) return std::nullopt;
      if (clock.Mono() > end) {
        ADD_FAILURE() << "no answer to " << request.substr(0, 60);
        return std::nullopt;
      }
      clock.SleepUntil(clock.Mono() + 5ms, {});
    }
    return std::nullopt;
  }
  bool Connect() {
    if (connection_) return true;
    // Somebody else may get the port now.
    if (stress_.ending_) return false;
    connection_.emplace(*stress_.port_);
    if (connection_->connected() &&
        (!stress_.uses_tls_ ||
         connection_->StartTls(stress_.client_tls_.get())))
      return true;
    connection_.reset();
    return false;
  }

  Stress& stress_;
  std::optional<server::ListenerClient> connection_;
};

Stress::Stress(const StressOptions& options)
    : options_(options),
      random_(options.seed),
      log_([this](std::string_view message,
                  std::initializer_list<LogField> fields) {
        Note(message, fields);
      }),
      client_tls_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
      api_({.seed = options.seed,
            .projects = kWorlds,
            .servers_per_project = 4,
            .time_factor = 600,
            .billing = true,
            .gzip = true}) {
  crypt_data data{};
  hash_ = ::crypt_r("secret", "$2b$04$abcdefghijklmnopqrstuu", &data);
  api_.Start();
}

bool Stress::HasFailed() { return testing::Test::HasFailure(); }

void Stress::Count(const std::string& what) {
  std::lock_guard lock(mutex_);
  ++done_[what];
}

void Stress::Note(std::string_view message,
                  std::initializer_list<LogField> fields) {
  if (message == "configuration reloaded") {
    history_->Applied();
    Count("reloads");
  }
  if (message != "serving") return;
  for (const LogField& field : fields) {
    if (field.name != "addresses") continue;
    std::lock_guard lock(mutex_);
    port_ = static_cast<std::uint16_t>(
        std::stoi(field.value.substr(field.value.rfind(':') + 1)));
    served_.notify_all();
  }
}

bool Stress::AwaitServing() {
  std::unique_lock lock(mutex_);
  return served_.wait_for(lock, kPatience,
                          [this] { return port_.has_value(); });
}

void Stress::Run() {
  const MonoTime start = clock_.Mono();
  while (clock_.Mono() - start < options_.length && !HasFailed()) Live();
}

void Stress::Live() {
  Count("lives");
  ++life_;
  uses_tls_ = random_.OneIn(2);
  if (life_ == 1) {
    for (const char* name : {"1", "2"}) {
      authority_.Issue("DNS:localhost",
                       directory_.Path("cert" + std::string(name)),
                       directory_.Path("key" + std::string(name)));
    }
  }
  WriteWeb("");
  history_ = std::make_unique<History>(FirstStep());
  ending_ = false;
  over_ = false;
  {
    std::lock_guard lock(mutex_);
    port_.reset();
  }
  std::atomic<int> status = -1;
  std::jthread program([this, &status] {
    status = app::Serve(
        history_->Last().config, [this] { return history_->Load(); }, "", log_);
  });
  if (!AwaitServing()) {
    ADD_FAILURE() << "it does not serve";
    return EndLife(program, status);
  }
  std::vector<std::jthread> threads;
  const auto run = [&](auto work) {
    threads.emplace_back([work, seed = random_.Next()] { work(seed); });
  };
  for (int i = 0; i < 3; ++i) {
    run([this, &growth = growth_[i]](std::uint64_t seed) {
      Scrape(seed, growth);
    });
  }
  run([this](std::uint64_t seed) { Ask(seed); });
  run([this](std::uint64_t seed) { Ask(seed); });
  run([this](std::uint64_t seed) { Change(seed); });
  run([this](std::uint64_t seed) { Meddle(seed); });
  // Seldom at once, mostly after some seconds.
  const auto length = std::chrono::milliseconds(
      random_.OneIn(5) ? random_.Below(50) : random_.Below(5000));
  clock_.SleepUntil(clock_.Mono() + length, {});
  EndLife(program, status);
  threads.clear();
}

void Stress::EndLife(std::jthread& program, const std::atomic<int>& status) {
  ending_ = true;
  const MonoTime before = clock_.Mono();
  ::kill(::getpid(), SIGTERM);
  program.join();
  over_ = true;
  const Duration taken = clock_.Mono() - before;
  slowest_stop_ = std::max(slowest_stop_, taken);
  EXPECT_LE(taken, kStopBound) << "the stop took too long";
  EXPECT_EQ(status, 0);
  api_.ClearFaults();
}

void Stress::Pause(sim::Random& random, Duration most) {
  clock_.SleepUntil(
      clock_.Mono() + FromSeconds(random.Between(0.0, Seconds(most))), {});
}

void Stress::Scrape(std::uint64_t seed, Growth& growth) {
  sim::Random random(seed);
  Client client(*this);
  while (!IsOver()) {
    ScrapeOnce(client, random, growth);
    Pause(random, 10ms);
  }
}

void Stress::Ask(std::uint64_t seed) {
  sim::Random random(seed);
  Client client(*this);
  while (!IsOver()) {
    AskOnce(client, random);
    Pause(random, 20ms);
  }
}

// A reload that has begun is waited for, so none begins once the end has.
void Stress::Change(std::uint64_t seed) {
  sim::Random random(seed);
  Client client(*this);
  while (!ending_ && !HasFailed()) {
    ChangeOnce(client, random);
    Pause(random, 20ms);
  }
}

void Stress::Meddle(std::uint64_t seed) {
  sim::Random random(seed);
  Client client(*this);
  while (!ending_ && !HasFailed()) {
    MeddleOnce(client, random);
    Pause(random, 60ms);
  }
}

void Stress::ScrapeOnce(Client& client, sim::Random& random, Growth& growth) {
  const Encoding encoding = Encoding::Any(random);
  std::string target = "/metrics";
  std::string only;
  if (random.OneIn(4)) {
    only = History::AllNames()[random.Below(History::AllNames().size())];
    target += "?project=" + only;
  } else if (random.OneIn(4)) {
    target += "?collect[]=servers&collect[]=project";
  }
  const std::size_t since = history_->Oldest();
  const auto answer = client.Get(target, encoding.Headers());
  if (!answer) return;
  const History::Window window(*history_, since);
  Count("scrapes by status " + std::to_string(answer->status));
  if (answer->status == 503) return;  // Too much else waits.
  if (answer->status == 400 && !only.empty() && !window.WasThereAlways(only))
    return;
  ASSERT_EQ(answer->status, 200) << target << ": " << answer->body;
  const auto page = encoding.Read(answer->body);
  ASSERT_TRUE(page.ok()) << page.error().message;
  for (const std::string& name : History::AllNames()) {
    const auto found =
        std::ranges::find_if(page.value(), [&name](const auto& named) {
          return named.second.Label("project") == name;
        });
    const bool is_wanted = only.empty() || only == name;
    if (is_wanted && window.WasThereAlways(name)) {
      EXPECT_NE(found, page.value().end()) << name << " is missing: " << target;
    } else if (found != page.value().end()) {
      EXPECT_EQ(window.FirstStranger(name), "") << found->first;
      EXPECT_TRUE(is_wanted) << found->first << ": " << target;
    }
  }
  EXPECT_EQ(growth.Look(page.value(),
                        [&](const Sample& sample) {
                          const std::string project = sample.Label("project");
                          // Those of the others begin anew with another
                          // key, which may come at any time.
                          if (LivesOn(sample))
                            return project == Steady() ? 0 : Growth::kUnknown;
                          // Epochs of projects grow over all lives.
                          return project.empty() ? -2 - life_
                                                 : window.EpochOf(project);
                        }),
            "");
}

void Stress::AskOnce(Client& client, sim::Random& random) {
  static constexpr const char* kTargets[] = {
      "/",        "/sd",        "/sd?port=9100&network=private",
      "/-/ready", "/-/healthy", "/api/v1/tasks"};
  const std::size_t since = history_->Oldest();
  const std::string& name =
      History::AllNames()[random.Below(History::AllNames().size())];
  std::optional<Answer> answer;
  std::string target = random.Pick(kTargets);
  if (random.OneIn(3)) {
    target = "POST /api/v1/tasks";
    std::string id = "l1t" + std::to_string(random.Below(1000));
    if (name == Steady() && random.OneIn(3)) {
      const sim::Reply made =
          api_.Control("POST", "/_sim/tasks",
                       R"({"project": "project-0", "duration_seconds": 900})");
      id = nlohmann::json::parse(*made.body).at("task_id");
    }
    answer = client.Post(
        "/api/v1/tasks",
        nlohmann::json({{"project", name}, {"task_id", id}}).dump());
  } else {
    answer = client.Get(target);
  }
  if (!answer) return;
  const History::Window window(*history_, since);
  Count(target + " by status " + std::to_string(answer->status));
  const int status = answer->status;
  const bool is_post = target.starts_with("POST");
  EXPECT_TRUE(status == 200 || status == 503 ||
              (is_post && (status == 202 || status == 404)))
      << target << ": " << status << ": " << answer->body;
  if (is_post) {
    EXPECT_FALSE(status == 404 && window.WasThereAlways(name)) << name;
    return;
  }
  EXPECT_EQ(window.FirstStranger(answer->body), "") << target;
  EXPECT_EQ(FirstOf(answer->body, {"SIM-SECRET", api_.api_key(0)}), "");
  if (status == 200 && target != "/" && !target.starts_with("/-/")) {
    EXPECT_FALSE(
        nlohmann::json::parse(answer->body, nullptr, false).is_discarded())
        << target;
  }
}

int Stress::PostReload(Client& client) {
  for (;;) {
    const auto answer = client.Post("/-/reload", "");
    if (!answer) return 0;
    if (answer->status != 503) return answer->status;
  }
}

void Stress::ChangeOnce(Client& client, sim::Random& random) {
  switch (random.Below(8)) {
    case 0:
      return BreakReload(client);
    case 1:
    case 2:
      return ChangeWeb(client, random);
    default:
      return ReloadWith(client, random, Next(random, history_->Last()));
  }
}

void Stress::ReloadWith(Client& client, sim::Random& random,
                        History::Step next) {
  const std::size_t number = history_->Add(std::move(next));
  if (random.OneIn(3)) {
    ::kill(::getpid(), SIGHUP);
    return;
  }
  const int status = PostReload(client);
  if (status == 0) return;
  EXPECT_EQ(status, 200);
  EXPECT_GE(history_->Oldest(), number) << "it was answered before it was done";
}

void Stress::BreakReload(Client& client) {
  history_->SetBroken(true);
  const int status = PostReload(client);
  history_->SetBroken(false);
  if (status != 0) {
    EXPECT_EQ(status, 500);
  }
  Count("refused reloads");
}

void Stress::ChangeWeb(Client& client, sim::Random& random) {
  Count("changes of the web configuration");
  if (random.OneIn(3)) {
    Replace("web.yml", "nonsense: 1\n");
    const int status = PostReload(client);
    if (status != 0) {
      EXPECT_EQ(status, 500);
    }
  }
  if (uses_tls_ && random.OneIn(2)) {
    std::swap(current_cert_, other_cert_);
  }
  std::string extra;
  if (random.OneIn(2)) {
    extra +=
        "  guest" + std::to_string(random.Below(100)) + ": " + hash_ + "\n";
  }
  if (random.OneIn(2)) {
    extra += "http_server_config: { headers: { X-Frame-Options: " +
             std::string(random.OneIn(2) ? "sameorigin" : "deny") + " } }\n";
  }
  WriteWeb(extra);
  if (random.OneIn(2)) return;
  const int status = PostReload(client);
  if (status != 0) {
    EXPECT_EQ(status, 200);
  }
}

void Stress::MeddleOnce(Client& client, sim::Random& random) {
  switch (random.Below(8)) {
    case 0:
    case 1:
      return AddFault(random);
    case 2:
      return api_.ClearFaults();
    case 3:
      ::kill(::getpid(), SIGHUP);
      return;
    case 4: {
      const auto answer = client.Post("/-/reload", "");
      if (answer)
        Count("stray reloads by status " + std::to_string(answer->status));
      return;
    }
    case 5:
      return ChangeServers(random);
    case 6:
      return client.BeRude(random.OneIn(2) ? "GET /metrics HTTP/1.1\r\nHos"
                                           : "GET /metrics HTTP/1.1\r\n"
                                             "Host: a\r\n\r\n");
    default:
      api_.SetDateSkew(std::chrono::seconds(random.Below(100)));
      return api_.CloseIdleConnections();
  }
}

void Stress::AddFault(sim::Random& random) {
  static constexpr FaultKind kKinds[] = {
      FaultKind::kLatency,   FaultKind::kStatus,        FaultKind::kHangHeaders,
      FaultKind::kHangBody,  FaultKind::kHangHandshake, FaultKind::kDripAll,
      FaultKind::kCutLength, FaultKind::kReset,         FaultKind::kRefuse,
      FaultKind::kContent,   FaultKind::kHugeBody,      FaultKind::kCloseAfter};
  static constexpr int kStatuses[] = {401, 429, 500, 503};
  static constexpr const char* kRoutes[] = {"", "/project", "/servers",
                                            "/tasks/{id}", "/domains"};
  Count("faults");
  api_.AddFault({.kind = random.Pick(kKinds),
                 .route = random.Pick(kRoutes),
                 .count = static_cast<int>(random.Below(20)),
                 .latency_ms = static_cast<int>(random.Below(50)),
                 .duration_ms = 200,
                 .status = random.Pick(kStatuses),
                 .bytes = 1 << 20});
}

void Stress::ChangeServers(sim::Random& random) {
  constexpr std::size_t kMostServers = 8;
  api_.Edit(random.Below(kWorlds), [&](sim::World& world,
                                       sim::Project& project) {
    if (project.servers.size() < kMostServers) {
      SeedServer(world, project, random.Below(1000));
    } else {
      project.servers.clear();
    }
    world.SetBalance(project, Money::FromMicros(random.Between(
                                  std::int64_t{1}, std::int64_t{900'000'000})));
  });
}

config::ProjectSettings Stress::Project(std::size_t number,
                                        std::size_t key) const {
  const auto base =
      ParseHttpsUrl("https://localhost:" + std::to_string(api_.port()));
  const std::string& name = History::AllNames()[number];
  // Some from files, which may change without a reload too.
  return {.name = name,
          .key = {.file = number % 2 == 1 ? directory_.Path(name) : "",
                  .key = Secret(api_.api_key(key))},
          .base_url = base.value(),
          .api_key_expires = {},
          .balance = {}};
}

void Stress::WriteKey(std::size_t number, std::size_t key) const {
  Replace(History::AllNames()[number], api_.api_key(key) + "\n");
}

void Stress::Replace(const std::string& name, const std::string& text) const {
  const auto written = WriteFileAtomically(directory_.Path(name), text, 0600);
  EXPECT_TRUE(written.ok());
}

void Stress::WriteWeb(std::string_view extra) {
  std::string text;
  if (uses_tls_) {
    text = "tls_server_config: { cert_file: cert" + current_cert_ +
           ", key_file: key" + current_cert_ + " }\n";
  }
  text += "basic_auth_users:\n  stress: " + hash_ + "\n" + std::string(extra);
  Replace("web.yml", text);
}

History::Step Stress::FirstStep() {
  History::Step step;
  if (history_ != nullptr) {
    step = history_->Last();
  } else {
    config::Config& config = step.config;
    for (const config::CollectorDefaults& collector :
         app::CollectorDefaults()) {
      config.collectors[collector.name] = {
          .enabled = true, .interval = 1s, .stale_after = 1h};
    }
    config.api.ca_file = api_.ca_file();
    config.api.timeout = 1min;
    config.api.max_requests_per_second = 50;
    config.state_file = directory_.Path("state.json");
    config.tasks.keep_finished = 2s;
    config.web.listen_addresses = {"127.0.0.1:0"};
    config.web.enable_lifecycle = true;
    config.web.enable_task_api = true;
    config.web.config_file = directory_.Path("web.yml");
    for (std::size_t i = 0; i < 3; ++i) {
      if (i % 2 == 1) WriteKey(i, i);
      config.projects.push_back(Project(i, i));
    }
  }
  step.epochs.clear();
  for (const config::ProjectSettings& project : step.config.projects)
    step.epochs[project.name] = NewEpoch();
  return step;
}

History::Step Stress::Next(sim::Random& random, History::Step step) {
  auto& [config, epochs] = step;
  const std::size_t number = 1 + random.Below(History::AllNames().size() - 1);
  const std::string& name = History::AllNames()[number];
  const std::size_t key = random.Below(kWorlds);
  const auto found =
      std::ranges::find(config.projects, name, &config::ProjectSettings::name);
  switch (random.Below(6)) {
    case 0:
    case 1:
    case 2:
      if (number % 2 == 1) WriteKey(number, key);
      if (found == config.projects.end()) {
        config.projects.push_back(Project(number, key));
        epochs[name] = NewEpoch();
      } else if (random.OneIn(2)) {
        config.projects.erase(found);
        epochs.erase(name);
      } else {
        *found = Project(number, key);
      }
      break;
    case 3: {
      auto collector = config.collectors.begin();
      std::advance(collector, random.Below(config.collectors.size()));
      const bool is_core =
          collector->first == "project" || collector->first == "servers";
      collector->second.enabled = is_core || random.OneIn(2);
      for (auto& [project, epoch] : epochs) epoch = NewEpoch();
      break;
    }
    case 4: {
      static constexpr Duration kIntervals[] = {100ms, 300ms, 1s, 5min};
      auto collector = config.collectors.begin();
      std::advance(collector, random.Below(config.collectors.size()));
      collector->second.interval = random.Pick(kIntervals);
      break;
    }
    default:
      config.api.max_requests_per_second =
          static_cast<double>(5 + random.Below(95));
      config.address_labels = random.OneIn(2);
      break;
  }
  return step;
}

std::string Stress::Report() {
  std::ostringstream text;
  std::lock_guard lock(mutex_);
  for (const auto& [what, count] : done_) text << what << ": " << count << "\n";
  text << "slowest stop: " << Seconds(slowest_stop_) << " s\n";
  return text.str();
}

}  // namespace serverspace::stress
