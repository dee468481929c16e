#include "config/yaml.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/text.h"

namespace serverspace::config {
namespace {

constexpr std::size_t kMaxDepth = 16;

/// Ends the parsing; the problem is with the builder already.
struct Stop {};

/// A text by lines, for places in it as the library gives them: from 0, in
/// bytes.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text), starts_{0} {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
    }
  }

  /// The text from a place on.
  std::string_view From(const YAML::Mark& mark) const {
    const std::size_t start = Start(mark);
    return text_.substr(
        std::min(start + static_cast<std::size_t>(mark.column), text_.size()));
  }

  /// From 1, in characters, as editors count.
  int Column(const YAML::Mark& mark) const {
    const std::string_view before =
        text_.substr(Start(mark), static_cast<std::size_t>(mark.column));
    return 1 + static_cast<int>(std::ranges::count_if(before, [](char c) {
             return (static_cast<std::uint8_t>(c) & 0xC0U) != 0x80;
           }));
  }

  bool HasTabInIndentation(const YAML::Mark& mark) const {
    const std::string_view line = text_.substr(Start(mark));
    return line.substr(0, line.find_first_not_of(" \t")).find('\t') !=
           std::string_view::npos;
  }

 private:
  std::size_t Start(const YAML::Mark& mark) const {
    const auto line = static_cast<std::size_t>(mark.line);
    return line < starts_.size() ? starts_[line] : text_.size();
  }

  std::string_view text_;
  std::vector<std::size_t> starts_;
};

/// Whether the quoted scalar at the start of `text` ends. The library takes
/// the end of the file for the closing quote.
bool IsClosed(std::string_view text) {
  const char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || !text.substr(i + 1).starts_with(quote)) return true;
      ++i;  // two single quotes stand for one
    }
  }
  return false;
}

/// Makes the tree out of the library's events.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const Lines& lines, const std::string& file)
      : lines_(lines), file_(file) {}

  YamlNode TakeRoot() { return std::move(root_); }
  std::vector<Problem> TakeProblems() { return std::move(problems_); }
  bool has_document() const { return has_document_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (has_document_) {
      Refuse(mark,
             "a second document begins here: check the indentation, or remove "
             "the `---`");
      throw Stop();
    }
    has_document_ = true;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Check(mark, "", anchor);
    Add(Node(mark, YamlNode::Kind::kNull));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    RefuseReferences(mark);
    Add(Node(mark, YamlNode::Kind::kNull));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor, const std::string& value) override {
    Check(mark, tag, anchor);
    const std::string_view source = lines_.From(mark);
    if ((source.starts_with('"') || source.starts_with('\'')) &&
        !IsClosed(source)) {
      Refuse(mark, "this quote is not closed");
    }
    YamlNode node = Node(mark, YamlNode::Kind::kScalar);
    node.text = value;
    Add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Check(mark, tag, anchor);
    Open(mark, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    Check(mark, tag, anchor);
    Open(mark, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Unfinished {
    YamlNode node;
    std::optional<YamlNode> key;  // of the entry whose value comes next
  };

  YamlNode Node(const YAML::Mark& mark, YamlNode::Kind kind) const {
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = lines_.Column(mark);
    return node;
  }

  void Refuse(const YAML::Mark& mark, std::string message) {
    problems_.push_back(
        {file_, mark.line + 1, lines_.Column(mark), "", std::move(message)});
  }

  /// The first one stands for all.
  void RefuseReferences(const YAML::Mark& mark) {
    if (has_references_) return;
    has_references_ = true;
    Refuse(mark,
           "anchors and aliases (& and *) are not supported: write each value "
           "out");
  }

  void Check(const YAML::Mark& mark, const std::string& tag,
             YAML::anchor_t anchor) {
    if (anchor != 0) RefuseReferences(mark);
    // The library's own marks for plain and quoted scalars.
    if (!tag.empty() && tag != "?" && tag != "!")
      Refuse(mark, "tags are not supported: remove it");
  }

  void Open(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (open_.size() == kMaxDepth) {
      Refuse(mark,
             "is nested too deep: nothing here has more than a few levels");
      throw Stop();
    }
    open_.push_back({Node(mark, kind), std::nullopt});
  }

  void Close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    Add(std::move(node));
  }

  void Add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Unfinished& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::kList) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      parent.key = std::move(node);
    } else {
      parent.node.entries.push_back({*std::move(parent.key), std::move(node)});
      parent.key.reset();
    }
  }

  const Lines& lines_;
  const std::string& file_;
  bool has_document_ = false;
  bool has_references_ = false;
  YamlNode root_;
  std::vector<Unfinished> open_;
  std::vector<Problem> problems_;
};

