#include "stress/soak.h"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/exporter_options.h"
#include "base/memory.h"
#include "stress/encoding.h"
#include "stress/world_figures.h"

namespace serverspace::stress {
namespace {

using namespace std::chrono_literals;
using sim::FaultKind;

constexpr std::size_t kProjects = 4;
/// While all is at rest: slow enough for a busy machine to answer in time.
constexpr double kRestRate = 100;
/// By the machine's clock; for what happens at all.
constexpr Duration kPatience = 5min;
constexpr Duration kStopBound = 45s;
constexpr Duration kRestInterval = 1min;
constexpr const char* kOutcomes[] = {"Completed", "Failed", "Canceled"};

bool Await(const std::function<bool()>& condition) {
  SystemClock clock;
  const MonoTime end = clock.Mono() + kPatience;
  while (!condition()) {
    if (clock.Mono() > end) return false;
    // Between two looks; what is waited for is the condition.
    clock.SleepUntil(clock.Mono() + 20ms, {});
  }
  return true;
}

std::string Of(std::string_view metric, std::size_t project,
               std::string_view labels = "") {
  std::string series = "serverspace_";
  series.append(metric).append("{project=\"");
  series.append(sim::ProjectName(project)).append("\"");
  if (!labels.empty()) series.append(",").append(labels);
  return series + "}";
}

}  // namespace

Soak::Soak(const SoakOptions& options)
    : options_(options),
      clock_(kRestRate),
      random_(options.seed),
      jitter_(options.seed),
      api_({.seed = options.seed,
            .projects = kProjects,
            .servers_per_project = 6,
            .block_when_empty = true,
            .gzip = true},
           &clock_),
      task_file_(directory_.Path("tasks"), std::ios::app) {
  api_.Start();
  config_ = Plain();
}

Soak::Totals Soak::TotalsOf(std::size_t project) {
  return project < 2 ? Totals::kExact : Totals::kBalanced;
}

bool Soak::AlwaysThere(std::size_t project) { return project != 3; }

config::Config Soak::Plain() {
  config::Config config;
  const Duration stale_after = 10min;
  for (const config::CollectorDefaults& collector : app::CollectorDefaults()) {
    config.collectors[collector.name] = {
        .enabled = true,
        .interval = collector.interval,
        .stale_after = std::max(stale_after, 3 * collector.interval)};
  }
  config.api.ca_file = api_.ca_file();
  config.state_file = directory_.Path("state.json");
  config.tasks.watch = {directory_.Path("tasks")};
  const auto base =
      ParseHttpsUrl("https://localhost:" + std::to_string(api_.port()));
  for (std::size_t i = 0; i < kProjects; ++i) {
    config.projects.push_back(
        {.name = sim::ProjectName(i),
         .key = {.file = "", .key = Secret(api_.api_key(i))},
         .base_url = base.value(),
         .api_key_expires = {},
         .balance = {}});
  }
  return config;
}

void Soak::Run() {
  SystemClock machine;
  started_ = machine.Mono();
  // A thread and a few descriptors that the process keeps are made once.
  Begin();
  ASSERT_TRUE(Await([&] {
    const Samples page = ReadAll();
    for (std::size_t i = 0; i < kProjects; ++i) {
      if (!page.contains(Of("up", i))) return false;
    }
    return true;
  })) << "the first reads";
  SetBilling(true);
  while (lived_ < options_.length && !testing::Test::HasFailure()) {
    if (running_ == nullptr) Begin();
    clock_.SetRate(options_.rate);
    LiveFor(FromSeconds(Seconds(options_.life) * random_.Between(0.5, 1.5)));
    const bool is_last = lived_ >= options_.length;
    if (is_last || random_.Below(10) < 7) Rest();
    EndLife();
  }
  if (!testing::Test::HasFailure()) ExpectFlatMemory();
}

void Soak::Begin() {
  ++life_;
  ++lives_of_projects_;
  ++done_["lives"];
  running_ = std::make_unique<RunningExporter>(config_, clock_, jitter_, log_);
}

void Soak::LiveFor(Duration length) {
  const MonoTime start = clock_.Mono();
  while (clock_.Mono() - start < length && !testing::Test::HasFailure()) {
    DoSomething();
    Scrape();
    clock_.SleepUntil(clock_.Mono() + std::chrono::seconds(random_.Between(
                                          std::int64_t{5}, std::int64_t{90})),
                      {});
  }
  lived_ += clock_.Mono() - start;
}

void Soak::EndLife() {
  SystemClock machine;
  const MonoTime before = machine.Mono();
  running_.reset();
  const Duration taken = machine.Mono() - before;
  slowest_stop_ = std::max(slowest_stop_, taken);
  EXPECT_LE(taken, kStopBound) << "the stop took too long";
  api_.CloseIdleConnections();
  api_.ClearFaults();
  EXPECT_TRUE(Await([&] { return OpenConnections() == 0; }));
  // A thread of the simulator's is still there for a moment after its
  // connection, and the resolver's after its answer.
  if (!between_.empty()) {
    const ProcessSize& first = between_.front().process;
    EXPECT_TRUE(Await([&] {
      const ProcessSize now = ProcessSize::Now();
      return now.threads <= first.threads &&
             now.descriptors <= first.descriptors;
    })) << "life "
        << life_
        << " leaves something behind: " << ProcessSize::Now().descriptors
        << " descriptors, " << ProcessSize::Now().threads
        << " threads, after the first life " << first.descriptors << " and "
        << first.threads;
  }
  between_.push_back(Measure());
}

void Soak::DoSomething() {
  switch (random_.Below(10)) {
    case 0:
    case 1:
      return AddFault();
    case 2:
    case 3:
      ++done_["faults cleared"];
      api_.SetDateSkew(0s);
      return api_.ClearFaults();
    case 4:
    case 5:
      return Reload();
    case 6:
    case 7:
      return ChangeWorld();
    default:
      return ChangeTasks();
  }
}

void Soak::AddFault() {
  ++done_["faults"];
  static constexpr FaultKind kKinds[] = {
      FaultKind::kLatency,    FaultKind::kStatus,
      FaultKind::kStatus,     FaultKind::kStatus,
      FaultKind::kContent,    FaultKind::kHangHeaders,
      FaultKind::kHangBody,   FaultKind::kDrip,
      FaultKind::kDripAll,    FaultKind::kCutLength,
      FaultKind::kCutChunked, FaultKind::kReset,
      FaultKind::kResetBody,  FaultKind::kRefuse,
      FaultKind::kHugeBody,   FaultKind::kHangHandshake,
      FaultKind::kGzipBomb,   FaultKind::kCloseAfter,
      FaultKind::kRedirect,   FaultKind::kResetHandshake};
  // 404 for a task would be the truth of another world: the task is lost then.
  static constexpr int kStatuses[] = {400, 401, 403, 408, 429,
                                      500, 502, 503, 504};
  static constexpr const char* kEnvelopes[] = {"errors", "params", "text",
                                               "html", "empty"};
  static constexpr const char* kRoutes[] = {
      "", "", "/project", "/servers", "/tasks/{id}", "/servers/*", "/networks"};
  // An empty list would be believed, and is no fault that anybody could see.
  static constexpr const char* kContents[] = {"html", "empty", "empty_object",
                                              "missing_wrapper"};
  if (random_.OneIn(8)) api_.SetDateSkew(std::chrono::seconds(Below(7200)));
  sim::Fault fault{.kind = random_.Pick(kKinds),
                   .route = random_.Pick(kRoutes),
                   .status = random_.Pick(kStatuses),
                   .envelope = random_.Pick(kEnvelopes),
                   .content = random_.Pick(kContents),
                   .bytes = 1 << 20};
  if (random_.OneIn(2)) fault.project = sim::ProjectName(Below(kProjects));
  if (random_.OneIn(2))
    fault.count = static_cast<int>(random_.Between(std::int64_t{1}, 40));
  if (random_.OneIn(4)) fault.retry_after_seconds = static_cast<int>(Below(90));
  if (fault.kind == FaultKind::kLatency)
    fault.latency_ms = static_cast<int>(Below(40));
  if (fault.kind == FaultKind::kRedirect) fault.status = 302;
  api_.AddFault(std::move(fault));
}

void Soak::Reload() {
  ChangeConfig();
  ++done_["reloads"];
  ++lives_of_projects_;
  EXPECT_TRUE(running_->Reload(config_));
}

void Soak::ChangeConfig() {
  const config::Config plain = Plain();
  switch (random_.Below(5)) {
    case 0: {  // A project goes or comes.
      const bool goes = config_.projects.size() == kProjects;
      if (goes) {
        std::erase_if(config_.projects, [](const auto& project) {
          return project.name == sim::ProjectName(3);
        });
      } else {
        config_.projects.push_back(plain.projects.at(3));
      }
      ++done_[goes ? "projects removed" : "projects added"];
      return;
    }
    case 1: {  // A project gets a wrong key, or its own again.
      auto& key = config_.projects.at(2).key.key;
      const auto& good = plain.projects.at(2).key.key;
      key = key == good ? Secret("04no-such-key") : good;
      ++done_["keys changed"];
      return;
    }
    case 2: {  // A collector goes or comes.
      auto& collector =
          config_.collectors.at(random_.OneIn(2) ? "backups" : "networks");
      collector.enabled = !collector.enabled;
      return;
    }
    case 3: {
      static constexpr Duration kIntervals[] = {10s, 30s, 1min, 5min, 15min};
      auto collector = config_.collectors.begin();
      std::advance(collector, Below(config_.collectors.size()));
      collector->second.interval = random_.Pick(kIntervals);
      collector->second.stale_after =
          std::max<Duration>(10min, 3 * collector->second.interval);
      return;
    }
    default:
      config_.api.max_requests_per_second =
          static_cast<double>(random_.Between(std::int64_t{2}, 20));
      config_.address_labels = random_.OneIn(2);
      return;
  }
}

void Soak::ChangeWorld() {
  ++done_["changes of the world"];
  const std::size_t project = Below(kProjects);
  if (random_.OneIn(2)) return ChangeServer(project);
  if (TotalsOf(project) != Totals::kBalanced) return;
  api_.Edit(project, [&](sim::World& world, sim::Project& edited) {
    world.SetBalance(edited, Money::FromMicros(random_.Between(
                                 std::int64_t{-5'000'000}, 900'000'000)));
  });
}

void Soak::ChangeServer(std::size_t project) {
  static constexpr const char* kStates[] = {"New", "Active", "Busy", "Blocked",
                                            "Frozen"};
  constexpr std::size_t kMostServers = 14;
  api_.Edit(project, [&](sim::World& world, sim::Project& edited) {
    const bool room = edited.servers.size() < kMostServers;
    if (edited.servers.empty() || (room && random_.OneIn(3))) {
      SeedServer(world, edited, Below(1000));
      return;
    }
    auto server = edited.servers.begin();
    std::advance(server, Below(edited.servers.size()));
    if (!room || random_.OneIn(3)) {
      edited.servers.erase(server);
      return;
    }
    server->second.state = random_.Pick(kStates);
    server->second.is_power_on = random_.OneIn(2);
    server->second.cpu = static_cast<int>(random_.Between(std::int64_t{1}, 32));
    server->second.name = "server " + std::to_string(Below(50));
  });
}

void Soak::ChangeTasks() {
  if (random_.OneIn(8)) return LoseTask();
  const std::size_t project = Below(kProjects);
  if (project < config_.projects.size()) HandOver(project);
}

void Soak::HandOver(std::size_t project) {
  const nlohmann::json wanted = {
      {"project", sim::ProjectName(project)},
      {"duration_seconds", random_.Between(2.0, 1800.0)},
      {"outcome", random_.Pick(kOutcomes)}};
  const sim::Reply reply = api_.Control("POST", "/_sim/tasks", wanted.dump());
  const std::string id = nlohmann::json::parse(*reply.body).at("task_id");
  tasks_.push_back({.id = id, .project = project});
  ++done_["tasks"];
  if (AlwaysThere(project) && random_.OneIn(2)) {
    task_file_ << id << ' ' << sim::ProjectName(project) << '\n' << std::flush;
    return;
  }
  EXPECT_EQ(running_->exporter().WatchTask(sim::ProjectName(project), id),
            tasks::Verdict::kAdded);
}

void Soak::LoseTask() {
  for (HandedTask& task : tasks_) {
    if (task.lost) continue;
    api_.Edit(task.project, [&](sim::World& world, sim::Project&) {
      const sim::Task* found = world.tasks().Find(task.id);
      // Its end may have been told already, then it is not lost.
      if (found == nullptr || found->completed) return;
      task.lost = world.tasks().Forget(task.id);
    });
    if (!task.lost) continue;
    ++done_["tasks lost"];
    return;
  }
}

void Soak::Scrape() {
  ++pages_;
  const Encoding encoding = Encoding::Any(random_);
  const auto answer = running_->Get("/metrics", encoding.Headers());
  ASSERT_TRUE(answer) << "a scrape without an answer";
  ASSERT_EQ(answer->status, 200);
  const auto page = encoding.Read(answer->body);
  ASSERT_TRUE(page.ok()) << page.error().message;
  LookAt(page.value());
  for (const char* target : {"/", "/sd", "/-/healthy"}) {
    if (!random_.OneIn(10)) continue;
    const auto other = running_->Get(target);
    ASSERT_TRUE(other) << target;
    // There are no targets yet where a list was never read.
    EXPECT_TRUE(other->status == 200 ||
                (other->status == 503 && target != std::string("/")))
        << target << ": " << other->status;
  }
}

void Soak::LookAt(const Samples& page) {
  // Within a life all others grow until a reload, which may end their project
  // or collector.
  EXPECT_EQ(growth_.Look(page,
                         [this](const Sample& sample) {
                           if (LivesOn(sample)) return 0;
                           return sample.labels.contains("project")
                                      ? lives_of_projects_
                                      : life_ + 1;
                         }),
            "");
  for (std::size_t i = 0; i < kProjects; ++i) {
    const auto of_project = std::ranges::find_if(page, [&](const auto& named) {
      return named.second.Label("project") == sim::ProjectName(i);
    });
    if (i < config_.projects.size()) {
      EXPECT_NE(of_project, page.end()) << sim::ProjectName(i);
    } else if (of_project != page.end()) {
      ADD_FAILURE() << "still there: " << of_project->first;
    }
  }
}

Samples Soak::ReadAll() {
  const auto answer = running_->Get("/metrics");
  if (!answer) return {};
  auto page = ReadPage(answer->body, metrics::Format::kText);
  if (!page.ok()) ADD_FAILURE() << page.error().message;
  return page.ok() ? std::move(page).value() : Samples();
}

void Soak::SetBilling(bool on) {
  api_.Control("PATCH", "/_sim/settings",
               nlohmann::json({{"billing", on}}).dump());
}

void Soak::EndTasks() {
  for (const HandedTask& task : tasks_) {
    const std::string path = "/_sim/tasks/" + task.id;
    const nlohmann::json end = {{"outcome", random_.Pick(kOutcomes)}};
    // It answers that there is none where the task has ended.
    if (!task.lost) api_.Control("PATCH", path, end.dump());
  }
}

void Soak::Rest() {
  api_.ClearFaults();
  api_.SetDateSkew(0s);
  SetBilling(false);
  EndTasks();
  config_ = Plain();
  config_.api.max_requests_per_second = 20;
  for (auto& [name, collector] : config_.collectors)
    collector.interval = kRestInterval;
  ++lives_of_projects_;
  clock_.SetRate(kRestRate);
  ASSERT_TRUE(running_->Reload(config_));
  ++done_["times of rest"];
  ExpectTruth(clock_.Wall());
  Scrape();
  MeasureAtRest();
  TopUp();
  config_ = Plain();
  ++lives_of_projects_;
  EXPECT_TRUE(running_->Reload(config_));
  SetBilling(true);
}

void Soak::MeasureAtRest() {
  // Runs go on, so that now and then there is an exchange, a connection that
  // has just ended, or the resolver's thread.
  constexpr std::size_t kSlack = 2;
  const auto descriptors = [](const Size& size) {
    return size.process.descriptors - 2 * size.connections;
  };
  const auto threads = [](const Size& size) {
    return size.process.threads - size.connections;
  };
  Size size = Measure();
  if (!resting_.empty()) {
    const Size& first = resting_.front();
    EXPECT_TRUE(Await([&] {
      size = Measure();
      return descriptors(size) <= descriptors(first) + kSlack &&
             threads(size) <= threads(first) + kSlack;
    })) << "at rest in life "
        << life_ << ": " << descriptors(size) << " descriptors and "
        << threads(size) << " threads beside connections; the first time "
        << descriptors(first) << " and " << threads(first);
  }
  resting_.push_back(size);
}

void Soak::TopUp() {
  for (std::size_t i = 0; i < kProjects; ++i) {
    if (!random_.OneIn(2)) continue;
    api_.Edit(i, [&](sim::World& world, sim::Project& project) {
      const std::int64_t amount =
          random_.Between(std::int64_t{1}, std::int64_t{500'000'000});
      world.SetBalance(project,
                       Money::FromMicros(project.balance.micros() + amount));
    });
    ++done_["top-ups"];
  }
  ExpectTruth(clock_.Wall());
}

void Soak::ExpectTruth(WallTime since) {
  std::string lie;
  EXPECT_TRUE(Await([&] {
    lie = FirstLie(since);
    return lie.empty();
  })) << lie;
}

std::string Soak::FirstLie(WallTime since) {
  const Samples page = ReadAll();
  for (std::size_t i = 0; i < kProjects; ++i) {
    for (const auto& [name, settings] : config_.collectors) {
      const std::string label = "collector=\"" + name + "\"";
      const auto success = page.find(Of("collector_success", i, label));
      const auto at =
          page.find(Of("collector_last_success_timestamp_seconds", i, label));
      if (success == page.end() || success->second.value != 1 ||
          at == page.end() || at->second.value < UnixSeconds(since))
        return Of("collector_success", i, label) + " is not 1 yet";
    }
    std::string lie = FirstLieOf(page, i);
    if (!lie.empty()) return lie;
  }
  return running_->exporter().IsHealthy() ? "" : "it is not healthy";
}

std::string Soak::FirstLieOf(const Samples& page, std::size_t project) {
  const auto figures = FiguresOf(api_, project);
  for (const auto& [name, value] : figures) {
    const auto found = page.find("serverspace_" + name);
    if (found == page.end()) return name + " is not there";
    if (found->second.value != value) {
      std::ostringstream text;
      text << name << " is " << found->second.text << " and not " << value;
      return text.str();
    }
  }
  const auto shown = std::ranges::count_if(page, [&](const auto& named) {
    return named.second.name == "serverspace_server_info" &&
           named.second.Label("project") == sim::ProjectName(project);
  });
  if (static_cast<double>(shown) != page.at(Of("servers", project)).value)
    return Of("servers", project) + " and their infos differ";
  std::string lie = FirstLieOfMoney(page, project);
  return lie.empty() ? FirstLieOfTasks(page, project) : lie;
}

std::string Soak::FirstLieOfMoney(const Samples& page, std::size_t project) {
  sim::Ledger ledger;
  Money balance;
  std::string label;
  api_.Edit(project, [&](sim::World&, sim::Project& world) {
    ledger = world.ledger;
    balance = world.balance;
    label = "currency=\"" + world.currency + "\"";
  });
  const auto total = [&](const char* metric) {
    const auto found = page.find(Of(metric, project, label));
    return found == page.end() ? std::optional<Money>()
                               : Money::Parse(found->second.text);
  };
  const auto spend = total("project_spend_total");
  const auto topup = total("project_topup_total");
  if (!spend || !topup)
    return Of("project_spend_total", project) + " is absent";
  if (Subtract(*topup, *spend) != Subtract(balance, ledger.first))
    return Of("project_balance", project) + " is not what came and went";
  if (TotalsOf(project) == Totals::kBalanced) return "";
  if (*spend != ledger.charges) {
    return Of("project_spend_total", project) + " is " + spend->ToString() +
           " and not " + ledger.charges.ToString();
  }
  if (*topup != ledger.topups) {
    return Of("project_topup_total", project) + " is " + topup->ToString() +
           " and not " + ledger.topups.ToString();
  }
  return "";
}

std::string Soak::FirstLieOfTasks(const Samples& page, std::size_t project) {
  std::map<std::string, double> expected = {
      {"completed", 0}, {"failed", 0}, {"canceled", 0}, {"lost", 0}};
  api_.Edit(project, [&](sim::World& world, sim::Project&) {
    for (const HandedTask& task : tasks_) {
      if (task.project != project) continue;
      const sim::Task* found = world.tasks().Find(task.id);
      const bool is_lost = task.lost || found == nullptr;
      ++expected[is_lost                                          ? "lost"
                 : found->outcome == sim::TaskOutcome::kCompleted ? "completed"
                 : found->outcome == sim::TaskOutcome::kFailed    ? "failed"
                                                                  : "canceled"];
    }
  });
  const auto wrong = [&](const std::string& series, double value) {
    const auto found = page.find(series);
    return found == page.end() || found->second.value != value;
  };
  if (std::ranges::any_of(expected,
                          [](const auto& of) { return of.second > 0; })) {
    for (const auto& [result, count] : expected) {
      const std::string series =
          Of("tasks_finished_total", project, "result=\"" + result + "\"");
      if (wrong(series, count))
        return series + " is not " + std::to_string(count);
    }
    const std::string took = Of("task_duration_seconds_count", project);
    if (wrong(took, expected["completed"]))
      return took + " is not " + std::to_string(expected["completed"]);
  }
  return "";
}

std::size_t Soak::OpenConnections() {
  const sim::Reply reply = api_.Control("GET", "/_sim/requests", "");
  return nlohmann::json::parse(*reply.body).at("connections").at("open");
}

Soak::Size Soak::Measure() {
  ReturnFreeMemory();
  return {ProcessSize::Now(), OpenConnections()};
}

void Soak::ExpectFlatMemory() const {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // The median of the last third against that of the one in the middle.
  constexpr std::size_t kEnough = 9;
  constexpr double kMayGrow = 1.05;
  constexpr double kSlackBytes = 4 << 20;
  if (between_.size() < kEnough) return;
  const auto median = [&](std::size_t third) {
    std::vector<std::size_t> bytes;
    const std::size_t size = between_.size() / 3;
    for (std::size_t i = third * size; i < (third + 1) * size; ++i)
      bytes.push_back(between_[i].process.memory_bytes);
    std::ranges::sort(bytes);
    return static_cast<double>(bytes[bytes.size() / 2]);
  };
  EXPECT_LE(median(2), median(1) * kMayGrow + kSlackBytes);
#endif
}

std::string Soak::Report() {
  std::ostringstream text;
  const auto sizes = [&](const char* name, const std::vector<Size>& all) {
    if (all.empty()) return;
    text << name << ":";
    const std::size_t step = std::max<std::size_t>(1, all.size() / 12);
    for (std::size_t i = 0; i < all.size(); i += step) {
      const ProcessSize& size = all[i].process;
      text << ' ' << (size.memory_bytes >> 10) << '/' << size.descriptors << '/'
           << size.threads << '/' << all[i].connections;
    }
    text << "\n";
  };
  text << "seed " << options_.seed << ", " << Seconds(lived_) / 86400
       << " days at rate " << options_.rate << " in "
       << Seconds(SystemClock().Mono() - *started_) << " s\n";
  for (const auto& [what, count] : done_) text << what << ": " << count << "\n";
  text << "pages read: " << pages_ << "\n"
       << "requests: " << api_.requests().Count({}) << "\n"
       << "slowest stop: " << Seconds(slowest_stop_) << " s\n";
  sizes("at rest, KiB/descriptors/threads/connections", resting_);
  sizes("between lives, the same", between_);
  return text.str();
}

}  // namespace serverspace::stress
