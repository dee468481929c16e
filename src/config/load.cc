#include "config/load.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/redact.h"
#include "base/text.h"
#include "config/brands.h"
#include "config/file_settings.h"
#include "config/key.h"
#include "config/options.h"
#include "config/shard.h"
#include "config/values.h"
#include "config/variables.h"
#include "config/yaml.h"

namespace serverspace::config {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kMaxFileBytes = 4 * 1024 * 1024;
constexpr std::size_t kMaxCaFileBytes = 16 * 1024 * 1024;
constexpr Duration kDay = hours(24);
constexpr int kMaxShards = 1000;
/// One key, or with `_NAME` behind it the key of a project: systemd names the
/// files of a directory so.
constexpr std::string_view kCredentialName = "api-key";
constexpr std::string_view kCredentialPrefix = "api-key_";

Problem At(Problem place, std::string message) {
  place.message = std::move(message);
  return place;
}

std::vector<std::string> SplitAtCommas(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = Trim(text.substr(0, comma));
    if (!part.empty()) parts.emplace_back(part);
    if (comma == text.size()) return parts;
    text.remove_prefix(comma + 1);
  }
}

Result<std::string> AnyText(std::string_view text) { return std::string(text); }

/// A key in place of a path would be shown by the system's error.
Result<std::string> ParsePath(std::string_view text) {
  if (!LooksLikeKey(text)) return std::string(text);
  return Error{ErrorCode::kInvalidInput,
               "looks like an API key, not like the path of a file"};
}

Result<int> ParseShardIndex(std::string_view text, std::string_view host_name) {
  if (text == "auto") return ShardIndexOfHost(host_name);
  auto index = ParseWholeNumber(text, 0, kMaxShards - 1);
  if (index.ok()) return index;
  return Error{ErrorCode::kInvalidInput, index.error().message + ", nor auto"};
}

/// One loading, from the input to the answer.
class Loader {
 public:
  explicit Loader(const LoadInput& input) : input_(input) {
    for (const CollectorDefaults& collector : input.collectors)
      collector_names_.push_back(collector.name);
  }

  Result<WebSettings, std::vector<Problem>> RunWeb() {
    SetWeb();
    if (!problems_.empty()) return std::move(problems_);
    return std::move(config().web);
  }

  Result<Loaded, std::vector<Problem>> Run() {
    if (!ReadConfigFile()) return std::move(problems_);
    SetApi();
    SetCollectors();
    SetRest();
    SetShard();
    SetProjects();
    RefuseUnusedFlags();
    const auto unknown = UnknownVariables(input_.environment, collector_names_);
    if (!problems_.empty()) {
      // Likely what caused the others.
      problems_.insert(problems_.begin(), unknown.begin(), unknown.end());
      // What stands in the file first, in its order.
      std::ranges::stable_sort(problems_, {}, [](const Problem& problem) {
        return std::tuple(problem.file.empty(), problem.line, problem.column);
      });
      return std::move(problems_);
    }
    loaded_.warnings.insert(loaded_.warnings.end(), unknown.begin(),
                            unknown.end());
    KeepOwnProjects();
    return std::move(loaded_);
  }

 private:
  /// The text of a setting with the place it came from.
  struct Source {
    std::vector<std::string> texts;
    Problem place;
    bool from_file() const { return !place.file.empty(); }
  };
  /// Finds a field of a project (`api_key_file`), wherever it is described.
  using Fields = std::function<std::optional<Source>(std::string_view field)>;

  Config& config() { return loaded_.config; }

  void Refuse(const Problem& place, std::string message) {
    problems_.push_back(At(place, std::move(message)));
  }
  void Warn(const Problem& place, std::string message) {
    loaded_.warnings.push_back(At(place, std::move(message)));
  }

