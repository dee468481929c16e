#include "app/serve.h"

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "app/exporter_options.h"
#include "app/manager_socket.h"
#include "app/process.h"
#include "base/recording_log.h"
#include "exporter/state_lock.h"

namespace serverspace::app {
namespace {

namespace fs = std::filesystem;

/// Does something when a line is logged, and keeps the lines.
class ActingLog final : public Logger {
 public:
  void Log(LogLevel level, std::string_view message,
           std::initializer_list<LogField> fields) override {
    lines.Log(level, message, fields);
    if (message == "serving") on_serving();
  }

  RecordingLog lines;
  std::function<void()> on_serving = [] { FAIL() << "nobody is to serve"; };
};

class ServeTest : public testing::Test {
 protected:
  ServeTest() {
    BlockSignals();
    std::string name = fs::temp_directory_path() / "serve_test.XXXXXX";
    directory_ = mkdtemp(name.data());
    for (const config::CollectorDefaults& collector : CollectorDefaults()) {
      config_.collectors[collector.name] = {
          .enabled = collector.enabled,
          .interval = collector.interval,
          .stale_after = 3 * collector.interval};
    }
    config_.web.listen_addresses = {"127.0.0.1:0"};
  }
  ~ServeTest() override { fs::remove_all(directory_); }

  std::string PortFile() const { return directory_ / "ports"; }
  static std::string Read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  fs::path directory_;
  config::Config config_;
  Reloader::Loader load_ = [this] { return config::Loaded{config_, {}}; };
  ActingLog log_;
};

/// A loopback connection to `port`, or any port that listens.
class Socket {
 public:
  Socket() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(fd_); }

  int fd() const { return fd_; }
  /// The port on which it listens from now on.
  int Listen() {
    EXPECT_EQ(bind(fd_, Address(), sizeof address_), 0);
    EXPECT_EQ(listen(fd_, 1), 0);
    socklen_t size = sizeof address_;
    EXPECT_EQ(getsockname(fd_, Address(), &size), 0);
    return ntohs(address_.sin_port);
  }
  /// The answer to a request, up to the end of the connection.
  std::string Ask(int port, const std::string& request) {
    address_.sin_port = htons(static_cast<std::uint16_t>(port));
    EXPECT_EQ(connect(fd_, Address(), sizeof address_), 0);
    EXPECT_EQ(write(fd_, request.data(), request.size()),
              static_cast<ssize_t>(request.size()));
    std::string answer;
    char buffer[4096];
    for (ssize_t size = 0; (size = read(fd_, buffer, sizeof buffer)) > 0;)
      answer.append(buffer, static_cast<std::size_t>(size));
    return answer;
  }

 private:
  sockaddr* Address() {
    // The one cast that the socket interface asks for.
    return reinterpret_cast<sockaddr*>(&address_);
  }

