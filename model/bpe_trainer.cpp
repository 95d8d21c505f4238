#include "model/bpe_trainer.hpp"

#include "model/bpe.hpp"
#include "model/split_pattern.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <unordered_map>

namespace troupe {

namespace {

namespace json = boost::json;

constexpr const char* word_pattern =
    R"(\p{Han}|\n| ?[^\s\p{N}\p{P}\p{S}\p{Han}]+|\p{N}| ?[\p{P}\p{S}]|\s+)";

using id = std::uint32_t;
using pair = std::pair<id, id>;

struct word {
  std::vector<id> ids;
  std::int64_t count = 0;
};

/// Pairs with their counts, the most frequent first; of equals the smaller ids.
class pair_counts {
 public:
  void change(const pair& p, std::int64_t by, std::size_t in_word) {
    auto& e = entries_[p];
    e.count += by;
    if (by > 0) {
      e.words.insert(in_word);
      queue_.push({e.count, {-std::int64_t{p.first}, -std::int64_t{p.second}}});
    }
  }
  struct best_pair {
    pair p;
    std::int64_t count;
  };
  /// Takes the best pair out.
  std::optional<best_pair> pop() {
    while (!queue_.empty()) {
      const auto [count, negative] = queue_.top();
      queue_.pop();
      const pair p{static_cast<id>(-negative.first), static_cast<id>(-negative.second)};
      const auto e = entries_.find(p);
      if (e == entries_.end() || e->second.count <= 0) continue;
      if (e->second.count == count) return best_pair{p, count};
      queue_.push({e->second.count, negative});  // it has become rarer since
    }
    return std::nullopt;
  }
  std::set<std::size_t> take_words(const pair& p) {
    auto node = entries_.extract(p);
    return std::move(node.mapped().words);
  }

 private:
  struct entry {
    std::int64_t count = 0;
    std::set<std::size_t> words;
  };
  std::map<pair, entry> entries_;
  std::priority_queue<std::pair<std::int64_t, std::pair<std::int64_t, std::int64_t>>> queue_;
};

/// The texts without the tokens that are never merged.
std::vector<std::string> between_tokens(std::string_view text,
                                        const std::vector<std::string>& tokens) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto token =
        std::ranges::find_if(tokens, [&](auto& t) { return text.substr(at).starts_with(t); });
    if (token == tokens.end()) {
      ++at;
      continue;
    }
    out.emplace_back(text.substr(begin, at - begin));
    at += token->size();
    begin = at;
  }
  out.emplace_back(text.substr(begin));
  return out;
}

std::vector<word> words_of(const std::vector<std::string>& texts, const split_pattern& split,
                           const std::vector<std::string>& tokens, const std::vector<id>& bytes) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& text : texts)
    for (const auto& part : between_tokens(text, tokens))
      for (auto piece : split.split(part)) ++counts[std::string(piece)];
  std::vector<word> out;
  for (const auto& [text, count] : counts) {
    word w{.ids = {}, .count = count};
    for (char c : text) w.ids.push_back(bytes[static_cast<unsigned char>(c)]);
    out.push_back(std::move(w));
  }
  return out;
}

void merge_in(word& w, std::size_t index, const pair& p, id merged, pair_counts& counts) {
  std::vector<id>& ids = w.ids;
  for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
    if (ids[i] != p.first || ids[i + 1] != p.second) continue;
    if (i > 0) {
      counts.change({ids[i - 1], ids[i]}, -w.count, index);
      counts.change({ids[i - 1], merged}, w.count, index);
    }
    if (i + 2 < ids.size()) {
      counts.change({ids[i + 1], ids[i + 2]}, -w.count, index);
      counts.change({merged, ids[i + 2]}, w.count, index);
    }
    ids[i] = merged;
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
}

json::object added_token_entry(std::int64_t at, const std::string& text, bool special) {
  return {{"id", at},        {"content", text},     {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", special}};
}

}  // namespace

result<std::string> train_bpe(const std::vector<std::string>& texts,
                              const bpe_training& options) try {
  const auto given = static_cast<std::int64_t>(options.special.size() + options.added.size());
  if (options.size < given + 256)
    return error{errc::invalid_request, "a vocabulary of " + std::to_string(options.size) +
                                            " has no room for 256 bytes and " +
                                            std::to_string(given) + " tokens"};
  auto split = split_pattern::compile(word_pattern);
  if (!split) return split.error();
  json::object vocabulary;
  json::array merges, added;
  std::vector<std::string> texts_by_id;
  std::vector<std::string> tokens = options.special;
  tokens.insert(tokens.end(), options.added.begin(), options.added.end());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    added.push_back(
        added_token_entry(static_cast<std::int64_t>(i), tokens[i], i < options.special.size()));
    texts_by_id.emplace_back();
  }
  // Two ways to merge may lead to one text, which has one id.
  auto add = [&](std::string bytes) {
    const auto next = static_cast<id>(texts_by_id.size());
    const auto [at, is_new] = vocabulary.emplace(to_byte_alphabet(bytes), next);
    if (!is_new) return static_cast<id>(at->value().to_number<std::int64_t>());
    texts_by_id.push_back(std::move(bytes));
    return next;
  };
  std::vector<id> bytes;
  for (int b = 0; b < 256; ++b) bytes.push_back(add(std::string(1, static_cast<char>(b))));

  auto words = words_of(texts, *split, tokens, bytes);
  pair_counts counts;
  for (std::size_t i = 0; i < words.size(); ++i)
    for (std::size_t k = 0; k + 1 < words[i].ids.size(); ++k)
      counts.change({words[i].ids[k], words[i].ids[k + 1]}, words[i].count, i);
  while (static_cast<std::int64_t>(texts_by_id.size()) < options.size) {
    const auto best = counts.pop();
    if (!best || best->count < options.least) break;
    const auto [left, right] = best->p;
    const std::string text = texts_by_id[left] + texts_by_id[right];
    const id merged = add(text);
    merges.push_back(json::array{json::string(to_byte_alphabet(texts_by_id[left])),
                                 json::string(to_byte_alphabet(texts_by_id[right]))});
    for (std::size_t i : counts.take_words(best->p)) merge_in(words[i], i, best->p, merged, counts);
  }
  const json::object root{{"version", "1.0"},
                          {"truncation", nullptr},
                          {"padding", nullptr},
                          {"added_tokens", added},
                          {"normalizer", nullptr},
                          {"pre_tokenizer",
                           {{"type", "Sequence"},
                            {"pretokenizers", json::array{{{"type", "Split"},
                                                           {"pattern", {{"Regex", word_pattern}}},
                                                           {"behavior", "Isolated"},
                                                           {"invert", false}},
                                                          {{"type", "ByteLevel"},
                                                           {"add_prefix_space", false},
                                                           {"trim_offsets", false},
                                                           {"use_regex", false}}}}}},
                          {"post_processor", nullptr},
                          {"decoder",
                           {{"type", "ByteLevel"},
                            {"add_prefix_space", true},
                            {"trim_offsets", true},
                            {"use_regex", true}}},
                          {"model",
                           {{"type", "BPE"},
                            {"dropout", nullptr},
                            {"unk_token", nullptr},
                            {"continuing_subword_prefix", nullptr},
                            {"end_of_word_suffix", nullptr},
                            {"fuse_unk", false},
                            {"byte_fallback", false},
                            {"ignore_merges", false},
                            {"vocab", vocabulary},
                            {"merges", merges}}}};
  return json::serialize(root) + "\n";
} catch (const std::exception& e) {
  return error{errc::internal, std::string("the vocabulary cannot be learned: ") + e.what()};
}

}  // namespace troupe