  /// False if there is no sense in going on.
  bool ReadConfigFile() {
    std::string path;
    Problem named{"", 0, 0, "--config.file", ""};
    if (input_.config_file) {
      path = *input_.config_file;
    } else if (auto variable =
                   input_.environment.Get("SERVERSPACE_CONFIG_FILE")) {
      path = *std::move(variable);
      named.key = "SERVERSPACE_CONFIG_FILE";
    } else {
      return true;
    }
    const auto checked = ParsePath(path);
    auto text = checked.ok() ? ReadFile(path, kMaxFileBytes)
                             : Result<std::string>(checked.error());
    if (!text.ok()) {
      Refuse(named, text.error().message);
      return false;
    }
    auto root = ParseYaml(text.value(), path);
    if (!root.ok()) {
      problems_ = root.error();
      return false;
    }
    config_path_ = path;
    file_ = FileSettings(root.value(), path, collector_names_, problems_);
    return true;
  }

  /// A path in the file is meant from the file's directory.
  std::string Resolve(const Source& source, const std::string& path) const {
    if (path.empty() || !source.from_file()) return path;
    return (fs::path(source.place.file).parent_path() / path).string();
  }

  std::optional<Source> FromFile(std::string_view path) const {
    const Setting* setting = file_.Find(path);
    if (setting == nullptr) return std::nullopt;
    return Source{setting->texts, setting->place};
  }

  std::optional<Source> FromVariable(const std::string& name, bool list) const {
    if (name.empty()) return std::nullopt;
    const auto text = input_.environment.Get(name);
    if (!text) return std::nullopt;
    Source source{{*text}, {"", 0, 0, name, ""}};
    if (list) source.texts = SplitAtCommas(*text);
    return source;
  }

  std::optional<Source> FromFlag(const std::string& name, bool list) {
    known_flags_.insert(name);
    Source source{{}, {"", 0, 0, "--" + name, ""}};
    for (const FlagValue& flag : input_.flags) {
      if (flag.flag != name) continue;
      if (!list) source.texts.clear();
      source.texts.push_back(flag.value);
    }
    if (source.texts.empty()) return std::nullopt;
    return source;
  }

  /// All that is said about an option, the weightiest last. This is the order
  /// that the comment of `Options()` promises.
  std::vector<Source> Sources(const OptionDoc& option,
                              std::string_view collector) {
    std::vector<Source> sources;
    const auto add = [&](std::optional<Source> source) {
      if (source) sources.push_back(*std::move(source));
    };
    const std::string variable = ForCollector(option.env, ToUpper(collector));
    if (variable.ends_with("_PROXY")) {
      // These are for all programs of the machine, and curl reads the lower
      // case first.
      add(FromVariable(variable, option.list));
      add(FromVariable(ToLower(variable), option.list));
    }
    if (!option.key.empty()) add(FromFile(ForCollector(option.key, collector)));
    if (!variable.ends_with("_PROXY")) add(FromVariable(variable, option.list));
    if (!option.flag.empty())
      add(FromFlag(ForCollector(option.flag, collector), option.list));
    return sources;
  }

  static const OptionDoc& Option(std::string_view key_or_flag) {
    const auto options = Options();
    return *std::ranges::find_if(options, [&](const OptionDoc& option) {
      return option.key.empty() ? option.flag == key_or_flag
                                : option.key == key_or_flag;
    });
  }

  /// Sets `target` to what the weightiest source says and returns that source.
  /// A text that is wrong is reported even where another one outweighs it.
  template <typename T, typename Parse>
  std::optional<Source> Set(T& target, std::string_view key_or_flag,
                            const Parse& parse,
                            std::string_view collector = "") {
    std::optional<Source> winner;
    for (Source& source : Sources(Option(key_or_flag), collector)) {
      auto value = parse(std::string_view(source.texts.front()));
      if (!value.ok()) {
        Refuse(source.place, value.error().message);
        continue;
      }
      target = std::move(value).value();
      winner = std::move(source);
    }
    return winner;
  }

