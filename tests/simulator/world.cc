#include "simulator/world.h"

#include <algorithm>
#include <chrono>

#include "simulator/location.h"
#include "simulator/prices.h"
#include "simulator/random.h"

namespace serverspace::sim {
namespace {

constexpr std::int64_t kMonthSeconds = 30LL * 24 * 3600;
constexpr std::int64_t kCentMicros = 10'000;

Money Plus(Money a, Money b) {
  return Money::FromMicros(a.micros() + b.micros());
}
Money Minus(Money a, Money b) {
  return Money::FromMicros(a.micros() - b.micros());
}

}  // namespace

std::string ApiKey(std::uint64_t seed, std::size_t index) {
  constexpr char kHex[] = "0123456789abcdef";
  constexpr std::size_t kLength = 64;
  Random random(seed * 0x2545f4914f6cdd1dULL + index);
  // `04` is a listed brand (API reference 1.1), so that clients that look the
  // host up are content.
  std::string key = "04";
  while (key.size() < kLength) key += kHex[random.Below(16)];
  return key;
}

std::string ProjectName(std::size_t index) {
  return "project-" + std::to_string(index);
}

World::World(const Options& options, SimClock& clock)
    : options_(options), clock_(clock), tasks_(options.seed) {
  tasks_.RunDue(clock_.Now());
  for (std::size_t index = 0; index < options_.projects; ++index) {
    Project& project = projects_.emplace_back();
    project.name = ProjectName(index);
    project.key = ApiKey(options_.seed, index);
    project.generation = options_.generation;
    SeedProject(*this, project, index);
    project.charged_until = now();
    by_key_.emplace(project.key, &project);
    by_name_.emplace(project.name, &project);
  }
}

std::unique_lock<std::mutex> World::Enter() {
  std::unique_lock lock(mutex_);
  tasks_.RunDue(clock_.Now());
  return lock;
}

Project* World::FindByKey(const std::string& key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}

Project* World::FindByName(std::string_view name) {
  const auto found = by_name_.find(std::string(name));
  return found == by_name_.end() ? nullptr : found->second;
}

std::int64_t World::NextNumber(std::string_view kind) {
  const auto found = numbers_.find(kind);
  if (found != numbers_.end()) return ++found->second;
  constexpr std::int64_t kFirstNumber = 1001;
  numbers_.emplace(kind, kFirstNumber);
  return kFirstNumber;
}

std::string World::NextId(std::string_view location_id, char letter) {
  return LocationPrefix(location_id) + letter +
         std::to_string(NextNumber(std::string_view(&letter, 1)));
}

void World::Settle(Project& project) {
  using std::chrono::seconds;
  std::int64_t passed =
      std::chrono::floor<seconds>(now() - project.charged_until).count();
  if (passed <= 0) return;
  project.charged_until += seconds(passed);
  if (!options_.billing) return;
  const std::int64_t price = MonthlyPrice(project).micros();
  // In steps of an hour at most, so that the product fits 64 bits for any
  // project.
  while (passed > 0) {
    const std::int64_t step = std::min<std::int64_t>(passed, 3600);
    project.uncharged += price * step;
    passed -= step;
    const std::int64_t cents =
        project.uncharged / (kMonthSeconds * kCentMicros);
    project.uncharged -= cents * kMonthSeconds * kCentMicros;
    if (cents > 0) Charge(project, Money::FromMicros(cents * kCentMicros));
  }
}

void World::Charge(Project& project, Money amount) {
  project.ledger.charges = Plus(project.ledger.charges, amount);
  project.balance = Minus(project.balance, amount);
  UpdateBlocking(project);
}

void World::SetBalance(Project& project, Money balance) {
  const Money change = Minus(balance, project.balance);
  if (change < Money()) {
    Charge(project, Minus(Money(), change));
  } else {
    project.ledger.topups = Plus(project.ledger.topups, change);
    project.balance = balance;
    UpdateBlocking(project);
  }
}

void World::ResetLedger(Project& project, Money balance) {
  project.ledger = Ledger{.first = balance, .topups = {}, .charges = {}};
  project.balance = balance;
  project.uncharged = 0;
}

void World::SetBilling(bool on) {
  for (Project& project : projects_) Settle(project);
  options_.billing = on;
}

void World::UpdateBlocking(Project& project) {
  if (!options_.block_when_empty) return;
  const bool empty = project.balance < Money();
  if (empty == (project.state == kBlocked)) return;
  project.state = empty ? kBlocked : kActive;
  for (auto& [id, server] : project.servers) {
    if (empty && server.state == kActive) server.state = kBlocked;
    if (!empty && server.state == kBlocked) server.state = kActive;
  }
  Changed(project);
}

}  // namespace serverspace::sim
