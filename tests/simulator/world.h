#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "simulator/model.h"
#include "simulator/options.h"
#include "simulator/sim_clock.h"
#include "simulator/task_engine.h"

namespace serverspace::sim {

/// The 64 hexadecimal characters that open project `index` of a world with this
/// seed. They begin with `04`.
std::string ApiKey(std::uint64_t seed, std::size_t index);
/// The name of project `index`: `project-0`.
std::string ProjectName(std::size_t index);

/// All projects, and the time that passes for them. Every member but Enter()
/// asks for the lock to be held.
class World {
 public:
  World(const Options& options, SimClock& clock);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Locks the world and lets happen what is due.
  std::unique_lock<std::mutex> Enter();

  const Options& options() const { return options_; }
  Time now() const { return tasks_.now(); }
  TaskEngine& tasks() { return tasks_; }

  std::deque<Project>& projects() { return projects_; }
  Project* FindByKey(const std::string& key);
  Project* FindByName(std::string_view name);

  /// The next number for a kind of object; kinds are named by their letter or
  /// word.
  std::int64_t NextNumber(std::string_view kind);
  /// A new id such as `l3s4021`.
  std::string NextId(std::string_view location_id, char letter);

  /// To be called after any change of a project's objects.
  void Changed(Project& project) { ++project.version; }

  /// Charges the project for what ran until now. To be called before its
  /// objects change.
  void Settle(Project& project);
  /// Sets the balance; the difference counts as top-up or charge.
  void SetBalance(Project& project, Money balance);
  /// Begins a new account: no top-up or charge is behind this balance.
  void ResetLedger(Project& project, Money balance);
  void SetBilling(bool on);
  void SetBlockWhenEmpty(bool on) { options_.block_when_empty = on; }

 private:
  void Charge(Project& project, Money amount);
  void UpdateBlocking(Project& project);

  Options options_;
  SimClock& clock_;
  std::mutex mutex_;  // guards all below and what is inside
  TaskEngine tasks_;
  std::deque<Project> projects_;  // references stay valid
  std::unordered_map<std::string, Project*> by_key_;
  std::unordered_map<std::string, Project*> by_name_;
  std::map<std::string, std::int64_t, std::less<>> numbers_;
};

/// Fills an empty project from the seed, the same way each time.
void SeedProject(World& world, Project& project, std::size_t index);
/// Adds one server; `index` varies it.
Server& SeedServer(World& world, Project& project, std::size_t index);

}  // namespace serverspace::sim