  template <typename Parse>
  std::optional<Source> SetList(std::vector<std::string>& target,
                                std::string_view key_or_flag,
                                const Parse& parse) {
    std::optional<Source> winner;
    for (Source& source : Sources(Option(key_or_flag), "")) {
      target.clear();
      for (const std::string& text : source.texts) {
        auto value = parse(std::string_view(text));
        if (value.ok()) {
          target.push_back(std::move(value).value());
        } else {
          Refuse(source.place, value.error().message);
        }
      }
      winner = std::move(source);
    }
    return winner;
  }

  std::optional<Source> SetPath(std::string& target, std::string_view key) {
    auto source = Set(target, key, ParsePath);
    if (source) target = Resolve(*source, target);
    return source;
  }

  static auto DurationWithin(Duration least, Duration most) {
    return
        [=](std::string_view text) { return ParseDuration(text, least, most); };
  }

  void SetApi() {
    ApiSettings& api = config().api;
    Set(base_url_, "api.base_url", ParseBaseUrl);
    Set(api.timeout, "api.timeout", DurationWithin(seconds(1), minutes(5)));
    Set(api.max_requests_per_second, "api.max_requests_per_second",
        [](std::string_view text) { return ParseDecimal(text, 0.1, 100); });
    if (const auto source = SetPath(api.ca_file, "api.ca_file");
        source && !api.ca_file.empty()) {
      const auto content = ReadFile(api.ca_file, kMaxCaFileBytes);
      if (!content.ok()) Refuse(source->place, content.error().message);
    }
    Set(api.proxy_url, "api.proxy_url", ParseProxyUrl);
    Set(api.no_proxy, "api.no_proxy", AnyText);
  }

  void SetCollectors() {
    const auto stale = DurationWithin(seconds(10), 30 * kDay);
    Set(config().stale_after, "stale_after", stale);
    std::map<std::string, Problem> switched;  // where, by collector
    for (const CollectorDefaults& defaults : input_.collectors) {
      CollectorSettings settings{defaults.enabled, defaults.interval,
                                 config().stale_after};
      if (auto source = Set(settings.enabled, "collectors.NAME.enabled",
                            ParseBool, defaults.name)) {
        switched[defaults.name] = source->place;
      }
      Set(settings.interval, "collectors.NAME.interval",
          DurationWithin(seconds(10), 7 * kDay), defaults.name);
      Set(settings.stale_after, "collectors.NAME.stale_after", stale,
          defaults.name);
      // Less would drop series between two good runs.
      settings.stale_after =
          std::max(settings.stale_after, 3 * settings.interval);
      config().collectors.emplace(defaults.name, settings);
    }
    for (const CollectorDefaults& defaults : input_.collectors) {
      if (defaults.needs.empty() ||
          !config().collectors.at(defaults.name).enabled ||
          config().collectors[defaults.needs].enabled) {
        continue;
      }
      // One of the two was switched, as the defaults fit together.
      const auto place = switched.contains(defaults.name)
                             ? switched[defaults.name]
                             : switched[defaults.needs];
      Refuse(place, "the collector " + defaults.name + " needs " +
                        defaults.needs + ", which is off: turn " +
                        defaults.needs + " on or " + defaults.name + " off");
    }
  }

  void SetRest() {
    Config& c = config();
    Set(c.address_labels, "labels.addresses", ParseBool);

    // systemd joins several directories with colons.
    if (auto directory = input_.environment.Get("STATE_DIRECTORY"))
      c.state_file = directory->substr(0, directory->find(':')) + "/state.json";
    SetPath(c.state_file, "state_file");

    for (const std::string& currency : file_.Keys("thresholds.balance")) {
      const std::string path = "thresholds.balance." + currency + ".";
      c.balance_by_currency[currency] =
          ReadThresholds([&](std::string_view level) {
            return FromFile(path + std::string(level));
          });
    }

    if (auto source = SetList(c.tasks.watch, "tasks.watch", ParsePath)) {
      for (std::string& path : c.tasks.watch) path = Resolve(*source, path);
    }
    Set(c.tasks.keep_finished, "tasks.keep_finished",
        DurationWithin(Duration::zero(), 30 * kDay));

    SetWeb();
  }

