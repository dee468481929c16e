#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <openssl/ssl.h>

#include "base/clock.h"
#include "base/scratch_directory.h"
#include "http/test_authority.h"
#include "server/listener_client.h"
#include "simulator/random.h"
#include "simulator/simulator.h"
#include "stress/growth.h"
#include "stress/history.h"
#include "stress/last_lines.h"

namespace serverspace::stress {

struct StressOptions {
  std::uint64_t seed = 1;
  Duration length{};
};

/// The program as it is, from its configuration to its end by a signal, on the
/// simulator over real HTTPS, and threads that do everything to it at once: ask
/// in every way, reload with other projects, keys, collectors and limits,
/// change its web configuration, break the API and mend it, end it at any
/// moment and start it anew. What goes wrong is a failure of the test that runs
/// it. For its signals the process must have them blocked before.
class Stress {
 public:
  explicit Stress(const StressOptions& options);

  void Run();
  /// In figures, for people: a line each.
  std::string Report();

 private:
  class Client;

  void Live();
  void EndLife(std::jthread& program, const std::atomic<int>& status);
  void Note(std::string_view message, std::initializer_list<LogField> fields);
  bool AwaitServing();
  bool IsOver() const { return over_ || HasFailed(); }
  static bool HasFailed();
  void Count(const std::string& what);

  // Each on a thread of its own until the life is over.
  void Scrape(std::uint64_t seed, Growth& growth);
  void Ask(std::uint64_t seed);
  void Change(std::uint64_t seed);
  void Meddle(std::uint64_t seed);

  void ScrapeOnce(Client& client, sim::Random& random, Growth& growth);
  void AskOnce(Client& client, sim::Random& random);
  void ChangeOnce(Client& client, sim::Random& random);
  void ReloadWith(Client& client, sim::Random& random, History::Step next);
  void BreakReload(Client& client);
  void ChangeWeb(Client& client, sim::Random& random);
  void MeddleOnce(Client& client, sim::Random& random);
  void AddFault(sim::Random& random);
  void ChangeServers(sim::Random& random);
  /// Posts until a reload was tried; its status, or 0 if the life ended before.
  int PostReload(Client& client);

  History::Step FirstStep();
  History::Step Next(sim::Random& random, History::Step step);
  config::ProjectSettings Project(std::size_t number, std::size_t key) const;
  void WriteWeb(std::string_view extra);
  void WriteKey(std::size_t number, std::size_t key) const;
  void Replace(const std::string& name, const std::string& text) const;
  /// So that they come at any moment of each other.
  void Pause(sim::Random& random, Duration most);
  int NewEpoch() { return ++epochs_; }

  const StressOptions options_;
  sim::Random random_;
  SystemClock clock_;
  LastLines log_;
  ScratchDirectory directory_;
  const http::TestAuthority authority_;
  const std::shared_ptr<SSL_CTX> client_tls_;
  sim::Simulator api_;
  std::string hash_;
  std::unique_ptr<History> history_;  // of this life
  std::atomic<bool> ending_ = false;  // this life was told to end
  std::atomic<bool> over_ = false;    // it has
  std::atomic<int> epochs_ = 0;
  int life_ = 0;
  bool uses_tls_ = false;  // in this life
  std::string current_cert_ = "1";
  std::string other_cert_ = "2";
  std::map<int, Growth> growth_;
  Duration slowest_stop_{};
  std::mutex mutex_;  // guards the rest
  std::condition_variable served_;
  std::optional<std::uint16_t> port_;  // of this life
  std::map<std::string, std::uint64_t> done_;
};

}  // namespace serverspace::stress
