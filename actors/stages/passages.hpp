#pragma once
// The articles that the `knowledge` stage answers from, read from TOML files and made searchable:
//
//   [[article]]
//   id      = "cancel-order"
//   intents = ["cancel_order"]      # what users want who need it
//   main    = true                  # the article for these intents if nothing fits better
//   title   = "How do I cancel my order?"
//   also    = ["please cancel what I bought"]      # other ways to ask for it
//   text    = "You can cancel free of charge as long as …"

#include "pipeline/services.hpp"

#include <filesystem>
#include <map>

namespace troupe::stages {

struct article {
  std::string id, title, text;
  std::vector<std::string> intents, also;
  bool main = false;
  std::string language;  ///< en or zh, as the title shows it
};

/// Errors: `not_found`, or `invalid_request` with file, line and column.
result<std::vector<article>> read_articles(const std::filesystem::path& file);
result<std::vector<article>> parse_articles(std::string_view toml, std::string_view file);

/// Articles with one index per language. Immutable, shared by all stages that name the same files.
class passage_index {
 public:
  struct hit {
    const article* found = nullptr;
    double score = 0;  ///< the best of its title, its other questions and its text, in [0, 1]
  };

  /// Reads and indexes `files`, or gives the index that another stage made of the same files with
  /// the same library and encoder, as long as none of them has changed. `encoder`: its folder;
  /// empty: by wording alone. Thread-safe.
  static result<std::shared_ptr<const passage_index>> shared(
      const std::vector<std::filesystem::path>& files,
      const std::shared_ptr<model_library>& library, const std::filesystem::path& encoder = {});
  static result<std::shared_ptr<const passage_index>> build(
      std::vector<article> articles, std::shared_ptr<model_library> library,
      const std::filesystem::path& encoder = {});

  /// All articles near `question`, best first; those in its language only, if there are any.
  std::vector<hit> search(std::string_view question) const;
  /// Articles of the language that `question` is searched in.
  std::vector<const article*> in_language_of(std::string_view question) const;

 private:
  struct part {
    std::shared_ptr<const text_index> index;
    std::vector<const article*> owners;  ///< article of each indexed text
  };
  const std::string& language_for(std::string_view question) const;

  std::vector<article> articles_;
  std::map<std::string, part, std::less<>> parts_;
  std::shared_ptr<model_library> library_;  // outlives the code of its indexes
};

}  // namespace troupe::stages
