#include "simulator/test_client.h"

#include <httplib.h>
#include <thread>

namespace serverspace::sim {
namespace {

std::unique_ptr<httplib::Client> MakeClient(Simulator& simulator) {
  auto client = std::make_unique<httplib::Client>(simulator.base_url());
  client->set_ca_cert_path(simulator.ca_file());
  client->enable_server_certificate_verification(true);
  client->set_keep_alive(true);
  client->set_tcp_nodelay(true);
  client->set_read_timeout(std::chrono::seconds(20));
  return client;
}

Answer Send(httplib::Client& client, const std::string& method,
            const std::string& path, const std::string& key,
            const nlohmann::json& body) {
  httplib::Request request;
  request.method = method;
  request.path = path;
  if (!key.empty()) request.set_header("X-API-KEY", key);
  if (!body.is_null()) {
    request.body = body.dump();
    request.set_header("Content-Type", "application/json");
  }
  const httplib::Result result = client.send(request);
  Answer answer;
  if (!result) return answer;
  answer.status = result->status;
  answer.text = result->body;
  answer.body = nlohmann::json::parse(result->body, nullptr, false);
  for (const auto& [name, value] : result->headers)
    answer.headers.emplace(name, value);
  return answer;
}

}  // namespace

SimulatorFixture::SimulatorFixture(const Options& options)
    : simulator_(options) {
  simulator_.Start();
  client_ = NewClient();
}

SimulatorFixture::~SimulatorFixture() = default;

std::unique_ptr<httplib::Client> SimulatorFixture::NewClient() {
  return MakeClient(simulator_);
}

Answer SimulatorFixture::Get(const std::string& path) {
  return Get(path, simulator_.api_key());
}

Answer SimulatorFixture::Get(const std::string& path, const std::string& key) {
  return Send(*client_, "GET", "/api/v1" + path, key, nullptr);
}

Answer SimulatorFixture::Call(const std::string& method,
                              const std::string& path,
                              const nlohmann::json& body) {
  return Send(*client_, method, "/api/v1" + path, simulator_.api_key(), body);
}

nlohmann::json SimulatorFixture::Control(const std::string& method,
                                         const std::string& path,
                                         const nlohmann::json& body) {
  const Answer answer = Send(*client_, method, path, "", body);
  EXPECT_EQ(answer.status, 200) << method << ' ' << path << ": " << answer.text;
  return answer.body;
}

std::string RawGet(Simulator& simulator, const std::string& path) {
  const auto client = MakeClient(simulator);
  return Send(*client, "GET", "/api/v1" + path, simulator.api_key(), nullptr)
      .text;
}

void SimulatorFixture::WaitForRequests(std::size_t count) {
  while (simulator_.requests().Arrivals().size() < count)
    std::this_thread::yield();
}

}  // namespace serverspace::sim
