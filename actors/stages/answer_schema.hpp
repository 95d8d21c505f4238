#pragma once
// The JSON Schema that a stage wants of a model's answers.

#include "pipeline/value.hpp"

#include <filesystem>

namespace troupe {
class json_grammar;
}

namespace troupe::stages {

class answer_schema {
 public:
  answer_schema() = default;  ///< none: any text
  /// Errors say what of `schema` is not supported, by name.
  static result<answer_schema> make(const value& schema);
  /// A file of JSON; errors name it.
  static result<answer_schema> load(const std::filesystem::path& file);

  explicit operator bool() const noexcept { return grammar_ != nullptr; }
  const std::string& text() const noexcept { return text_; }
  /// Of every document: table, list or text; `any` for numbers, and if it can be several.
  slot_type type() const;
  /// A model's answer as a value; an engine that knows nothing of schemas may have written
  /// anything, so it is looked at again.
  result<value> read(std::string_view answer) const;

 private:
  std::string text_;
  std::shared_ptr<const json_grammar> grammar_;
};

}  // namespace troupe::stages
