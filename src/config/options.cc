#include "config/options.h"

#include <array>

namespace serverspace::config {
namespace {

constexpr std::array kOptions = {
    OptionDoc{"", "SERVERSPACE_CONFIG_FILE", "config.file", "path", "none",
              "The configuration file."},

    OptionDoc{"api.base_url", "SERVERSPACE_HOST", "api.base-url", "URL",
              "by the first two characters of each key",
              "The API address of all projects that have none of their own."},
    OptionDoc{"api.timeout", "SERVERSPACE_API_TIMEOUT", "api.timeout",
              "duration, 1s to 5m", "20s",
              "The most that one attempt may take, DNS and TLS included."},
    OptionDoc{"api.max_requests_per_second",
              "SERVERSPACE_API_MAX_REQUESTS_PER_SECOND",
              "api.max-requests-per-second", "number, 0.1 to 100", "5",
              "The most requests in a second, per project."},
    OptionDoc{"api.ca_file", "SERVERSPACE_CA_FILE", "api.ca-file", "path",
              "none", "PEM certificates to trust in addition to the system's."},
    OptionDoc{"api.proxy_url", "HTTPS_PROXY", "api.proxy-url",
              "http:// URL or empty", "none",
              "The HTTP proxy on the way to the API; the file beats the "
              "variable, which may be written https_proxy as well."},
    OptionDoc{"api.no_proxy", "NO_PROXY", "api.no-proxy", "text", "none",
              "Hosts to reach without the proxy, separated by commas; the file "
              "beats the variable, which may be written no_proxy as well."},

    OptionDoc{"collectors.NAME.enabled", "SERVERSPACE_COLLECTOR_NAME",
              "collector.NAME", "bool", "by collector",
              "Whether the collector runs."},
    OptionDoc{"collectors.NAME.interval", "SERVERSPACE_COLLECTOR_NAME_INTERVAL",
              "collector.NAME.interval", "duration, 10s to 7d", "by collector",
              "The time from one run to the next."},
    OptionDoc{
        "collectors.NAME.stale_after", "SERVERSPACE_COLLECTOR_NAME_STALE_AFTER",
        "collector.NAME.stale-after", "duration, 10s to 30d", "stale_after",
        "How long the last good data stays; at least three intervals."},
    OptionDoc{
        "stale_after", "SERVERSPACE_STALE_AFTER", "stale-after",
        "duration, 10s to 30d", "10m",
        "How long the last good data of a collector stays; at least three "
        "of its intervals."},

    OptionDoc{"labels.addresses", "SERVERSPACE_LABELS_ADDRESSES",
              "labels.addresses", "bool", "true",
              "Whether network interfaces show their IP and MAC address."},
    OptionDoc{"state_file", "SERVERSPACE_STATE_FILE", "state.file",
              "path or empty", "$STATE_DIRECTORY/state.json, else memory only",
              "Where totals and times survive a restart."},
    OptionDoc{
        "thresholds.balance.CURRENCY.warning", "", "", "number", "none",
        "The balance below which to warn, for projects of this currency."},
    OptionDoc{"thresholds.balance.CURRENCY.critical", "", "", "number", "none",
              "The balance below which it is urgent, for projects of this "
              "currency."},
    OptionDoc{"tasks.watch", "SERVERSPACE_TASKS_WATCH", "tasks.watch",
              "list of paths", "none",
              "Files and directories from which task ids are read.", true},
    OptionDoc{"tasks.keep_finished", "SERVERSPACE_TASKS_KEEP_FINISHED",
              "tasks.keep-finished", "duration, 0s to 30d", "1h",
              "How long a task that has ended is still shown."},

    OptionDoc{"projects_dir", "SERVERSPACE_PROJECTS_DIR", "projects-dir",
              "path", "none",
              "A directory in which each file is a key and its name the "
              "project."},
    OptionDoc{"projects[].name", "SERVERSPACE_PROJECT", "", "text",
              "default (without a file)",
              "The project label; 1 to 128 bytes, each name once."},
    OptionDoc{"projects[].api_key_file", "SERVERSPACE_API_KEY_FILE", "", "path",
              "the systemd credential api-key_NAME, without a file api-key",
              "The file with the key; read again when it changes."},
    OptionDoc{"projects[].api_key", "SERVERSPACE_API_KEY", "", "key", "none",
              "The key itself; a file is safer. The variable may be "
              "SERVERSPACE_KEY as well."},
    OptionDoc{"projects[].base_url", "", "", "URL", "api.base_url",
              "The API address of this project."},
    OptionDoc{"projects[].api_key_expires", "SERVERSPACE_API_KEY_EXPIRES", "",
              "date, YYYY-MM-DD", "none",
              "The day at whose start (UTC) the key expires; the API does not "
              "tell."},
    OptionDoc{"projects[].thresholds.balance.warning",
              "SERVERSPACE_BALANCE_WARNING", "", "number", "by currency",
              "The balance of this project below which to warn."},
    OptionDoc{"projects[].thresholds.balance.critical",
              "SERVERSPACE_BALANCE_CRITICAL", "", "number", "by currency",
              "The balance of this project below which it is urgent."},

    OptionDoc{"", "SERVERSPACE_WEB_LISTEN_ADDRESS", "web.listen-address",
              "list of HOST:PORT", ":10066",
              "Where to serve; without a host, on all addresses.", true},
    OptionDoc{
        "", "SERVERSPACE_WEB_SYSTEMD_SOCKET", "web.systemd-socket", "bool",
        "false",
        "Whether to serve on the sockets of a systemd socket unit instead "
        "of on addresses."},
    OptionDoc{"", "SERVERSPACE_WEB_CONFIG_FILE", "web.config.file", "path",
              "none",
              "TLS, client certificates and passwords, in the format of the "
              "Prometheus exporter-toolkit; read again when it changes."},
    OptionDoc{"", "SERVERSPACE_WEB_MAX_CONNECTIONS", "web.max-connections",
              "number, 1 to 100000", "512",
              "The most inbound connections at once."},
    OptionDoc{"", "SERVERSPACE_WEB_ENABLE_LIFECYCLE", "web.enable-lifecycle",
              "bool", "false", "Whether POST /-/reload is obeyed."},
    OptionDoc{"", "SERVERSPACE_WEB_ENABLE_TASK_API", "web.enable-task-api",
              "bool", "false",
              "Whether /api/v1/tasks lists watched tasks and takes ids, from "
              "those who are authenticated."},

    OptionDoc{"", "SERVERSPACE_SHARD_COUNT", "shard.count", "number, 1 to 1000",
              "1", "Over how many exporters the projects are shared out."},
    OptionDoc{"", "SERVERSPACE_SHARD_INDEX", "shard.index",
              "number or auto, 0 to 999", "0",
              "Which of them this one is; auto takes the number at the end of "
              "the host name."},
};

}  // namespace

std::span<const OptionDoc> Options() { return kOptions; }

std::string ForCollector(std::string_view name, std::string_view collector) {
  std::string filled(name);
  const std::size_t at = filled.find(kAnyCollector);
  if (at != std::string::npos)
    filled.replace(at, kAnyCollector.size(), collector);
  return filled;
}

}  // namespace serverspace::config
