#include "simulator/request_log.h"

#include <algorithm>

namespace serverspace::sim {
namespace {

constexpr std::size_t kArrivals = 10'000;

void Begin(RequestLog::InFlight& in_flight) {
  ++in_flight.now;
  in_flight.max = std::max(in_flight.max, in_flight.now);
}

}  // namespace

RequestLog::Entry::Entry(RequestLog& log, std::string project,
                         std::string method, std::string route, MonoTime time)
    : log_(log),
      project_(std::move(project)),
      method_(std::move(method)),
      route_(std::move(route)) {
  const std::lock_guard lock(log_.mutex_);
  Begin(log_.total_);
  Begin(log_.by_project_[project_]);
  Arrival arrival{project_, method_, route_, time};
  if (log_.arrivals_.size() < kArrivals) {
    log_.arrivals_.push_back(std::move(arrival));
  } else {
    log_.arrivals_[log_.next_arrival_] = std::move(arrival);
    log_.next_arrival_ = (log_.next_arrival_ + 1) % kArrivals;
  }
}

RequestLog::Entry::~Entry() {
  const std::lock_guard lock(log_.mutex_);
  --log_.total_.now;
  --log_.by_project_[project_].now;
}

void RequestLog::Entry::Count(int status) {
  const std::lock_guard lock(log_.mutex_);
  ++log_.counts_[{project_, method_, route_, status}];
}

void RequestLog::Clear() {
  const std::lock_guard lock(mutex_);
  counts_.clear();
  arrivals_.clear();
  next_arrival_ = 0;
  total_.max = total_.now;
  std::erase_if(by_project_,
                [](const auto& entry) { return entry.second.now == 0; });
  for (auto& [project, in_flight] : by_project_) in_flight.max = in_flight.now;
  redirect_requests_ = 0;
  redirect_requests_with_key_ = 0;
}

std::uint64_t RequestLog::Count(const Filter& filter) const {
  std::uint64_t count = 0;
  for (const Row& row : Rows()) {
    if ((filter.project.empty() || filter.project == row.project) &&
        (filter.method.empty() || filter.method == row.method) &&
        (filter.route.empty() || filter.route == row.route) &&
        (filter.status == -1 || filter.status == row.status)) {
      count += row.count;
    }
  }
  return count;
}

std::vector<RequestLog::Row> RequestLog::Rows() const {
  const std::lock_guard lock(mutex_);
  std::vector<Row> rows;
  for (const auto& [key, count] : counts_) {
    const auto& [project, method, route, status] = key;
    rows.push_back({project, method, route, status, count});
  }
  return rows;
}

std::vector<RequestLog::Arrival> RequestLog::Arrivals() const {
  const std::lock_guard lock(mutex_);
  std::vector<Arrival> arrivals = arrivals_;
  std::rotate(arrivals.begin(),
              arrivals.begin() + static_cast<std::ptrdiff_t>(next_arrival_),
              arrivals.end());
  return arrivals;
}

RequestLog::InFlight RequestLog::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

std::map<std::string, RequestLog::InFlight> RequestLog::by_project() const {
  const std::lock_guard lock(mutex_);
  return by_project_;
}

void RequestLog::CountRedirectTarget(bool with_key) {
  const std::lock_guard lock(mutex_);
  ++redirect_requests_;
  if (with_key) ++redirect_requests_with_key_;
}

std::uint64_t RequestLog::redirect_requests() const {
  const std::lock_guard lock(mutex_);
  return redirect_requests_;
}

std::uint64_t RequestLog::redirect_requests_with_key() const {
  const std::lock_guard lock(mutex_);
  return redirect_requests_with_key_;
}

}  // namespace serverspace::sim
