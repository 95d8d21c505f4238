#pragma once
// Immutable text that many hold at once: a copy costs a reference, not an allocation.

#include <memory>
#include <string>
#include <string_view>

namespace troupe {

class shared_text {
 public:
  shared_text() = default;  ///< empty
  shared_text(std::string text) : text_(std::make_shared<const std::string>(std::move(text))) {}
  shared_text(const char* text) : shared_text(std::string(text)) {}

  const std::string& str() const noexcept { return text_ ? *text_ : nothing(); }
  operator std::string_view() const noexcept { return str(); }

  friend bool operator==(const shared_text& a, std::string_view b) noexcept { return a.str() == b; }

 private:
  static const std::string& nothing() noexcept {
    static const std::string empty;
    return empty;
  }
  std::shared_ptr<const std::string> text_;
};

}  // namespace troupe