  void SetWeb() {
    Config& c = config();
    const auto addresses = SetList(c.web.listen_addresses, "web.listen-address",
                                   ParseListenAddress);
    if (addresses && addresses->texts.empty())
      Refuse(addresses->place, "is an empty list");
    Set(c.web.systemd_socket, "web.systemd-socket", ParseBool);
    if (c.web.systemd_socket) {
      c.web.listen_addresses.clear();
      if (addresses) {
        Refuse(addresses->place,
               "is set beside --web.systemd-socket, with which the socket unit "
               "says where to listen: unset one of them");
      }
    }
    Set(c.web.max_connections, "web.max-connections",
        [](std::string_view text) {
          return ParseWholeNumber(text, 1, 100'000);
        });
    Set(c.web.enable_lifecycle, "web.enable-lifecycle", ParseBool);
    Set(c.web.enable_task_api, "web.enable-task-api", ParseBool);
    SetPath(c.web.config_file, "web.config.file");
  }

  void SetShard() {
    Shard& shard = config().shard;
    const auto count =
        Set(shard.count, "shard.count", [](std::string_view text) {
          return ParseWholeNumber(text, 1, kMaxShards);
        });
    const std::size_t problems = problems_.size();
    const auto index =
        Set(shard.index, "shard.index", [this](std::string_view text) {
          return ParseShardIndex(text, input_.environment.HostName());
        });
    if (!index && shard.count > 1 && problems_.size() == problems) {
      // A default would let all shards watch the same part and nobody the rest.
      const bool by_flag = count->place.key.starts_with("--");
      Refuse(count->place,
             "is above 1, so " +
                 std::string(by_flag ? "--shard.index"
                                     : "SERVERSPACE_SHARD_INDEX") +
                 " must say which shard this is: a number from 0 on, or auto "
                 "for the one at the end of the host name");
    }
    if (index && shard.index >= shard.count) {
      Refuse(index->place,
             "the shard is " + std::to_string(shard.index) +
                 ", but the last of " + std::to_string(shard.count) + " is " +
                 std::to_string(shard.count - 1) +
                 ": give each its own --shard.index, and all of them "
                 "--shard.count");
    }
  }

  /// Last, so that a mistake is found by every shard.
  void KeepOwnProjects() {
    std::erase_if(config().projects, [this](const ProjectSettings& project) {
      return !Owns(config().shard, project.name);
    });
  }

  /// The value of a field, or nothing if it is not set or wrong.
  template <typename Parse>
  auto Read(const std::optional<Source>& source, const Parse& parse)
      -> std::optional<
          std::decay_t<decltype(parse(std::string_view()).value())>> {
    if (!source) return std::nullopt;
    auto value = parse(std::string_view(source->texts.front()));
    if (value.ok()) return std::move(value).value();
    Refuse(source->place, value.error().message);
    return std::nullopt;
  }

  BalanceThresholds ReadThresholds(const Fields& fields) {
    const auto critical_source = fields("critical");
    BalanceThresholds thresholds{
        .warning = Read(fields("warning"), ParseAmount),
        .critical = Read(critical_source, ParseAmount)};
    if (thresholds.warning && thresholds.critical &&
        *thresholds.critical > *thresholds.warning) {
      Refuse(critical_source->place,
             "critical (" + thresholds.critical->ToString() +
                 ") is above warning (" + thresholds.warning->ToString() +
                 "): it must be the lower one, as the balance falls");
    }
    return thresholds;
  }

  void SetProjects() {
    for (const Problem& item : file_.Items("projects")) {
      const std::string path = item.key + ".";
      AddProject(
          item,
          [&](std::string_view field) {
            return FromFile(path + std::string(field));
          },
          "base_url");
    }
    const auto directory = SetPath(config().projects_dir, "projects_dir");
    if (directory && !config().projects_dir.empty())
      AddProjectsOf(config().projects_dir, directory->place);

    const bool by_credential = AddProjectsOfCredentials();
    const bool listed = !file_.Items("projects").empty() ||
                        !config().projects_dir.empty() || by_credential;
    if (listed) {
      RefuseVariablesBesideProjects();
    } else {
      AddProjectOfEnvironment();
    }
    std::ranges::sort(config().projects, {}, &ProjectSettings::name);
    WarnOfSharedKeys();
    WarnOfReadableFiles();
  }

  /// Adds the project that `fields` describe; `place` is where as a whole.
  /// Its address can be set by `url_setting`.
  void AddProject(const Problem& place, const Fields& fields,
                  std::string_view url_setting) {
    ProjectSettings project;
    Problem name_place = place;
    const auto name_source = fields("name");
    if (!name_source) {
      Refuse(place, "the project has no name: add `name: ...`");
    } else if (auto name = Read(name_source, ParseProjectName)) {
      project.name = *std::move(name);
      name_place = name_source->place;
      if (IsLeftOut(project.name)) return;
    }

    auto file = fields("api_key_file");
    const auto literal = fields("api_key");
    if (!file && !literal && !project.name.empty())
      file = Credential(std::string(kCredentialPrefix) + project.name);
    const Problem& key_place = file      ? file->place
                               : literal ? literal->place
                                         : place;
    if (file && literal) {
      Refuse(literal->place,
             "is given beside api_key_file: keep one of the two");
    } else if (file) {
      if (const auto path = Read(file, ParsePath)) {
        project.key.file = Resolve(*file, *path);
        ReadKey(project.key, key_place);
      }
    } else if (literal) {
      if (auto key = Read(literal, ParseKey)) project.key.key = *std::move(key);
      if (literal->from_file()) literal_in_file_ = true;
    } else {
      Refuse(place, "the project has no key: add `api_key_file: PATH`");
    }

    if (auto day = Read(fields("api_key_expires"), ParseDate))
      project.api_key_expires = *day;
    project.balance = ReadThresholds([&](std::string_view level) {
      return fields("thresholds.balance." + std::string(level));
    });
    const auto url = fields("base_url");
    if (auto own = Read(url, ParseBaseUrl)) {
      project.base_url = *std::move(own);
    } else if (!url) {
      FindBaseUrl(project, key_place, url_setting);
    }
    Keep(std::move(project), name_place);
  }

  bool IsLeftOut(const std::string& project) const {
    return input_.only_project && project != *input_.only_project;
  }

  void AddProjectsOf(const std::string& directory, const Problem& place) {
    std::error_code error;
    const std::set<fs::path> paths = KeyFilesOf(directory, error);
    if (error)
      return Refuse(place, "cannot list " + directory + ": " + error.message());
    if (paths.empty() && file_.Items("projects").empty())
      return Refuse(place, directory +
                               " has no key: put one file per project "
                               "into it, named like the project");
    for (const fs::path& path : paths)
      AddProjectOf(path, path.filename().string(), place);
  }

  static std::set<fs::path> KeyFilesOf(const std::string& directory,
                                       std::error_code& error) {
    std::set<fs::path> paths;
    for (fs::directory_iterator it(directory, error), end; !error && it != end;
         it.increment(error)) {
      const std::string name = it->path().filename().string();
      if (name.starts_with('.') || name.ends_with('~') ||
          name.ends_with(".tmp")) {
        continue;
      }
      std::error_code unknown;
      // A mounted Kubernetes Secret consists of links to files.
      if (!it->is_directory(unknown)) paths.insert(it->path());
    }
    return paths;
  }

  /// The project of a key file, named as that says.
  void AddProjectOf(const fs::path& path, const std::string& file_name,
                    const Problem& place) {
    if (IsLeftOut(file_name)) return;
    auto name = ParseProjectName(file_name);
    if (!name.ok()) {
      return Refuse(place, name.error().message + ": the file " +
                               path.string() +
                               " must be named like the project");
    }
    ProjectSettings project;
    project.name = std::move(name).value();
    project.key.file = path.string();
    ReadKey(project.key, place);
    FindBaseUrl(project, place,
                config_path_.empty() ? "SERVERSPACE_HOST" : "api.base_url");
    Keep(std::move(project), place);
  }

  /// A project for each key that `LoadCredential=api-key:DIRECTORY` of a unit
  /// provides, but those that were described already. False if there is none.
  bool AddProjectsOfCredentials() {
    const auto source = FromVariable("CREDENTIALS_DIRECTORY", false);
    if (!source) return false;
    std::error_code error;
    bool any = false;
    for (const fs::path& path : KeyFilesOf(source->texts.front(), error)) {
      const std::string file_name = path.filename().string();
      if (!file_name.starts_with(kCredentialPrefix)) continue;
      any = true;
      const std::string name = file_name.substr(kCredentialPrefix.size());
      if (IsLeftOut(name)) continue;
      if (!names_.contains(name)) {
        AddProjectOf(path, name, source->place);
      } else if (std::ranges::none_of(config().projects,
                                      [&path](const ProjectSettings& project) {
                                        return project.key.file ==
                                               path.string();
                                      })) {
        Warn(source->place, "the credential " + file_name +
                                " is not used, as its project has another "
                                "key: remove one of them");
      }
    }
    if (error && error != std::errc::no_such_file_or_directory) {
      Refuse(source->place,
             "cannot list " + source->texts.front() + ": " + error.message());
    }
    return any;
  }

  /// One project without a file, from variables or the systemd credential.
  void AddProjectOfEnvironment() {
    const Problem nowhere;
    auto key_file = FromVariable("SERVERSPACE_API_KEY_FILE", false);
    auto key = FromVariable("SERVERSPACE_API_KEY", false);
    const auto other = FromVariable("SERVERSPACE_KEY", false);
    if (key && other && key->texts != other->texts) {
      return Refuse(other->place,
                    "is not the key in SERVERSPACE_API_KEY: unset one of them");
    }
    if (!key) key = other;
    if (key_file && key) {
      return Refuse(
          key->place,
          "is set beside SERVERSPACE_API_KEY_FILE: unset one of them");
    }
    if (!key_file && !key) key_file = Credential(std::string(kCredentialName));
    if (!key_file && !key) {
      // With other problems in the file this one is likely their consequence.
      if (!problems_.empty()) return;
      return Refuse(
          {config_path_, 0, 0, "", ""},
          "there is no project: set SERVERSPACE_API_KEY_FILE to the path of a "
          "file with the API key, or " +
              std::string(config_path_.empty()
                              ? "give --config.file a file with"
                              : "add") +
              " `projects:`");
    }
    AddProject(
        nowhere,
        [&](std::string_view field) -> std::optional<Source> {
          if (field == "api_key_file") return key_file;
          if (field == "api_key") return key;
          const OptionDoc& option = Option("projects[]." + std::string(field));
          auto source = FromVariable(std::string(option.env), false);
          if (!source && field == "name") source = Source{{"default"}, nowhere};
          return source;
        },
        "SERVERSPACE_HOST");
  }

  /// The file that `LoadCredential=NAME:...` of a unit provides.
  std::optional<Source> Credential(const std::string& name) const {
    auto source = FromVariable("CREDENTIALS_DIRECTORY", false);
    if (!source) return std::nullopt;
    std::string& path = source->texts.front();
    path = (fs::path(path) / name).string();
    std::error_code error;
    if (!fs::exists(path, error)) return std::nullopt;
    return source;
  }

  void RefuseVariablesBesideProjects() {
    const std::string advice = "the projects come from the configuration: ";
    for (const OptionDoc& option : Options()) {
      if (!option.key.starts_with("projects[]")) continue;
      std::vector<std::string> names = {std::string(option.env)};
      const bool is_key = option.key.starts_with("projects[].api_key") &&
                          option.key != "projects[].api_key_expires";
      if (option.key == "projects[].api_key")
        names.push_back("SERVERSPACE_KEY");
      for (const std::string& name : names) {
        const auto source = FromVariable(name, false);
        if (!source) continue;
        if (is_key) {
          Refuse(source->place, "is set, but " + advice + "unset it");
        } else {
          Warn(source->place, "has no effect, as " + advice + "unset it");
        }
      }
    }
    if (const auto credential = Credential(std::string(kCredentialName))) {
      Warn(credential->place, "the credential " + std::string(kCredentialName) +
                                  " is not used, as " + advice + "remove it");
    }
  }

  void ReadKey(KeySource& source, const Problem& place) {
    auto key = ReadKeyFile(source.file);
    if (!key.ok()) return Refuse(place, key.error().message);
    source.key = std::move(key).value();
    if (WorldReadableWarning(source.file))
      readable_files_.emplace_back(place, source.file);
  }

  void FindBaseUrl(ProjectSettings& project, const Problem& place,
                   std::string_view url_setting) {
    if (base_url_) {
      project.base_url = *base_url_;
      return;
    }
    const std::string_view key = project.key.key.Reveal();
    if (key.empty()) return;  // reported already
    if (auto url = FindBrandUrl(key)) {
      project.base_url = *std::move(url);
      return;
    }
    Refuse(place, "the key of project " + Quote(project.name) +
                      " begins with " + Quote(key.substr(0, 2)) +
                      ", which no known brand's keys do: set " +
                      std::string(url_setting) + " to the address of the API");
  }

  void Keep(ProjectSettings project, const Problem& place) {
    if (!project.name.empty()) {
      const auto [first, is_new] = names_.emplace(project.name, place);
      if (!is_new) {
        std::string where = first->second.key;
        if (first->second.line > 0)
          where += " in line " + std::to_string(first->second.line);
        Refuse(place, "the name " + Quote(project.name) + " is taken by " +
                          where + ": each project needs its own");
        return;
      }
    }
    config().projects.push_back(std::move(project));
  }

  /// Two projects with one key show the same money twice.
  void WarnOfSharedKeys() {
    std::map<std::string_view, std::string_view> name_by_key;
    for (const ProjectSettings& project : config().projects) {
      const std::string_view key = project.key.key.Reveal();
      if (key.empty()) continue;
      const auto [first, is_new] = name_by_key.emplace(key, project.name);
      if (is_new) continue;
      Warn(names_[project.name],
           "project " + Quote(project.name) + " has the same key as " +
               Quote(first->second) + ": its money is counted twice");
    }
  }

  void WarnOfReadableFiles() {
    if (literal_in_file_) {
      if (auto warning = WorldReadableWarning(config_path_))
        Warn({config_path_, 0, 0, "", ""}, *std::move(warning));
    }
    if (readable_files_.empty()) return;
    const auto& [place, path] = readable_files_.front();
    std::string warning = WorldReadableWarning(path).value_or("");
    // A thousand keys are one mistake, not a thousand lines of log.
    if (readable_files_.size() > 1) {
      warning += " (and " + std::to_string(readable_files_.size() - 1) +
                 " more key files)";
    }
    Warn(place, std::move(warning));
  }

  void RefuseUnusedFlags() {
    for (const FlagValue& flag : input_.flags) {
      if (!known_flags_.contains(flag.flag))
        Refuse({"", 0, 0, "--" + flag.flag, ""}, "is no setting");
    }
  }

  const LoadInput& input_;
  std::vector<std::string> collector_names_;
  std::string config_path_;
  FileSettings file_;
  std::set<std::string> known_flags_;
  std::optional<HttpsUrl> base_url_;
  std::map<std::string, Problem> names_;  // where each project got its name
  std::vector<std::pair<Problem, std::string>> readable_files_;
  bool literal_in_file_ = false;
  std::vector<Problem> problems_;
  Loaded loaded_;
};

}  // namespace

Result<Loaded, std::vector<Problem>> Load(const LoadInput& input) {
  return Loader(input).Run();
}

Result<WebSettings, std::vector<Problem>> LoadWeb(const LoadInput& input) {
  return Loader(input).RunWeb();
}

}  // namespace serverspace::config
