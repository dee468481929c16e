#include "server/web_config.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <set>
#include <span>

#include "base/file.h"
#include "base/redact.h"
#include "base/text.h"
#include "config/suggest.h"
#include "config/values.h"
#include "config/yaml.h"

namespace serverspace::server {
namespace {

using config::Problem;
using config::Quote;
using config::YamlNode;
using Kind = YamlNode::Kind;

constexpr std::size_t kMaxBytes = 1024 * 1024;

struct ClientCertificateWord {
  std::string_view word;
  ClientCertificates meaning;
};
constexpr std::array kClientCertificateWords = {
    ClientCertificateWord{"NoClientCert", ClientCertificates::kNone},
    ClientCertificateWord{"RequestClientCert", ClientCertificates::kRequested},
    ClientCertificateWord{"RequireAnyClientCert",
                          ClientCertificates::kRequired},
    // An older word for the one before.
    ClientCertificateWord{"RequireClientCert", ClientCertificates::kRequired},
    ClientCertificateWord{"VerifyClientCertIfGiven",
                          ClientCertificates::kVerifiedIfGiven},
    ClientCertificateWord{"RequireAndVerifyClientCert",
                          ClientCertificates::kVerified},
};

constexpr std::array<std::string_view, 5> kHeaders = {
    "Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options",
    "X-XSS-Protection", "Strict-Transport-Security"};

bool IsHeaderText(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// One pass over the tree of a file.
class Reader {
 public:
  explicit Reader(const std::string& path)
      : path_(path), directory_(std::filesystem::path(path).parent_path()) {}

  WebConfig config;
  std::vector<Problem> problems;

  void Read(const YamlNode& root) {
    // An empty file asks for nothing.
    if (root.kind == Kind::kNull) return;
    Visit(
        root, "",
        {{"tls_server_config", [this](const YamlNode& node) { ReadTls(node); }},
         {"http_server_config",
          [this](const YamlNode& node) { ReadHttp(node); }},
         {"basic_auth_users",
          [this](const YamlNode& node) { ReadUsers(node); }}});
  }

 private:
  using Field = std::pair<std::string, std::function<void(const YamlNode&)>>;

  Problem Place(const YamlNode& node, const std::string& key) const {
    return {path_, node.line, node.column, key, ""};
  }

  void Refuse(Problem place, std::string message) {
    place.message = std::move(message);
    problems.push_back(std::move(place));
  }

  /// Hands the value of each key of a map to its field.
  void Visit(const YamlNode& map, const std::string& path,
             const std::vector<Field>& fields) {
    if (map.kind != Kind::kMap)
      return Refuse(Place(map, path), "must be a map: `key: value` lines");
    std::set<std::string> seen;
    for (const auto& [key, value] : map.entries) {
      const std::string full = Join(path, key.text);
      const auto field = std::ranges::find(fields, key.text, &Field::first);
      if (field == fields.end()) {
        Refuse(Place(key, full), Unknown(key.text, fields));
      } else if (!seen.insert(key.text).second) {
        Refuse(Place(key, full), "is set twice");
      } else {
        key_ = full;
        field->second(value);
      }
    }
  }

  /// No key and no user's name holds a colon or begins as a hash does: that is
  /// a user and a secret without the blank between them, or the two swapped.
  static std::string Join(const std::string& path, std::string_view name) {
    const bool secret =
        name.find(':') != std::string_view::npos || name.starts_with("$2");
    return (path.empty() ? "" : path + ".") +
           (secret ? "<a name that is not shown>"
                   : Printable(RedactKeys(name), 64));
  }

  static std::string Unknown(std::string_view key,
                             const std::vector<Field>& fields) {
    if (key == "cert" || key == "key" || key == "client_ca") {
      return "is not supported here: store it in a file and name that as " +
             std::string(key) + "_file";
    }
    if (key == "rate_limit") {
      return "is not supported: the exporter has limits of its own, and a "
             "scrape costs next to nothing; remove it";
    }
    std::vector<std::string> names;
    for (const auto& [name, read] : fields) names.push_back(name);
    return "unknown key" + config::Suggest(key, names);
  }

  std::optional<std::string> Text(const YamlNode& node) {
    if (node.kind == Kind::kScalar) return node.text;
    Refuse(Place(node, key_), "must be a single value");
    return std::nullopt;
  }

  std::vector<std::string> List(const YamlNode& node,
                                std::span<const std::string_view> known = {}) {
    std::vector<std::string> list;
    if (node.kind != Kind::kList) {
      Refuse(Place(node, key_), "must be a list: [ ... ]");
      return list;
    }
    for (const YamlNode& item : node.items) {
      if (item.kind != Kind::kScalar || item.text.empty()) {
        Refuse(Place(item, key_), "each item must be a single value");
      } else if (!known.empty() &&
                 std::ranges::find(known, item.text) == known.end()) {
        const std::vector<std::string> words(known.begin(), known.end());
        Refuse(Place(item, key_), Quote(item.text) + " is not offered" +
                                      config::Suggest(item.text, words));
      } else {
        list.push_back(item.text);
      }
    }
    return list;
  }

  void Switch(const YamlNode& node, bool& out) {
    const auto text = Text(node);
    if (!text) return;
    const auto value = config::ParseBool(*text);
    if (!value.ok()) return Refuse(Place(node, key_), value.error().message);
    out = value.value();
  }

  void Path(const YamlNode& node, std::string_view setting, std::string& out) {
    const auto text = Text(node);
    if (!text) return;
    config.places[std::string(setting)] = Place(node, key_);
    // Of a key itself, no part may come back in an error.
    if (text->find("-----BEGIN") != std::string::npos ||
        text->find('\n') != std::string::npos) {
      return Refuse(Place(node, key_),
                    "must be the path of a file, not what stands in it");
    }
    if (!text->empty()) out = (directory_ / *text).string();
  }

  void Version(const YamlNode& node, TlsVersion& out) {
    const auto text = Text(node);
    if (!text) return;
    if (*text == "TLS12") {
      out = TlsVersion::kTls12;
    } else if (*text == "TLS13") {
      out = TlsVersion::kTls13;
    } else {
      const bool is_old = *text == "TLS10" || *text == "TLS11";
      Refuse(Place(node, key_),
             Quote(*text) + (is_old ? " is no longer safe" : " is unknown") +
                 ": write TLS12 or TLS13");
    }
  }

  void ReadTls(const YamlNode& map) {
    TlsSettings& tls = config.tls.emplace();
    const auto place = [this](const YamlNode& node, const char* setting) {
      config.places[setting] = Place(node, key_);
    };
    Visit(map, "tls_server_config",
          {{"cert_file",
            [&](const YamlNode& n) { Path(n, "cert_file", tls.cert_file); }},
           {"key_file",
            [&](const YamlNode& n) { Path(n, "key_file", tls.key_file); }},
           {"client_ca_file",
            [&](const YamlNode& n) {
              Path(n, "client_ca_file", tls.client_ca_file);
            }},
           {"client_auth_type",
            [&](const YamlNode& n) {
              place(n, "client_auth_type");
              ReadAuthType(n, tls);
            }},
           {"client_allowed_sans",
            [&](const YamlNode& n) {
              place(n, "client_allowed_sans");
              tls.client_allowed_sans = List(n);
            }},
           {"min_version",
            [&](const YamlNode& n) {
              place(n, "min_version");
              Version(n, tls.min_version);
            }},
           {"max_version",
            [&](const YamlNode& n) { Version(n, tls.max_version); }},
           {"cipher_suites",
            [&](const YamlNode& n) {
              place(n, "cipher_suites");
              tls.cipher_suites = List(n, KnownCipherSuites());
            }},
           {"curve_preferences",
            [&](const YamlNode& n) {
              place(n, "curve_preferences");
              tls.curve_preferences = List(n, KnownCurves());
            }},
           {"prefer_server_cipher_suites", [&](const YamlNode& n) {
              Switch(n, tls.prefer_server_cipher_suites);
            }}});
    if (map.kind == Kind::kMap) CheckTls(map, tls);
  }

  void ReadAuthType(const YamlNode& node, TlsSettings& tls) {
    const auto text = Text(node);
    if (!text || text->empty()) return;
    const auto word = std::ranges::find(kClientCertificateWords, *text,
                                        &ClientCertificateWord::word);
    if (word != kClientCertificateWords.end()) {
      tls.client_certificates = word->meaning;
      return;
    }
    std::vector<std::string> words;
    for (const ClientCertificateWord& known : kClientCertificateWords)
      words.emplace_back(known.word);
    Refuse(Place(node, key_),
           Quote(*text) + " is unknown" + config::Suggest(*text, words));
  }

  Problem TlsPlace(const YamlNode& map, std::string_view setting) const {
    const auto found = config.places.find(setting);
    return found == config.places.end() ? Place(map, "tls_server_config")
                                        : found->second;
  }

  /// What does not fit together.
  void CheckTls(const YamlNode& map, const TlsSettings& tls) {
    const bool complete = !tls.cert_file.empty() && !tls.key_file.empty();
    for (const auto& [setting, value] :
         {std::pair("cert_file", &tls.cert_file),
          std::pair("key_file", &tls.key_file)}) {
      if (value->empty()) {
        Refuse(TlsPlace(map, setting),
               std::string("needs a ") + setting + ": the path of a PEM file");
      } else if (!complete) {
        // Nobody will read it now, so that its own mistake shows as well.
        const auto read = ReadFile(*value, kMaxBytes);
        if (!read.ok()) Refuse(TlsPlace(map, setting), read.error().message);
      }
    }
    const bool verified = Verifies(tls.client_certificates);
    if (verified && tls.client_ca_file.empty()) {
      Refuse(TlsPlace(map, "client_auth_type"),
             "verifies clients, so client_ca_file must say by whose signature");
    }
    if (!tls.client_ca_file.empty() && !verified) {
      Refuse(TlsPlace(map, "client_ca_file"),
             "has no effect unless client_auth_type is "
             "RequireAndVerifyClientCert or VerifyClientCertIfGiven");
    }
    if (!tls.client_allowed_sans.empty() &&
        tls.client_certificates != ClientCertificates::kVerified) {
      Refuse(TlsPlace(map, "client_allowed_sans"),
             "needs client_auth_type RequireAndVerifyClientCert: without, a "
             "client may claim any name, or show none");
    }
    if (tls.min_version > tls.max_version)
      Refuse(TlsPlace(map, "min_version"), "is above max_version");
  }

  void ReadHttp(const YamlNode& map) {
    Visit(map, "http_server_config",
          {{"http2",
            [&](const YamlNode& node) {
              bool wanted = true;
              Switch(node, wanted);
              if (!wanted) return;
              Problem note = Place(node, key_);
              note.message =
                  "has no effect: the exporter speaks HTTP/1.1, which clients "
                  "agree to by themselves";
              config.warnings.push_back(std::move(note));
            }},
           {"headers", [&](const YamlNode& node) { ReadHeaders(node); }}});
  }

  void ReadHeaders(const YamlNode& map) {
    std::vector<Field> fields;
    for (const std::string_view name : kHeaders) {
      fields.emplace_back(
          name, [this, name](const YamlNode& node) { ReadHeader(node, name); });
    }
    Visit(map, "http_server_config.headers", fields);
  }

  void ReadHeader(const YamlNode& node, std::string_view name) {
    const auto text = Text(node);
    // Blank leaves the header as it is.
    if (!text || text->empty()) return;
    const std::string lower = ToLower(*text);
    if (!IsHeaderText(*text)) {
      Refuse(Place(node, key_), "must be printable ASCII on one line");
    } else if (name == "X-Frame-Options" && lower != "deny" &&
               lower != "sameorigin") {
      Refuse(Place(node, key_), "must be deny or sameorigin");
    } else if (name == "X-Content-Type-Options" && lower != "nosniff") {
      Refuse(Place(node, key_), "must be nosniff");
    } else {
      config.headers.emplace_back(name, *text);
    }
  }

  void ReadUsers(const YamlNode& map) {
    if (map.kind == Kind::kNull) return;
    if (map.kind != Kind::kMap) {
      return Refuse(Place(map, "basic_auth_users"),
                    "must be a map: `user: bcrypt hash` lines");
    }
    for (const auto& [user, hash] : map.entries) {
      const Problem place = Place(user, Join("basic_auth_users", user.text));
      if (user.text.empty() || user.text.find(':') != std::string::npos) {
        Refuse(place,
               "a user's name must not be empty and holds no colon; write "
               "`user: bcrypt hash` with a blank between the two");
        continue;
      }
      const auto good = hash.kind == Kind::kScalar
                            ? CheckPasswordHash(hash.text)
                            : CheckPasswordHash("");
      if (!good.ok()) {
        Refuse(place, good.error().message);
      } else if (!config.users.emplace(user.text, Secret(hash.text)).second) {
        Refuse(place, "is set twice");
      }
    }
  }

  const std::string& path_;
  const std::filesystem::path directory_;
  std::string key_;  // of the value that is being read
};

}  // namespace

Result<WebConfig, std::vector<Problem>> ReadWebConfig(const std::string& path) {
  const auto text = ReadFile(path, kMaxBytes);
  if (!text.ok())
    return std::vector<Problem>{{"", 0, 0, "", text.error().message}};
  const auto root = config::ParseYaml(text.value(), path);
  if (!root.ok()) return root.error();
  Reader reader(path);
  reader.Read(root.value());
  if (!reader.problems.empty()) {
    std::ranges::stable_sort(reader.problems, {}, &Problem::line);
    return std::move(reader.problems);
  }
  return std::move(reader.config);
}

Result<std::shared_ptr<const TlsServerContext>, std::vector<Problem>> LoadTls(
    const WebConfig& config) {
  if (!config.tls) return std::shared_ptr<const TlsServerContext>();
  auto context = TlsServerContext::Load(*config.tls);
  if (context.ok()) return std::move(context).value();
  Problem problem;
  const auto place = config.places.find(context.error().setting);
  if (place != config.places.end()) problem = place->second;
  problem.message = context.error().message;
  return std::vector<Problem>{std::move(problem)};
}

}  // namespace serverspace::server
