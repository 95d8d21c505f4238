// How fast text is moderated against 10,000 listed words, whole and in pieces of a few letters.

#include "actors/stages/moderation_filter.hpp"

#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>
#include <random>

namespace troupe::bench {

namespace {

using stages::moderation_filter;
using stages::word_patterns;

constexpr std::size_t listed = 10'000;
constexpr std::size_t text_size = 4 << 20;

std::string file(const char* name) {
  std::ifstream in(std::string(TROUPE_SOURCE_DIR) + "/examples/customer_service/data/" + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Half are made-up English words, half are two to four Chinese characters of the texts below.
std::shared_ptr<const word_patterns> ten_thousand_words() {
  std::mt19937 random(7);
  auto pick = [&](const auto& from) -> auto& { return from[random() % from.size()]; };
  const std::vector<std::string> syllables = {"ba",  "con",  "der", "ing", "ter", "sho",
                                              "pro", "ment", "al",  "li",  "re",  "tion",
                                              "ous", "ex",   "um",  "ack"};
  std::vector<std::string> characters;
  const auto chinese = file("knowledge_zh.toml");
  for (std::size_t at = 0; at < chinese.size();) {
    const auto begin = at;
    stages::next_character(chinese, at);
    if (at - begin == 3) characters.push_back(chinese.substr(begin, 3));
  }
  std::vector<stages::listed_word> words;
  while (words.size() < listed) {
    const bool latin = words.size() % 2 == 0;
    std::string word;
    for (auto n = 2 + random() % 3; n > 0; --n) word += latin ? pick(syllables) : pick(characters);
    if (stages::word_pattern::compile(word)) words.push_back({word, ""});
  }
  return std::make_shared<const word_patterns>(std::move(words));
}

std::string repeated(const std::string& text) {
  std::string out;
  while (out.size() < text_size) out += text;
  return out;
}

void moderate(benchmark::State& state, const char* name, std::size_t piece) {
  static const auto words = ten_thousand_words();
  const auto text = repeated(file(name));
  std::size_t found = 0;
  for (auto _ : state) {
    moderation_filter filter(words);
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += piece)
      filter.push(std::string_view(text).substr(at, piece), out);
    filter.finish(out);
    found = filter.found().size();
    benchmark::DoNotOptimize(out);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
  state.counters["found"] = static_cast<double>(found);
}
BENCHMARK_CAPTURE(moderate, english_whole, "knowledge_en.toml", text_size);
BENCHMARK_CAPTURE(moderate, english_pieces, "knowledge_en.toml", 4);
BENCHMARK_CAPTURE(moderate, chinese_whole, "knowledge_zh.toml", text_size);
BENCHMARK_CAPTURE(moderate, chinese_pieces, "knowledge_zh.toml", 6);

}  // namespace

}  // namespace troupe::bench

BENCHMARK_MAIN();
