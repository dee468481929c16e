#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace serverspace::api {

/// A long run may make many requests, as many as the project is large.
enum class RunKind { kShort, kLong };

/// Bounds the runs in progress, so that one project or one hanging host cannot
/// take all worker threads, and so that long runs always leave room for the
/// others. A run makes one request at a time, so these are the
/// bounds of requests in flight too. Threads may share it.
class Admission {
 public:
  struct Limits {
    int per_project = 2;
    int per_host = 16;
    /// Of a host's slots, those that slow projects share.
    int slow_per_host = 4;
    // Long runs may have at most half of everything.
    int long_per_project = 1;
    int long_per_host = 8;
    int long_in_all = 24;
  };

  /// A run's slot; free again when the ticket goes. Must not outlive the
  /// admission.
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept;
    Ticket& operator=(Ticket&& other) noexcept;
    ~Ticket();

   private:
    friend class Admission;
    Ticket(Admission& admission, std::string project, std::string host,
           RunKind kind);
    void Return();

    Admission* admission_;
    std::string project_;
    std::string host_;
    RunKind kind_;
  };

  /// `on_free` is called whenever a run that was refused might be admitted now,
  /// on the thread that made it so and with no lock held. Do not let a ticket
  /// go under a lock that it takes.
  Admission(const Limits& limits, std::function<void()> on_free);
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  /// Names the host that a project's runs go to; again to change it. A project
  /// must be added before the other calls.
  void AddProject(std::string_view project, std::string_view host);
  /// Tickets that are out stay good.
  void RemoveProject(std::string_view project);

  /// Never waits. Nothing for an unknown project.
  std::optional<Ticket> TryAdmit(std::string_view project,
                                 RunKind kind = RunKind::kShort);

  /// Whether the project's last call timed out. The client tells.
  void MarkSlow(std::string_view project, bool slow);

 private:
  struct Project {
    std::string host;
    bool slow = false;
  };

  /// A host's runs in progress, counted apart from what is known of a project,
  /// which may change its host or go while they last.
  struct Runs {
    int total = 0;
    int of_long = 0;  // among them

    void Count(RunKind kind, int change);
  };
  struct Load {
    Runs runs;
    std::map<std::string, Runs, std::less<>> by_project;  // at least 1 each
  };

  void Release(const std::string& project, const std::string& host,
               RunKind kind);
  bool IsFull(const Project& project, const Load& load, const Runs& own,
              RunKind kind) const;
  int SlowRuns(const Load& load) const;

  const Limits limits_;
  const std::function<void()> on_free_;
  std::mutex mutex_;  // guards everything below
  std::map<std::string, Project, std::less<>> projects_;
  std::map<std::string, Load, std::less<>> loads_;  // by host
  int long_runs_ = 0;                               // of all hosts
};

}  // namespace serverspace::api
