#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "simulator/options.h"
#include "simulator/simulator.h"

namespace httplib {
class Client;
}

namespace serverspace::sim {

struct Answer {
  int status = 0;  // 0: no answer came
  nlohmann::json body;
  std::string text;
  std::multimap<std::string, std::string> headers;
};

/// The text of one answer for project 0, over a connection of its own.
std::string RawGet(Simulator& simulator, const std::string& path);

/// A simulator with one small project, and a client of it that checks its
/// certificate.
class SimulatorFixture : public testing::Test {
 protected:
  SimulatorFixture() : SimulatorFixture(Options{}) {}
  explicit SimulatorFixture(const Options& options);
  ~SimulatorFixture() override;

  Simulator& simulator() { return simulator_; }

  /// `path` is below /api/v1; the key is that of project 0 unless given.
  Answer Get(const std::string& path);
  Answer Get(const std::string& path, const std::string& key);
  Answer Call(const std::string& method, const std::string& path,
              const nlohmann::json& body = nullptr);
  /// Over HTTPS as well; fails the test unless the answer is 200.
  nlohmann::json Control(const std::string& method, const std::string& path,
                         const nlohmann::json& body = nullptr);

  /// Until so many requests have arrived since the start or the last clearing.
  void WaitForRequests(std::size_t count);

  /// A client of its own connection.
  std::unique_ptr<httplib::Client> NewClient();

 private:
  Simulator simulator_;
  std::unique_ptr<httplib::Client> client_;
};

}  // namespace serverspace::sim
