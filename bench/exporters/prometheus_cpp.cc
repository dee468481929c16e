// Serves the series of a page of the exporter with prometheus-cpp, as an
// exporter in C++ does that keeps its metrics in a registry.
//
//   prometheus_cpp PAGE PORT_FILE
//
// PAGE is in the text format. The address is written to PORT_FILE when it
// accepts connections.

#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace {

struct Sample {
  std::string name;
  prometheus::Labels labels;
  double value = 0;
};

/// A label's value from behind its opening quote to behind its closing one.
std::string ReadLabelValue(std::string_view line, std::size_t& at) {
  std::string value;
  for (; line.at(at) != '"'; ++at) {
    if (line[at] != '\\') {
      value += line[at];
    } else {
      ++at;
      value += line.at(at) == 'n' ? '\n' : line[at];
    }
  }
  ++at;
  return value;
}

Sample ReadSample(std::string_view line) {
  Sample sample;
  std::size_t at = line.find_first_of("{ ");
  sample.name = line.substr(0, at);
  if (line.at(at) == '{') {
    ++at;
    while (line.at(at) != '}') {
      const std::size_t equals = line.find('=', at);
      std::string label(line.substr(at, equals - at));
      at = equals + 2;
      sample.labels.emplace(std::move(label), ReadLabelValue(line, at));
      if (line.at(at) == ',') ++at;
    }
    ++at;
  }
  sample.value = std::strtod(line.data() + at + 1, nullptr);
  return sample;
}

/// Makes metrics of the lines of one family after the other.
class Loader {
 public:
  explicit Loader(prometheus::Registry& registry) : registry_(registry) {}

  void Take(const std::string& line) {
    constexpr std::string_view kHelp = "# HELP ";
    constexpr std::string_view kType = "# TYPE ";
    if (line.starts_with(kHelp)) {
      const std::size_t end = line.find(' ', kHelp.size());
      help_ = line.substr(end + 1);
    } else if (line.starts_with(kType)) {
      const std::size_t end = line.find(' ', kType.size());
      name_ = line.substr(kType.size(), end - kType.size());
      Begin(line.substr(end + 1));
    } else if (!line.empty() && line.front() != '#') {
      Add(ReadSample(line));
    }
  }

  /// Histograms are whole only when all is read. They have the buckets with
  /// nothing in them: as many lines, which is what counts here.
  void Finish() {
    for (const auto& [key, bounds] : histograms_)
      key.first->Add(key.second, bounds);
  }

 private:
  void Begin(const std::string& type) {
    counters_ = nullptr;
    gauges_ = nullptr;
    histogram_ = nullptr;
    if (type == "counter") {
      counters_ = &prometheus::BuildCounter().Name(name_).Help(help_).Register(
          registry_);
    } else if (type == "histogram") {
      histogram_ =
          &prometheus::BuildHistogram().Name(name_).Help(help_).Register(
              registry_);
    } else {
      gauges_ =
          &prometheus::BuildGauge().Name(name_).Help(help_).Register(registry_);
    }
  }

  void Add(Sample sample) {
    if (counters_ != nullptr) {
      counters_->Add(sample.labels).Increment(sample.value);
    } else if (gauges_ != nullptr) {
      gauges_->Add(sample.labels).Set(sample.value);
    } else if (histogram_ != nullptr && sample.name.ends_with("_bucket")) {
      const double bound = std::strtod(sample.labels.at("le").c_str(), nullptr);
      sample.labels.erase("le");
      auto& bounds = histograms_[{histogram_, sample.labels}];
      if (std::isfinite(bound)) bounds.push_back(bound);
    }
  }

  using Histograms = prometheus::Family<prometheus::Histogram>;

  prometheus::Registry& registry_;
  std::string name_;
  std::string help_;
  prometheus::Family<prometheus::Counter>* counters_ = nullptr;
  prometheus::Family<prometheus::Gauge>* gauges_ = nullptr;
  Histograms* histogram_ = nullptr;
  std::map<std::pair<Histograms*, prometheus::Labels>,
           prometheus::Histogram::BucketBoundaries>
      histograms_;
};

void Serve(const char* page_path, const std::string& port_path) {
  const auto registry = std::make_shared<prometheus::Registry>();
  {
    Loader loader(*registry);
    std::ifstream page(page_path);
    if (!page) throw std::runtime_error("cannot read the page");
    for (std::string line; std::getline(page, line);) loader.Take(line);
    loader.Finish();
  }
  // By itself it ends the connection after each answer, which would be
  // measured too.
  prometheus::Exposer exposer({"listening_ports", "127.0.0.1:0", "num_threads",
                               "2", "enable_keep_alive", "yes"});
  exposer.RegisterCollectable(registry);

  // In one go, so that nobody reads half of it.
  const std::string part = port_path + ".part";
  std::ofstream(part) << "127.0.0.1:" << exposer.GetListeningPorts().front();
  if (std::rename(part.c_str(), port_path.c_str()) != 0)
    throw std::runtime_error("cannot write the port file");
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  int received = 0;
  sigwait(&ends, &received);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: prometheus_cpp PAGE PORT_FILE\n";
    return 2;
  }
  // Before the threads of the server, which inherit it.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  try {
    Serve(arguments[1], arguments[2]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
