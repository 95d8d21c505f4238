#include "model/lm_data.hpp"

#include "model/chat_prompt.hpp"

#include <algorithm>
#include <numeric>

namespace troupe {

namespace {

/// So many sequences are sorted by length together.
constexpr std::size_t window = 1024;

template <class T>
void shuffle(std::vector<T>& items, random_source& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

}  // namespace

std::pair<std::string, std::string> as_read(const lm_example& example,
                                            const std::optional<prompt_format>& format) {
  if (!format) return {example.prompt, example.answer};
  const auto prompt = delexicaliser(*format).read(example.prompt);
  return {prompt.text, with_placeholders(example.answer, prompt)};
}

std::vector<lm_sequence> make_sequences(const std::vector<lm_example>& examples,
                                        const std::optional<prompt_format>& format,
                                        const tokenizer& words, std::int64_t context) {
  std::vector<lm_sequence> out;
  for (const auto& example : examples) {
    const auto [prompt, answer] = as_read(example, format);
    const chat_message message{chat_message::role_type::user, prompt};
    auto framed = make_chat_prompt(words, std::nullopt, {&message, 1});
    lm_sequence s{.ids = std::move(framed.ids), .prompt = 0};
    s.prompt = s.ids.size();
    const auto ids = words.encode(answer, control_tokens::as_text);
    s.ids.insert(s.ids.end(), ids.begin(), ids.end());
    s.ids.insert(s.ids.end(), framed.end.begin(), framed.end.end());
    if (std::ssize(s.ids) <= context) out.push_back(std::move(s));
  }
  return out;
}

batch_plan::batch_plan(const std::vector<lm_sequence>& sequences, std::int64_t tokens,
                       std::uint64_t seed)
    : sequences_(sequences),
      tokens_(static_cast<std::size_t>(std::max<std::int64_t>(tokens, 1))),
      random_(seed),
      order_(sequences.size()) {
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  at_ = order_.size();
}

void batch_plan::fill() {
  if (at_ == order_.size()) {
    shuffle(order_, random_);
    at_ = 0;
  }
  const auto end = std::min(at_ + window, order_.size());
  std::vector<std::size_t> some(order_.begin() + static_cast<std::ptrdiff_t>(at_),
                                order_.begin() + static_cast<std::ptrdiff_t>(end));
  at_ = end;
  std::ranges::stable_sort(some, {}, [&](std::size_t i) { return sequences_[i].ids.size(); });
  std::vector<std::size_t> batch;
  for (std::size_t i : some) {
    if (!batch.empty() && (batch.size() + 1) * sequences_[i].ids.size() > tokens_)
      ready_.push_back(std::exchange(batch, {}));
    batch.push_back(i);
  }
  ready_.push_back(std::move(batch));
  shuffle(ready_, random_);
}

std::vector<std::size_t> batch_plan::next() {
  if (ready_.empty()) fill();
  auto batch = std::move(ready_.back());
  ready_.pop_back();
  return batch;
}

}  // namespace troupe
