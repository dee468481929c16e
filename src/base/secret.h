#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace serverspace {

/// A text that must not be shown: it prints as `<redacted>` everywhere, and its
/// memory is wiped when it goes. The one way to the text is `Reveal()`, so
/// every use can be found.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : text_(text) {}
  Secret(const Secret& other) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  std::string_view Reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  friend bool operator==(const Secret& a, const Secret& b) {
    return a.text_ == b.text_;
  }
  friend std::ostream& operator<<(std::ostream& out, const Secret&);

 private:
  void Wipe();

  std::string text_;
};

}  // namespace serverspace
