#include "config/file_settings.h"

#include <algorithm>

#include "base/redact.h"
#include "base/text.h"
#include "config/options.h"
#include "config/suggest.h"
#include "config/values.h"

namespace serverspace::config {
namespace {

constexpr std::string_view kItem = "[]";
constexpr std::string_view kCollector = "NAME";
constexpr std::string_view kCurrency = "CURRENCY";

bool IsCurrency(std::string_view text) {
  return text.size() == 3 &&
         std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string Join(const std::string& path, std::string_view name) {
  std::string joined = path.empty() ? "" : path + ".";
  return joined + Printable(RedactKeys(name), 64);
}

}  // namespace

/// The paths of `Options()` as a tree.
struct FileSettings::Schema {
  const OptionDoc* option = nullptr;  // of a leaf
  std::map<std::string, Schema, std::less<>> children;

  static Schema Make() {
    Schema root;
    for (const OptionDoc& option : Options()) {
      if (option.key.empty()) continue;
      Schema* at = &root;
      std::string_view rest = option.key;
      while (!rest.empty()) {
        const std::size_t end =
            rest.starts_with(kItem)
                ? kItem.size()
                : std::min(rest.find_first_of(".["), rest.size());
        at = &at->children[std::string(rest.substr(0, end))];
        rest.remove_prefix(end);
        if (rest.starts_with('.')) rest.remove_prefix(1);
      }
      at->option = &option;
    }
    return root;
  }

  const Schema* Child(std::string_view name) const {
    const auto child = children.find(name);
    return child == children.end() ? nullptr : &child->second;
  }
};

/// One pass over a file's tree.
struct FileSettings::Walk {
  FileSettings& out;
  const std::string& file;
  std::span<const std::string> collectors;
  std::vector<Problem>& problems;

  void Report(const YamlNode& node, const std::string& path,
              std::string message) {
    problems.push_back(
        {file, node.line, node.column, path, std::move(message)});
  }

  void Visit(const YamlNode& node, const Schema& schema,
             const std::string& path) {
    if (schema.option != nullptr) {
      VisitSetting(node, *schema.option, path);
    } else if (const Schema* item = schema.Child(kItem)) {
      VisitItems(node, *item, path);
    } else {
      VisitMap(node, schema, path);
    }
  }

  void VisitSetting(const YamlNode& node, const OptionDoc& option,
                    const std::string& path) {
    Setting setting{{}, {file, node.line, node.column, path, ""}};
    if (node.kind == YamlNode::Kind::kNull)
      return Report(node, path, "has no value: give one or remove the line");
    const std::string type(option.type);
    if (!option.list) {
      if (node.kind != YamlNode::Kind::kScalar)
        return Report(node, path, "must be a single value (" + type + ")");
      setting.texts = {node.text};
    } else {
      if (node.kind != YamlNode::Kind::kList)
        return Report(node, path, "must be a list (" + type + "): [ ... ]");
      for (const YamlNode& item : node.items) {
        if (item.kind == YamlNode::Kind::kScalar && !item.text.empty()) {
          setting.texts.push_back(item.text);
        } else {
          Report(item, path, "each item must be a single value");
        }
      }
    }
    out.settings_.emplace(path, std::move(setting));
  }

  void VisitItems(const YamlNode& node, const Schema& schema,
                  const std::string& path) {
    // A section whose lines are all commented out is none.
    if (node.kind == YamlNode::Kind::kNull) return;
    if (node.kind != YamlNode::Kind::kList)
      return Report(node, path, "must be a list: each item begins with `- `");
    auto& items = out.items_[path];
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const YamlNode& item = node.items[i];
      const std::string item_path = path + "[" + std::to_string(i) + "]";
      if (item.kind != YamlNode::Kind::kMap) {
        Report(item, item_path, "must be a map: lines of `key: value`");
        continue;
      }
      items.push_back({file, item.line, item.column, item_path, ""});
      VisitMap(item, schema, item_path);
    }
  }

  void VisitMap(const YamlNode& node, const Schema& schema,
                const std::string& path) {
    if (node.kind == YamlNode::Kind::kNull) return;
    if (node.kind != YamlNode::Kind::kMap)
      return Report(node, path, "must be a map: lines of `key: value`");
    std::map<std::string_view, int> lines;  // by key, of its first use
    for (const auto& [key, value] : node.entries) {
      if (key.kind != YamlNode::Kind::kScalar) {
        Report(key, path, "a key must be a plain word");
        continue;
      }
      const std::string child_path = Join(path, key.text);
      const auto [first, is_new] = lines.emplace(key.text, key.line);
      if (!is_new) {
        Report(key, child_path,
               "is given twice, first in line " +
                   std::to_string(first->second) + ": keep one");
        continue;
      }
      if (const Schema* child = Known(key, schema, child_path)) {
        Visit(value, *child, child_path);
        if (schema.Child(kCurrency)) out.keys_[path].push_back(key.text);
      }
    }
  }

  /// The schema of a key; reports one that is not known.
  const Schema* Known(const YamlNode& key, const Schema& schema,
                      const std::string& path) {
    if (const Schema* collector = schema.Child(kCollector)) {
      if (std::ranges::find(collectors, key.text) != collectors.end())
        return collector;
      Report(key, path, "unknown collector" + Suggest(key.text, collectors));
      return nullptr;
    }
    if (const Schema* currency = schema.Child(kCurrency)) {
      if (IsCurrency(key.text)) return currency;
      Report(key, path,
             Quote(key.text) +
                 " is not a currency: write its three capital letters, such as "
                 "USD");
      return nullptr;
    }
    if (const Schema* child = schema.Child(key.text)) return child;
    std::vector<std::string> names;
    for (const auto& [name, child] : schema.children) names.push_back(name);
    Report(key, path, "unknown key" + Suggest(key.text, names));
    return nullptr;
  }
};

FileSettings::FileSettings(const YamlNode& root, const std::string& file,
                           std::span<const std::string> collectors,
                           std::vector<Problem>& problems) {
  Walk{*this, file, collectors, problems}.VisitMap(root, Schema::Make(), "");
}

const Setting* FileSettings::Find(std::string_view path) const {
  const auto setting = settings_.find(path);
  return setting == settings_.end() ? nullptr : &setting->second;
}

std::span<const Problem> FileSettings::Items(std::string_view path) const {
  const auto items = items_.find(path);
  if (items == items_.end()) return {};
  return items->second;
}

std::span<const std::string> FileSettings::Keys(std::string_view path) const {
  const auto keys = keys_.find(path);
  if (keys == keys_.end()) return {};
  return keys->second;
}

}  // namespace serverspace::config
