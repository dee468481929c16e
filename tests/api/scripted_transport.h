#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "api/leaping_clock.h"
#include "http/transport.h"

namespace serverspace::api {

/// Answers from a script, and keeps what was asked. The last answer repeats.
class ScriptedTransport final : public http::Transport {
 public:
  using Answer = Result<http::Response, http::TransportError>;

  struct Asked {
    std::string url;
    std::string key;
    MonoTime at;
    MonoTime deadline;
    std::size_t max_body_bytes;
  };

  explicit ScriptedTransport(LeapingClock& clock) : clock_(clock) {}

  /// `took` passes before the answer, or less where the deadline is nearer, and
  /// then `effect` happens.
  void Add(Answer answer, Duration took = Duration::zero(),
           std::function<void()> effect = {}) {
    script_.push_back({std::move(answer), took, std::move(effect)});
  }

  Answer Get(const http::Request& request) override {
    asked_.push_back(
        {request.base.Authority() + request.base.path + request.path,
         std::string(request.api_key.Reveal()), clock_.Mono(), request.deadline,
         request.max_body_bytes});
    const Step step = script_.front();
    if (script_.size() > 1) script_.pop_front();
    clock_.Advance(
        std::min<Duration>(step.took, request.deadline - clock_.Mono()));
    if (step.effect) step.effect();
    return step.answer;
  }

  const std::vector<Asked>& asked() const { return asked_; }

 private:
  struct Step {
    Answer answer;
    Duration took;
    std::function<void()> effect;
  };

  LeapingClock& clock_;
  std::deque<Step> script_;
  std::vector<Asked> asked_;
};

}  // namespace serverspace::api
