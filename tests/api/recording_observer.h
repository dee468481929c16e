#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "api/observer.h"

namespace serverspace::api {

/// Keeps all that it hears, in order.
class RecordingObserver final : public Observer {
 public:
  void OnAttempt(std::string_view route, std::string_view code,
                 Duration took) override {
    Add(attempts_, std::string(route) + " " + std::string(code) + " " +
                       std::to_string(took / std::chrono::milliseconds(1)));
  }
  void OnRetry() override { Add(retries_, "retry"); }
  void OnLimiterWait(std::string_view project, Duration waited) override {
    Add(waits_, std::string(project) + " " +
                    std::to_string(waited / std::chrono::milliseconds(1)));
  }
  void OnClockOffset(std::string_view host, Duration offset) override {
    Add(offsets_, std::string(host) + " " +
                      std::to_string(offset / std::chrono::milliseconds(1)));
  }
  void OnCircuit(std::string_view host, bool open) override {
    Add(circuits_, std::string(host) + (open ? " open" : " closed"));
  }
  void OnUnknownValue(std::string_view field) override {
    Add(unknown_, std::string(field));
  }
  void OnBadItem(std::string_view field) override {
    Add(bad_, std::string(field));
  }

  using Lines = std::vector<std::string>;
  Lines attempts() const { return Copy(attempts_); }
  Lines retries() const { return Copy(retries_); }
  Lines waits() const { return Copy(waits_); }
  Lines offsets() const { return Copy(offsets_); }
  Lines circuits() const { return Copy(circuits_); }
  Lines unknown() const { return Copy(unknown_); }
  Lines bad() const { return Copy(bad_); }

 private:
  void Add(Lines& lines, std::string line) {
    std::lock_guard lock(mutex_);
    lines.push_back(std::move(line));
  }
  Lines Copy(const Lines& lines) const {
    std::lock_guard lock(mutex_);
    return lines;
  }

  mutable std::mutex mutex_;  // guards everything below
  Lines attempts_;
  Lines retries_;
  Lines waits_;
  Lines offsets_;
  Lines circuits_;
  Lines unknown_;
  Lines bad_;
};

}  // namespace serverspace::api
