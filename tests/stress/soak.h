#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/scratch_directory.h"
#include "config/config.h"
#include "simulator/random.h"
#include "simulator/simulator.h"
#include "stress/growth.h"
#include "stress/last_lines.h"
#include "stress/process_size.h"
#include "stress/rated_clock.h"
#include "stress/running_exporter.h"

namespace serverspace::stress {

struct SoakOptions {
  std::uint64_t seed = 1;
  Duration length{};  ///< By the rated clock, without the times of rest.
  Duration life{};    ///< About so long from one start to the next.
  double rate = 360;
};

/// Days of the exporter's life in minutes: the simulator's clock is the
/// exporter's, and by a seed faults, reloads and changes of the world come and
/// go, and the exporter stops and starts anew on its state file. From time to
/// time all comes to rest, and then the page must say exactly what the
/// simulator holds. What goes wrong is a failure of the test that runs it.
class Soak {
 public:
  explicit Soak(const SoakOptions& options);

  void Run();
  /// In figures, for people: a line each.
  std::string Report();

 private:
  /// As it was at a time of rest, or between two lives.
  struct Size {
    ProcessSize process;
    std::size_t connections = 0;  ///< Both ends of each are this process's.
  };
  struct HandedTask {
    std::string id;
    std::size_t project = 0;
    bool lost = false;
  };
  enum class Totals { kExact, kBalanced };

  static Totals TotalsOf(std::size_t project);
  /// What never goes: the others come and go.
  static bool AlwaysThere(std::size_t project);

  config::Config Plain();
  void Begin();
  void LiveFor(Duration length);
  void EndLife();

  // Changes, one each.
  void DoSomething();
  void AddFault();
  void Reload();
  void ChangeConfig();
  void ChangeWorld();
  void ChangeServer(std::size_t project);
  void ChangeTasks();
  void HandOver(std::size_t project);
  void LoseTask();

  void Scrape();
  Samples ReadAll();
  void LookAt(const Samples& page);
  void Rest();
  void EndTasks();
  /// Waits until the page is all that it should be.
  void ExpectTruth(WallTime since);
  /// The first thing that the page does not say as it is.
  std::string FirstLie(WallTime since);
  std::string FirstLieOf(const Samples& page, std::size_t project);
  std::string FirstLieOfMoney(const Samples& page, std::size_t project);
  std::string FirstLieOfTasks(const Samples& page, std::size_t project);
  void TopUp();
  void SetBilling(bool on);

  Size Measure();
  std::size_t OpenConnections();
  void MeasureAtRest();
  void ExpectFlatMemory() const;
  std::size_t Below(std::size_t bound) {
    return static_cast<std::size_t>(random_.Below(bound));
  }

  const SoakOptions options_;
  RatedClock clock_;
  sim::Random random_;
  Random jitter_;
  LastLines log_;
  ScratchDirectory directory_;
  sim::Simulator api_;
  config::Config config_;
  std::unique_ptr<RunningExporter> running_;
  std::ofstream task_file_;
  std::vector<HandedTask> tasks_;
  Growth growth_;
  int life_ = 0;
  int lives_of_projects_ = 0;  // grows whenever something may begin anew
  std::map<std::string, std::uint64_t> done_;
  std::uint64_t pages_ = 0;
  std::vector<Size> resting_;
  std::vector<Size> between_;
  std::optional<MonoTime> started_;
  Duration lived_{};
  Duration slowest_stop_{};
};

}  // namespace serverspace::stress