  int fd_;
  sockaddr_in address_{};
};

TEST_F(ServeTest, ServesUntilItIsToldToEnd) {
  std::string ports;
  std::string answer;
  log_.on_serving = [&] {
    ports = Read(PortFile());
    const int port = std::atoi(ports.substr(ports.rfind(':') + 1).c_str());
    answer = Socket().Ask(port,
                          "GET /metrics HTTP/1.1\r\nHost: a\r\n"
                          "Connection: close\r\n\r\n");
    kill(getpid(), SIGTERM);
  };
  EXPECT_EQ(Serve(config_, load_, PortFile(), log_), 0);
  EXPECT_TRUE(ports.starts_with("127.0.0.1:")) << ports;
  EXPECT_TRUE(ports.ends_with("\n"));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_NE(answer.find("serverspace_exporter_projects 0\n"),
            std::string::npos);
  EXPECT_NE(answer.find("serverspace_exporter_http_connections"),
            std::string::npos);
  EXPECT_EQ(log_.lines.Lines("info stopping").size(), 1U);
}

TEST_F(ServeTest, WritesEachAddressWithItsPort) {
  config_.web.listen_addresses = {"127.0.0.1:0", "127.0.0.2:0"};
  std::string ports;
  log_.on_serving = [&] {
    ports = Read(PortFile());
    kill(getpid(), SIGINT);
  };
  EXPECT_EQ(Serve(config_, load_, PortFile(), log_), 0);
  EXPECT_TRUE(ports.starts_with("127.0.0.1:")) << ports;
  EXPECT_NE(ports.find("\n127.0.0.2:"), std::string::npos) << ports;
  EXPECT_EQ(ports.find(":0\n"), std::string::npos) << ports;
}

TEST_F(ServeTest, ReloadsOnSighup) {
  log_.on_serving = [] { kill(getpid(), SIGHUP); };
  load_ = [this] {
    kill(getpid(), SIGTERM);
    return config::Loaded{config_, {}};
  };
  EXPECT_EQ(Serve(config_, load_, "", log_), 0);
  EXPECT_EQ(log_.lines.Lines("info configuration reloaded").size(), 1U);
  EXPECT_EQ(log_.lines.Lines("info stopping").size(), 1U);
}

TEST_F(ServeTest, GoesOnAfterAReloadThatFails) {
  log_.on_serving = [] { kill(getpid(), SIGHUP); };
  load_ = [this] {
    // Read well by the loader, but no certificates.
    config::Config next = config_;
    next.api.ca_file = directory_ / "ca.pem";
    std::ofstream(next.api.ca_file) << "no certificate";
    kill(getpid(), SIGTERM);
    return config::Loaded{next, {}};
  };
  EXPECT_EQ(Serve(config_, load_, "", log_), 0);
  EXPECT_EQ(log_.lines.Lines("error configuration not reloaded").size(), 1U);
  EXPECT_TRUE(log_.lines.Lines("info configuration reloaded").empty());
}

TEST_F(ServeTest, ReloadsOverHttpOnlyIfTold) {
  const auto post = [this] {
    const std::string ports = Read(PortFile());
    return Socket().Ask(
        std::atoi(ports.substr(ports.rfind(':') + 1).c_str()),
        "POST /-/reload HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  };
  std::string answer;
  log_.on_serving = [&] {
    answer = post();
    kill(getpid(), SIGTERM);
  };
  EXPECT_EQ(Serve(config_, load_, PortFile(), log_), 0);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 ")) << answer;
  EXPECT_TRUE(log_.lines.Lines("info configuration reloaded").empty());

  config_.web.enable_lifecycle = true;
  EXPECT_EQ(Serve(config_, load_, PortFile(), log_), 0);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_EQ(log_.lines.Lines("info configuration reloaded").size(), 1U);

  load_ = [] {
    return std::vector<config::Problem>{{"a.yml", 2, 3, "api", "is no map"}};
  };
  EXPECT_EQ(Serve(config_, load_, PortFile(), log_), 0);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
  EXPECT_NE(answer.find("\na.yml:2:3: api: is no map\n"), std::string::npos)
      << answer;
}

TEST_F(ServeTest, TellsTheServiceManagerHowItGoes) {
  const ManagerSocket socket;
  ServiceManager manager{.notifier = Notifier::Open(socket.address()).value(),
                         .watchdog_timeout = std::chrono::milliseconds(20),
                         .sockets = {}};
  log_.on_serving = [] { kill(getpid(), SIGHUP); };
  load_ = [this]() -> Result<config::Loaded, std::vector<config::Problem>> {
    kill(getpid(), SIGTERM);
    return std::vector<config::Problem>{{"a.yml", 2, 3, "api", "is no map"}};
  };
  EXPECT_EQ(Serve(config_, load_, "", log_, manager), 0);
  EXPECT_EQ(socket.Receive(), "READY=1\nSTATUS=watching 0 projects");
  EXPECT_EQ(socket.Receive(), "WATCHDOG=1");
  EXPECT_TRUE(socket.Receive().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  EXPECT_EQ(socket.Receive(),
            "READY=1\nSTATUS=the new configuration was refused, see the log; "
            "watching 0 projects");
  EXPECT_EQ(socket.Receive(), "WATCHDOG=1");
  EXPECT_EQ(socket.Receive(), "STOPPING=1\nSTATUS=stopping");
}

TEST_F(ServeTest, ServesOnASocketThatWasPassed) {
  Socket passed;
  const int port = passed.Listen();
  config_.web.listen_addresses.clear();
  config_.web.systemd_socket = true;
  std::string answer;
  log_.on_serving = [&] {
    answer = Socket().Ask(port,
                          "GET /-/healthy HTTP/1.1\r\nHost: a\r\n"
                          "Connection: close\r\n\r\n");
    kill(getpid(), SIGTERM);
  };
  EXPECT_EQ(Serve(config_, load_, PortFile(), log_,
                  {.notifier = {},
                   .watchdog_timeout = {},
                   .sockets = {{dup(passed.fd()), "web"}}}),
            0);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_EQ(Read(PortFile()), "127.0.0.1:" + std::to_string(port) + "\n");
}

TEST_F(ServeTest, SaysWhatIsWrongWithPassedSockets) {
  config_.web.systemd_socket = true;
  config_.web.listen_addresses.clear();
  EXPECT_EQ(Serve(config_, load_, "", log_), 1);
  EXPECT_TRUE(log_.lines.Mentions("no socket was passed"));
  const int idle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(
      Serve(
          config_, load_, "", log_,
          {.notifier = {}, .watchdog_timeout = {}, .sockets = {{idle, "web"}}}),
      1);
  EXPECT_TRUE(log_.lines.Mentions("is not a listening TCP socket"));
  close(idle);
}

TEST_F(ServeTest, WarnsOfPassedSocketsThatItDoesNotUse) {
  log_.on_serving = [] { kill(getpid(), SIGTERM); };
  EXPECT_EQ(
      Serve(
          config_, load_, "", log_,
          {.notifier = {}, .watchdog_timeout = {}, .sockets = {{100, "web"}}}),
      0);
  EXPECT_EQ(
      log_.lines.Lines("warn sockets of a socket unit are not used").size(),
      1U);
}

TEST_F(ServeTest, FailsWhereSomebodyElseListens) {
  Socket other;
  config_.web.listen_addresses = {"127.0.0.1:" +
                                  std::to_string(other.Listen())};
  EXPECT_EQ(Serve(config_, load_, "", log_), 1);
  EXPECT_EQ(log_.lines.Lines("error cannot listen").size(), 1U);
}

TEST_F(ServeTest, FailsWithoutAPlaceForThePortFile) {
  EXPECT_EQ(Serve(config_, load_, directory_ / "no" / "ports", log_), 1);
  EXPECT_EQ(log_.lines.Lines("error cannot write the port file").size(), 1U);
}

TEST_F(ServeTest, RefusesTheStateOfAnotherExporter) {
  config_.state_file = directory_ / "state.json";
  exporter::StateLock other(config_.state_file + ".lock");
  ASSERT_TRUE(other.Take().ok());
  EXPECT_EQ(Serve(config_, load_, "", log_), 2);
  EXPECT_TRUE(log_.lines.Mentions("belongs to another exporter"));
}

TEST_F(ServeTest, FailsWithABrokenCaFile) {
  config_.api.ca_file = directory_ / "ca.pem";
  std::ofstream(config_.api.ca_file) << "no certificate";
  EXPECT_EQ(Serve(config_, load_, "", log_), 2);
  EXPECT_EQ(log_.lines.Lines("error cannot prepare requests").size(), 1U);
}

}  // namespace
}  // namespace serverspace::app
