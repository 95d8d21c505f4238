#pragma once
// Replies that were given before, for questions that ask the same.
//
// Two questions ask the same if they have the same words, but for endings, politeness and the like;
// or if the text index finds them alike enough. In any case they must have the same facts: numbers
// and ids in the same order, negations, and what is asked for (when, where, how much).

#include "pipeline/services.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::stages {

/// The facts of a question, as a text to compare.
std::string facts_in(std::string_view question);
/// All of its words that matter, as a text to compare.
std::string essence_of(std::string_view question);

/// In memory, bounded: the entry that was stored first goes first. Thread-safe.
class answer_cache {
 public:
  /// `library` makes the indexes that find questions that are alike; without one only those in the
  /// same words are found.
  explicit answer_cache(std::shared_ptr<model_library> library) : library_(std::move(library)) {}
  /// The cache of this name in the folder of a graph, as long as anybody holds it.
  static std::shared_ptr<answer_cache> shared(const std::filesystem::path& folder,
                                              const std::string& name,
                                              const std::shared_ptr<model_library>& library);

  void set_limit(std::size_t entries);
  /// From now on questions are alike by wording and by the vectors of the encoder in `folder`.
  result<void> use_encoder(const std::filesystem::path& folder);
  /// A reply to the same question in the same scope replaces the older one.
  void store(const std::string& question, const std::string& scope, const std::string& reply,
             time_point now);

  struct wish {
    double threshold = 0.9;  ///< of the text index's score
    std::chrono::milliseconds ttl = std::chrono::hours(1);
  };
  std::optional<std::string> find(const std::string& question, const std::string& scope,
                                  const wish& wanted, time_point now) const;
  std::size_t size() const;

 private:
  struct entry {
    std::string question, facts, essence, scope, reply;
    time_point stored;
  };
  /// An index over entries in a row.
  struct segment {
    std::shared_ptr<const text_index> index;
    std::size_t first = 0, count = 0;
  };

  void forget_oldest();
  void index_newest();
  segment index_of(std::size_t first) const;

  mutable std::mutex mutex_;
  std::shared_ptr<model_library> library_;  // outlives the code of its indexes
  std::filesystem::path encoder_folder_;
  std::shared_ptr<const text_encoder> encoder_;
  std::size_t limit_ = 1000;
  std::vector<entry> entries_;  ///< oldest first
  std::unordered_map<std::string, std::size_t> by_words_;
  /// Most entries, and those that came since; put together when there are as many of either.
  segment settled_, fresh_;
};

}  // namespace troupe::stages
