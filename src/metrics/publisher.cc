#include "metrics/publisher.h"

namespace serverspace::metrics {

Publisher::Publisher(PageStore& store, Clock& clock, Duration min_interval)
    : store_(store),
      clock_(clock),
      min_interval_(min_interval),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void Publisher::Run(const std::stop_token& stop) {
  MonoTime next = clock_.Mono();
  while (store_.AwaitChange(clock_, stop)) {
    if (!clock_.SleepUntil(next, stop)) return;
    next = clock_.Mono() + min_interval_;
    try {
      store_.Rebuild();
    } catch (...) {
      ++failures_;
    }
  }
}

}  // namespace serverspace::metrics
