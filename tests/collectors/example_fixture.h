#pragma once

#include <string>
#include <utility>

#include "api/decode.h"
#include "api/examples.h"
#include "api/recording_observer.h"
#include "collectors/collector_fixture.h"

namespace serverspace::collectors {

/// Runs collectors on what is read from JSON answers.
class ExampleFixture : public CollectorFixture {
 protected:
  template <typename T>
  using Read = Result<T> (*)(api::Answer, api::Drift&);

  /// A client function that answers what `read` makes of `body`.
  template <typename T>
  auto Answer(Read<T> read, std::string body) {
    return [this, read, body = std::move(body)](auto&&...) {
      return read(body, drift_);
    };
  }
  /// The same of a recorded answer.
  template <typename T>
  auto AnswerExample(Read<T> read, const std::string& name) {
    return Answer(read, api::Example(name));
  }
  static auto Fails(ErrorCode code) {
    return [code](auto&&...) { return Error{code, "GET /x: no"}; };
  }

  api::RecordingObserver observer_;
  api::Drift drift_{observer_};
};

inline bool Has(const std::string& lines, const std::string& text) {
  return lines.find(text) != std::string::npos;
}

}  // namespace serverspace::collectors