/// What the library says, in words that tell what to do. Its own text can end
/// with a piece of the input, so it is never passed on.
std::string Explain(const std::string& message) {
  struct Row {
    std::string_view begin;
    std::string_view words;
  };
  using namespace YAML::ErrorMsg;
  static const std::array kRows = {
      Row{END_OF_MAP_FLOW, "a `{` before this place has no `}`"},
      Row{END_OF_SEQ_FLOW, "a `[` before this place has no `]`"},
      Row{END_OF_MAP,
          "does not line up with the entries above: check the indentation and "
          "that each line reads `key: value`"},
      Row{END_OF_SEQ,
          "does not line up with the list above: each item begins with `- `"},
      Row{BLOCK_ENTRY,
          "a list item is not allowed here: put it on its own "
          "line, indented alike"},
      Row{MAP_KEY, "a key is not allowed here: put it on its own line"},
      Row{MAP_VALUE,
          "a `: ` that does not fit: quote a value that has one, and check "
          "that "
          "the line above reads `key: value`"},
      Row{EOF_IN_SCALAR, "a quote is not closed"},
      Row{DOC_IN_SCALAR, "a quote is not closed"},
      Row{INVALID_ESCAPE,
          "an unknown escape after `\\`: use single quotes or `\\\\`"},
      Row{UNKNOWN_ANCHOR,
          "anchors and aliases (& and *) are not supported: write each value "
          "out"},
      Row{UNKNOWN_TOKEN,
          "this character cannot begin a value: put the value in quotes"},
  };
  const auto row = std::ranges::find_if(
      kRows, [&](const Row& r) { return message.starts_with(r.begin); });
  return row != kRows.end() ? std::string(row->words) : "is no valid YAML here";
}

/// The library takes a NUL for the end and reads on over other control
/// characters, and it guesses UTF-16 from zeros.
std::optional<Problem> FindForeignByte(std::string_view text,
                                       const std::string& file) {
  int line = 1;
  std::size_t line_start = 0;
  const auto here = [&](std::size_t i, std::string message) {
    return Problem{file, line, static_cast<int>(i - line_start) + 1, "",
                   std::move(message)};
  };
  const auto is_foreign = [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_foreign(text[i]))
      return here(i, "a control character is not allowed: save as UTF-8 text");
    if (text[i] == '\n') {
      const std::string_view row = text.substr(line_start, i - line_start);
      if (!IsValidUtf8(row)) return here(line_start, "is not valid UTF-8");
      ++line;
      line_start = i + 1;
    }
  }
  if (!IsValidUtf8(text.substr(line_start)))
    return here(line_start, "is not valid UTF-8");
  return std::nullopt;
}

}  // namespace

Result<YamlNode, std::vector<Problem>> ParseYaml(std::string_view text,
                                                 const std::string& file) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return std::vector<Problem>{{file, 0, 0, "", "is UTF-16: save as UTF-8"}};
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (auto problem = FindForeignByte(text, file))
    return std::vector<Problem>{*std::move(problem)};

  const Lines lines(text);
  TreeBuilder builder(lines, file);
  std::optional<Problem> broken;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
  } catch (const YAML::Exception& e) {
    broken = Problem{file, e.mark.line + 1, lines.Column(e.mark), "",
                     lines.HasTabInIndentation(e.mark)
                         ? "a tab in the indentation: use spaces"
                         : Explain(e.msg)};
  }
  std::vector<Problem> problems = builder.TakeProblems();
  if (broken) problems.push_back(*std::move(broken));
  if (!problems.empty()) return problems;
  return builder.TakeRoot();
}

}  // namespace serverspace::config
