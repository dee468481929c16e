#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "simulator/scenario.h"
#include "simulator/simulator.h"

namespace {

using serverspace::sim::Generation;
using serverspace::sim::Options;
using serverspace::sim::Scenario;
using serverspace::sim::Simulator;

struct Outputs {
  std::string port_file;
  std::string ca_out;
  std::string keys_dir;
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// Plays a step of the scenario; the answer's text if it was refused.
std::string PlayStep(Simulator& simulator, const Scenario::Step& step) {
  const serverspace::sim::Reply reply =
      simulator.Control(step.method, step.path, step.body);
  return reply.status == 200 ? std::string() : *reply.body;
}

/// Readers see the whole file or none: a script waits for it to appear.
void WriteFile(const std::filesystem::path& path, const std::string& content) {
  const std::filesystem::path temporary = path.string() + ".tmp";
  std::ofstream(temporary) << content;
  std::filesystem::rename(temporary, path);
}

void WriteOutputs(const Outputs& outputs, const Options& options,
                  const Simulator& simulator) {
  if (!outputs.ca_out.empty()) WriteFile(outputs.ca_out, simulator.ca_pem());
  if (!outputs.keys_dir.empty()) {
    std::filesystem::create_directories(outputs.keys_dir);
    for (std::size_t i = 0; i < options.projects; ++i) {
      WriteFile(std::filesystem::path(outputs.keys_dir) /
                    serverspace::sim::ProjectName(i),
                simulator.api_key(i) + "\n");
    }
  }
  // Last: who waits for the port finds the other files too.
  if (!outputs.port_file.empty())
    WriteFile(outputs.port_file, std::to_string(simulator.port()) + "\n");
}

void WaitForSignal(const sigset_t& signals) {
  int received = 0;
  sigwait(&signals, &received);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  Outputs outputs;
  std::string scenario_file;
  int generation = 2;
  CLI::App app{
      "A fake Serverspace API for tests. tests/simulator/README.md tells "
      "more."};
  app.add_option("--listen", options.listen_address,
                 "HOST:PORT; port 0 picks a free one")
      ->capture_default_str();
  app.add_option("--host-name", options.host_names,
                 "further name or address for the certificate (repeatable)");
  app.add_option("--port-file", outputs.port_file,
                 "where to write the port, once it accepts connections");
  app.add_option("--ca-out", outputs.ca_out,
                 "where to write the CA certificate");
  app.add_option("--keys-dir", outputs.keys_dir,
                 "where to write a key file per project, named as the project");
  app.add_option("--seed", options.seed, "decides all content and keys")
      ->capture_default_str();
  app.add_option("--projects", options.projects, "number of projects")
      ->capture_default_str();
  app.add_option("--servers", options.servers_per_project,
                 "number of servers in each project")
      ->capture_default_str();
  app.add_option("--time-factor", options.time_factor,
                 "simulated seconds in a real one")
      ->capture_default_str();
  app.add_option("--generation", generation, "contract: 1 (until 2025) or 2")
      ->check(CLI::IsMember({1, 2}))
      ->capture_default_str();
  app.add_option("--scenario", scenario_file,
                 "JSON file of control calls to play over time");
  app.add_option("--bad-key-status", options.bad_key_status,
                 "answer to a wrong key")
      ->check(CLI::IsMember({401, 403}))
      ->capture_default_str();
  app.add_option("--keep-alive", options.keep_alive_seconds,
                 "idle seconds of a connection")
      ->capture_default_str();
  app.add_flag("--billing", options.billing,
               "let balances fall with what runs");
  app.add_flag("--block-when-empty", options.block_when_empty,
               "block a project whose balance is below zero");
  app.add_flag("--gzip", options.gzip,
               "compress answers for clients that accept it");
  CLI11_PARSE(app, argc, argv);
  options.generation = generation == 1 ? Generation::kG1 : Generation::kG2;

  // Blocked before any thread starts, so that all threads leave these to
  // sigwait.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    std::vector<Scenario::Step> steps;
    if (!scenario_file.empty())
      steps = Scenario::Parse(ReadFile(scenario_file));
    serverspace::SystemClock clock;
    Simulator simulator(options);
    simulator.Start();
    WriteOutputs(outputs, options, simulator);
    std::printf("%s\n", simulator.base_url().c_str());
    std::fflush(stdout);
    const Scenario scenario(
        std::move(steps), options.time_factor, clock,
        [&](const Scenario::Step& step) { return PlayStep(simulator, step); });
    WaitForSignal(signals);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "serverspace_simulator: %s\n", error.what());
    return 1;
  }
}
