#include "model/features.hpp"

#include <algorithm>
#include <span>

namespace troupe {

namespace {

/// What an n-gram is made of; part of the hash, so that "a" the word is not "a" the character.
enum class space : std::uint8_t { word, skip, characters, han, punctuation, slot_name };

/// FNV-1a over the parts, then the finaliser of MurmurHash3.
class hasher {
 public:
  explicit hasher(space s) { byte(static_cast<unsigned char>(s)); }
  void text(std::string_view part) {
    for (char c : part) byte(static_cast<unsigned char>(c));
    byte(0x1f);
  }
  std::uint32_t value(std::uint32_t buckets) const {
    std::uint64_t h = h_;
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdull;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53ull;
    return static_cast<std::uint32_t>((h ^ (h >> 33)) % buckets);
  }

 private:
  void byte(unsigned char b) { h_ = (h_ ^ b) * 0x100000001b3ull; }
  std::uint64_t h_ = 0xcbf29ce484222325ull;
};

bool follows(unsigned char c) { return (c & 0xc0) == 0x80; }

class extractor {
 public:
  explicit extractor(const feature_options& options) : options_(options) {}

  std::vector<std::uint32_t> run(std::span<const text_token> tokens) {
    // Han runs, words and markers share one sequence: borders between them are crossed by word
    // n-grams only through single characters.
    std::vector<std::string_view> words;
    std::vector<std::string_view> han;
    for (const text_token& t : tokens) {
      if (t.kind != token_kind::han) flush_han(han);
      if (t.kind == token_kind::punctuation) {
        add(space::punctuation, {&t.text, 1});
        continue;
      }
      if (t.kind == token_kind::han) {
        han.push_back(t.text);
        continue;
      }
      words.push_back(t.text);
      if (t.kind == token_kind::word) characters(t.text);
      if (!t.name.empty()) add(space::slot_name, {&t.name, 1});
    }
    flush_han(han);
    grams(space::word, words, options_.words);
    if (options_.skips > 0)
      for (std::size_t i = 0; i + 2 < words.size(); ++i) pair(words[i], words[i + 2]);
    std::sort(ids_.begin(), ids_.end());
    ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
    return std::move(ids_);
  }

 private:
  void add(space s, std::span<const std::string> parts) {
    hasher h(s);
    for (auto& p : parts) h.text(p);
    ids_.push_back(h.value(options_.buckets));
  }

  void pair(std::string_view a, std::string_view b) {
    hasher h(space::skip);
    h.text(a);
    h.text(b);
    ids_.push_back(h.value(options_.buckets));
  }

  void grams(space s, std::span<const std::string_view> items, int longest) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      hasher h(s);
      for (std::size_t n = 0; n < static_cast<std::size_t>(longest) && i + n < items.size(); ++n) {
        h.text(items[i + n]);
        ids_.push_back(h.value(options_.buckets));
      }
    }
  }

  void flush_han(std::vector<std::string_view>& run) {
    grams(space::han, run, options_.han);
    if (options_.skips > 0)
      for (std::size_t i = 0; i + 2 < run.size(); ++i) pair(run[i], run[i + 2]);
    run.clear();
  }

  void characters(const std::string& word) {
    const std::string bounded = '<' + word + '>';
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < bounded.size(); ++i)
      if (!follows(static_cast<unsigned char>(bounded[i]))) starts.push_back(i);
    const auto count = starts.size();
    starts.push_back(bounded.size());
    for (std::size_t i = 0; i < count; ++i) {
      for (auto n = static_cast<std::size_t>(options_.shortest);
           n <= static_cast<std::size_t>(options_.longest) && i + n <= count; ++n) {
        hasher h(space::characters);
        h.text(std::string_view(bounded).substr(starts[i], starts[i + n] - starts[i]));
        ids_.push_back(h.value(options_.buckets));
      }
    }
  }

  const feature_options& options_;
  std::vector<std::uint32_t> ids_;
};

}  // namespace

std::vector<std::uint32_t> hash_features(const std::vector<text_token>& tokens,
                                         const feature_options& options) {
  return extractor(options).run(tokens);
}

std::vector<std::uint32_t> hash_features(std::string_view text, const feature_options& options) {
  return hash_features(tokenise_text(text), options);
}

}  // namespace troupe
