#include "actors/sim/scripted_models.hpp"

#include "pipeline/json_file.hpp"

#include <algorithm>
#include <array>

namespace troupe::sim {

namespace {

constexpr std::array<std::string_view, 24> words = {
    "lamp",  "order",  "ORD-20931", "refund", "where", "is",   "my",     "invoice",
    "light", "please", "history",   "care",   "灯笼",  "订单", "退款",   "在哪里",
    "发票",  "您好",   "照明",      "历史",   "保养",  "，",   "thanks", "ORD-11111"};

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string first_characters(const std::string& text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if ((text[at] & 0xC0) != 0x80 && count-- == 0) break;
  return text.substr(0, at);
}

class any_engine final : public engine {
 public:
  explicit any_engine(dice& chance) : chance_(chance) {}

  result<generation> generate(const generation_request& request,
                              const std::function<void(std::string_view)>& on_text) override {
    generation made;
    if (request.cancel.stop_requested()) {
      made.reason = finish_reason::cancelled;
      return made;
    }
    for (const auto& m : request.messages)
      made.prompt_tokens += static_cast<std::int64_t>(characters(m.text) / 4 + 1);
    const auto room = std::min(request.max_tokens, request.total_tokens - made.prompt_tokens);
    if (room <= 0) return error{errc::budget, "the prompt leaves no room for an answer"};
    const auto whole = answer(request.messages.empty() ? "" : request.messages.back().text);
    made.text = first_characters(whole, static_cast<std::size_t>(room));
    made.output_tokens = static_cast<std::int64_t>(characters(made.text));
    if (made.text.size() < whole.size()) made.reason = finish_reason::length;
    if (on_text)
      for (std::size_t at = 0; at < made.text.size();) {
        const auto piece = first_characters(made.text.substr(at), 1 + chance_.below(8));
        on_text(piece);
        at += piece.size();
      }
    return made;
  }

 private:
  /// A few lines, sometimes about what was asked, sometimes none at all.
  std::string answer(const std::string& prompt) {
    const auto about = prompt.substr(
        0, prompt.find('\n') == std::string::npos ? 0 : prompt.find('\n', prompt.find('\n') + 1));
    const auto topic =
        about.substr(about.rfind(": ") == std::string::npos ? about.size() : about.rfind(": ") + 2);
    std::string text;
    const auto lines = chance_.below(8);
    const bool on_topic = chance_.happens(0.7);
    for (std::uint64_t i = 0; i < lines; ++i) {
      if (i > 0) text += '\n';
      if (on_topic) text += topic + ' ';
      text += some_text(chance_);
    }
    return text;
  }
  dice& chance_;
};

class any_classifier final : public classifier {
 public:
  any_classifier(std::vector<std::string> labels, dice& chance)
      : labels_(std::move(labels)), chance_(chance) {}
  result<classification> classify(std::string_view) const override {
    classification c;
    c.label = chance_.one_of(labels_);
    c.confidence = chance_.unit();
    c.scores.emplace_back(c.label, c.confidence);
    for (const std::string& l : labels_)
      if (l != c.label)
        c.scores.emplace_back(l, (1 - c.confidence) / static_cast<double>(labels_.size()));
    return c;
  }

 private:
  const std::vector<std::string> labels_;
  dice& chance_;
};

class any_index final : public text_index {
 public:
  any_index(std::size_t size, dice& chance) : size_(size), chance_(chance) {}
  std::vector<search_hit> search(std::string_view, std::size_t top) const override {
    std::vector<search_hit> hits;
    double score = chance_.unit();
    for (std::size_t i = 0; i < std::min(top, size_); ++i, score *= 0.9)
      hits.push_back({static_cast<std::int64_t>((chance_.below(size_) + i) % size_), score});
    return hits;
  }

 private:
  std::size_t size_;
  dice& chance_;
};

class no_encoder final : public text_encoder {
 public:
  std::vector<float> encode(std::string_view) const override { return {0}; }
};

class any_library final : public model_library {
 public:
  explicit any_library(dice& chance) : chance_(chance) {}

  result<std::shared_ptr<const classifier>> load_classifier(
      const std::filesystem::path& folder) override {
    auto config = read_json_file(folder / "config.json");
    if (!config) return std::move(config).error();
    std::vector<std::string> labels;
    if (const value* known = config->find("labels"); known && known->type() == slot_type::list)
      for (const value& l : known->as_list()) labels.push_back(l.to_text());
    if (labels.empty())
      return error{errc::invalid_request,
                   "`" + (folder / "config.json").string() + "` names no `labels`"};
    return std::shared_ptr<const classifier>(
        std::make_shared<any_classifier>(std::move(labels), chance_));
  }

  result<std::shared_ptr<const text_encoder>> load_encoder(const std::filesystem::path&) override {
    return std::shared_ptr<const text_encoder>(std::make_shared<no_encoder>());
  }

  result<std::shared_ptr<const text_index>> make_index(
      std::span<const std::string> texts, std::shared_ptr<const text_encoder>) override {
    return std::shared_ptr<const text_index>(std::make_shared<any_index>(texts.size(), chance_));
  }

 private:
  dice& chance_;
};

class any_http final : public http_client {
 public:
  explicit any_http(dice& chance) : chance_(chance) {}
  result<http_response> send(const http_request&, std::stop_token, time_point) override {
    static constexpr std::array statuses = {200, 200, 200, 404, 500};
    return http_response{chance_.one_of(statuses), {}, R"({"ok":true})"};
  }

 private:
  dice& chance_;
};

}  // namespace

std::string some_text(dice& chance) {
  std::string text;
  for (auto n = chance.between(std::int64_t{1}, 6); n > 0; --n) {
    if (!text.empty()) text += ' ';
    text += chance.one_of(words);
  }
  return text;
}

std::shared_ptr<engine> scripted_engine(dice& chance) {
  return std::make_shared<any_engine>(chance);
}
std::shared_ptr<model_library> scripted_library(dice& chance) {
  return std::make_shared<any_library>(chance);
}
std::shared_ptr<http_client> scripted_http(dice& chance) {
  return std::make_shared<any_http>(chance);
}

}  // namespace troupe::sim
