#include "simulator/simulator.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <unistd.h>

#include "simulator/connection.h"
#include "simulator/control.h"
#include "simulator/dispatcher.h"
#include "simulator/http_engine.h"
#include "simulator/listener.h"
#include "simulator/sim_clock.h"
#include "simulator/tls_authority.h"

namespace serverspace::sim {
namespace {

/// A file that goes with its owner.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    path_ = std::filesystem::temp_directory_path() / "serverspace-sim-XXXXXX";
    const int descriptor = mkstemp(path_.data());
    if (descriptor < 0)
      throw std::runtime_error("cannot make a temporary file");
    const ssize_t written = write(descriptor, content.data(), content.size());
    close(descriptor);
    if (written != static_cast<ssize_t>(content.size()))
      throw std::runtime_error("cannot write a temporary file");
  }
  ~TemporaryFile() { unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

struct Simulator::Parts {
  Parts(const Options& chosen, const Clock* given)
      : options(chosen),
        clock(given == nullptr ? system_clock : *given, chosen.time_factor),
        authority(chosen.host_names),
        ca_file(authority.ca_pem()),
        world(chosen, clock),
        control(world, clock, faults, log),
        dispatcher(world, clock, faults, log, control),
        engine([this](const Request& request, Connection& connection) {
          return dispatcher.Handle(request, connection);
        }),
        listener(
            authority.context(), [this] { return Admit(); },
            [this](Connection& connection) { Serve(connection); }) {
    control.set_listener(&listener);
    dispatcher.set_listener(&listener);
  }

  Listener::Admission Admit() {
    const std::optional<Fault> fault = faults.TakeForConnection();
    if (!fault) return Listener::Admission::kServe;
    return fault->kind == FaultKind::kResetHandshake
               ? Listener::Admission::kReset
               : Listener::Admission::kHangInHandshake;
  }

  bool WaitForRequest(Connection& connection) {
    const Listener::Phase phase(listener, connection, Listener::Phase::kIdle);
    return connection.WaitReadable(
        std::chrono::seconds(options.keep_alive_seconds));
  }

  void Serve(Connection& connection) {
    while (WaitForRequest(connection) && engine.ServeOne(connection)) {
    }
    if (!connection.abandoned()) connection.CloseInOrder();
  }

  const Options options;
  const SystemClock system_clock;
  SimClock clock;
  const TlsAuthority authority;
  const TemporaryFile ca_file;
  FaultBook faults;
  RequestLog log;
  World world;
  sim::Control control;
  Dispatcher dispatcher;
  HttpEngine engine;
  Listener listener;  // last: its threads use all the rest
};

Simulator::Simulator(const Options& options, const Clock* clock)
    : parts_(std::make_unique<Parts>(options, clock)) {}

Simulator::~Simulator() { Stop(); }

void Simulator::Start() {
  parts_->listener.Start(parts_->options.listen_address);
}

void Simulator::Stop() { parts_->listener.Stop(); }

std::uint16_t Simulator::port() const { return parts_->listener.port(); }

std::string Simulator::base_url() const {
  std::string host = parts_->options.listen_address.substr(
      0, parts_->options.listen_address.rfind(':'));
  if (host.empty() || host == "0.0.0.0" || host == "[::]") host = "127.0.0.1";
  return "https://" + host + ":" + std::to_string(port());
}

const std::string& Simulator::ca_pem() const {
  return parts_->authority.ca_pem();
}

const std::string& Simulator::ca_file() { return parts_->ca_file.path(); }

std::string Simulator::api_key(std::size_t project) const {
  return ApiKey(parts_->options.seed, project);
}

std::uint64_t Simulator::AddFault(Fault fault) {
  return parts_->control.AddFault(std::move(fault));
}

void Simulator::ClearFaults() { parts_->control.ClearFaults(); }

FaultBook& Simulator::faults() { return parts_->faults; }

RequestLog& Simulator::requests() { return parts_->log; }

void Simulator::CloseIdleConnections() { parts_->listener.CloseIdle(); }

void Simulator::AdvanceTime(std::chrono::milliseconds by) {
  parts_->clock.Advance(by);
}

void Simulator::SetDateSkew(std::chrono::seconds skew) {
  parts_->clock.set_date_skew(skew);
}

void Simulator::Edit(std::size_t project,
                     const std::function<void(World&, Project&)>& change) {
  const auto lock = parts_->world.Enter();
  Project& edited = parts_->world.projects().at(project);
  parts_->world.Settle(edited);
  change(parts_->world, edited);
  parts_->world.Changed(edited);
}

void Simulator::SetBalance(std::size_t project, std::string_view amount) {
  const std::optional<Money> money = Money::Parse(amount);
  if (!money) throw std::invalid_argument("not an amount of money");
  Edit(project, [&](World& world, Project& edited) {
    world.SetBalance(edited, *money);
  });
}

Reply Simulator::Control(std::string_view method, std::string_view target,
                         std::string_view body) {
  const Request request{.method = std::string(method),
                        .target = std::string(target),
                        .body = std::string(body),
                        .api_key = std::nullopt,
                        .accepts_gzip = false};
  return parts_->control.Handle(request, ParseTarget(target));
}

}  // namespace serverspace::sim
