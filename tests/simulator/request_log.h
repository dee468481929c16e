#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/clock.h"

namespace serverspace::sim {

/// Counts what was asked and how it ended. Thread-safe.
class RequestLog {
 public:
  /// Which requests to count; an empty member or a status of -1 means all.
  struct Filter {
    std::string project;
    std::string method;
    std::string route;
    int status = -1;
  };
  struct Row {
    std::string project;  // empty if the key is unknown
    std::string method;
    std::string route;  // the template, or `unknown`
    int status = 0;     // 0: no whole answer was sent
    std::uint64_t count = 0;
  };
  struct Arrival {
    std::string project;
    std::string method;
    std::string route;
    MonoTime time;
  };
  struct InFlight {
    std::size_t now = 0;
    std::size_t max = 0;
  };

  /// Marks one request as in flight while it lives.
  class Entry {
   public:
    Entry(RequestLog& log, std::string project, std::string method,
          std::string route, MonoTime time);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    /// Counts the request. Done before a byte of the answer leaves, so that
    /// whoever has the answer sees it counted.
    void Count(int status);

   private:
    RequestLog& log_;
    const std::string project_;
    const std::string method_;
    const std::string route_;
  };

  void Clear();

  /// Requests whose answer was begun.
  std::uint64_t Count(const Filter& filter) const;
  std::vector<Row> Rows() const;
  /// The last arrivals, oldest first, those in flight included.
  std::vector<Arrival> Arrivals() const;
  InFlight total() const;
  std::map<std::string, InFlight> by_project() const;

  /// What reached the target of a redirect.
  void CountRedirectTarget(bool with_key);
  std::uint64_t redirect_requests() const;
  std::uint64_t redirect_requests_with_key() const;

 private:
  using Key = std::tuple<std::string, std::string, std::string, int>;

  mutable std::mutex mutex_;  // guards all below
  std::map<Key, std::uint64_t> counts_;
  std::vector<Arrival> arrivals_;  // a ring
  std::size_t next_arrival_ = 0;
  InFlight total_;
  std::map<std::string, InFlight> by_project_;
  std::uint64_t redirect_requests_ = 0;
  std::uint64_t redirect_requests_with_key_ = 0;
};

}  // namespace serverspace::sim
