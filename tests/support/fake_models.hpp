#pragma once
// Stand-ins for what stages ask of the world: an engine that answers from a script, classifiers
// that are functions, an index that compares letters, and a scripted HTTP server. Thread-safe.

#include "pipeline/stage.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <mutex>
#include <set>

namespace troupe::test {

/// Answers from a script, one text per call, in pieces; then with what it was asked last.
class fake_engine final : public engine {
 public:
  explicit fake_engine(std::deque<std::string> script = {}) : script_(std::move(script)) {}

  result<generation> generate(const generation_request& request,
                              const std::function<void(std::string_view)>& on_text) override {
    generation made;
    {
      std::lock_guard lock(mutex_);
      requests_.push_back(request);
      if (failure_) return *failure_;
      made.text = script_.empty() ? request.messages.back().text : std::move(script_.front());
      if (!script_.empty()) script_.pop_front();
    }
    if (request.cancel.stop_requested()) {
      made.text.clear();
      made.reason = finish_reason::cancelled;
      return made;
    }
    for (const auto& message : request.messages) made.prompt_tokens += tokens(message.text);
    std::string whole = std::exchange(made.text, {});
    for (std::size_t at = 0; at < whole.size();) {
      if (made.output_tokens == request.max_tokens) {
        made.reason = finish_reason::length;
        break;
      }
      std::size_t end = at + 1;
      while (end < whole.size() && (whole[end] & 0xC0) == 0x80) ++end;
      made.text += whole.substr(at, end - at);
      if (on_text) on_text(whole.substr(at, end - at));
      ++made.output_tokens;
      at = end;
    }
    return made;
  }

  /// From now on every call fails like this.
  void fail(error e) {
    std::lock_guard lock(mutex_);
    failure_ = std::move(e);
  }
  std::vector<generation_request> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  /// A token is a character.
  static std::int64_t tokens(std::string_view text) {
    std::int64_t n = 0;
    for (char c : text) n += (c & 0xC0) != 0x80;
    return n;
  }
  mutable std::mutex mutex_;
  std::deque<std::string> script_;
  std::vector<generation_request> requests_;
  std::optional<error> failure_;
};

class fake_classifier final : public classifier {
 public:
  using function = std::function<result<classification>(std::string_view)>;
  explicit fake_classifier(function f) : function_(std::move(f)) {}
  result<classification> classify(std::string_view text) const override { return function_(text); }

 private:
  function function_;
};

/// Cosine of the sets of letter pairs: enough to tell related texts from others in any language.
class fake_index final : public text_index {
 public:
  using rewrite = std::function<std::string(std::string_view)>;
  /// `meaning`: what is compared in place of a text.
  explicit fake_index(std::span<const std::string> texts, rewrite meaning = nullptr)
      : meaning_(std::move(meaning)) {
    for (const auto& text : texts) pairs_.push_back(pairs_of(meant(text)));
  }
  std::vector<search_hit> search(std::string_view query, std::size_t top) const override {
    auto wanted = pairs_of(meant(query));
    std::vector<search_hit> hits;
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      std::size_t common = 0;
      for (const auto& pair : wanted) common += pairs_[i].count(pair);
      double size = std::sqrt(static_cast<double>(wanted.size() * pairs_[i].size()));
      hits.push_back(
          {static_cast<std::int64_t>(i), size > 0 ? static_cast<double>(common) / size : 0});
    }
    std::stable_sort(hits.begin(), hits.end(),
                     [](const auto& a, const auto& b) { return a.score > b.score; });
    if (hits.size() > top) hits.resize(top);
    return hits;
  }

 private:
  std::string meant(std::string_view text) const {
    return meaning_ ? meaning_(text) : std::string(text);
  }
  static std::set<std::string> pairs_of(std::string_view text) {
    std::vector<std::string> letters;
    for (std::size_t i = 0; i < text.size();) {
      std::size_t end = i + 1;
      while (end < text.size() && (text[end] & 0xC0) == 0x80) ++end;
      std::string letter(text.substr(i, end - i));
      if (letter.size() == 1 && letter[0] >= 'A' && letter[0] <= 'Z') letter[0] += 'a' - 'A';
      letters.push_back(std::move(letter));
      i = end;
    }
    std::set<std::string> pairs;
    for (std::size_t i = 0; i + 1 < letters.size(); ++i) pairs.insert(letters[i] + letters[i + 1]);
    return pairs;
  }
  rewrite meaning_;
  std::vector<std::set<std::string>> pairs_;
};

/// Knows meanings as other words.
class fake_encoder final : public text_encoder {
 public:
  explicit fake_encoder(fake_index::rewrite meaning) : meaning(std::move(meaning)) {}
  std::vector<float> encode(std::string_view) const override { return {0}; }
  const fake_index::rewrite meaning;
};

/// Gives the classifiers and encoders put in by folder name, and fake indexes.
class fake_library final : public model_library {
 public:
  void put(const std::string& folder_name, fake_classifier::function f) {
    classifiers_[folder_name] = std::make_shared<fake_classifier>(std::move(f));
  }
  result<std::shared_ptr<const classifier>> load_classifier(
      const std::filesystem::path& folder) override {
    auto found = classifiers_.find(folder.filename().string());
    if (found != classifiers_.end()) return std::shared_ptr<const classifier>(found->second);
    return error{errc::not_found, "no classifier in `" + folder.string() + "`"};
  }
  void put_encoder(const std::string& folder_name, fake_index::rewrite meaning) {
    encoders_[folder_name] = std::make_shared<fake_encoder>(std::move(meaning));
  }
  result<std::shared_ptr<const text_encoder>> load_encoder(
      const std::filesystem::path& folder) override {
    auto found = encoders_.find(folder.filename().string());
    if (found != encoders_.end()) return std::shared_ptr<const text_encoder>(found->second);
    return error{errc::not_found, "no encoder in `" + folder.string() + "`"};
  }
  result<std::shared_ptr<const text_index>> make_index(
      std::span<const std::string> texts, std::shared_ptr<const text_encoder> encoder) override {
    ++indexes_made;
    auto meaning = encoder ? static_cast<const fake_encoder&>(*encoder).meaning : nullptr;
    return std::shared_ptr<const text_index>(
        std::make_shared<fake_index>(texts, std::move(meaning)));
  }
  int indexes_made = 0;

 private:
  std::map<std::string, std::shared_ptr<fake_encoder>> encoders_;
  std::map<std::string, std::shared_ptr<classifier>> classifiers_;
};

/// Answers from a script; the last answer stays.
class fake_http_client final : public http_client {
 public:
  explicit fake_http_client(std::deque<result<http_response>> script)
      : script_(std::move(script)) {}
  result<http_response> send(const http_request& request, std::stop_token, time_point) override {
    std::lock_guard lock(mutex_);
    requests_.push_back(request);
    auto answer = script_.front();
    if (script_.size() > 1) script_.pop_front();
    return answer;
  }
  std::vector<http_request> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<result<http_response>> script_;
  std::vector<http_request> requests_;
};

}  // namespace troupe::test
