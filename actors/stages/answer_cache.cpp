#include "actors/stages/answer_cache.hpp"

#include "actors/stages/text.hpp"

#include <algorithm>
#include <map>

namespace troupe::stages {

namespace {

constexpr std::size_t smallest_settled = 64;
constexpr std::size_t most_candidates = 8;

/// Words that make no difference to what is asked.
constexpr std::string_view fillers[] = {
    "a",    "an",   "the", "please", "hi",    "hello", "i",     "me",    "my",   "you",
    "your", "we",   "do",  "does",   "did",   "can",   "could", "would", "may",  "is",
    "are",  "am",   "be",  "to",     "of",    "there", "it",    "tell",  "know", "want",
    "like", "just", "ok",  "thanks", "thank", "so",    "and",   "的",    "了",   "吗",
    "呢",   "啊",   "吧",  "呀",     "我",    "你",    "您",    "请",    "想",   "要",
    "能",   "可",   "以",  "一",     "下",    "好",    "知",    "道",    "是",   "么"};

struct synonym {
  std::string_view written, meant;
};
/// What asks for the same thing.
constexpr synonym synonyms[] = {{"怎样", "怎么"},     {"如何", "怎么"},   {"咋", "怎么"},
                                {"什么时候", "何时"}, {"啥时候", "何时"}, {"请问", ""},
                                {"哪里", "哪"},       {"哪儿", "哪"}};

std::string with_one_word_for_each(std::string text) {
  for (const auto& [written, meant] : synonyms)
    for (auto at = text.find(written); at != text.npos; at = text.find(written, at + meant.size()))
      text.replace(at, written.size(), meant);
  return text;
}

constexpr std::string_view negations[] = {
    "not",   "no",      "never",   "without",  "cannot",  "cant", "dont",   "doesnt",
    "didnt", "isnt",    "arent",   "wasnt",    "werent",  "wont", "havent", "hasnt",
    "hadnt", "couldnt", "wouldnt", "shouldnt", "nothing", "none", "不",     "没",
    "无",    "别",      "未",      "非",       "勿",      "否"};
constexpr std::string_view asking[] = {"when", "where", "who",  "why", "what", "which", "how",
                                       "many", "much",  "long", "几",  "多",   "少",    "何",
                                       "哪",   "谁",    "怎",   "什",  "时",   "久"};

/// English words count without the ending of a plural.
std::string singular(const std::string& word) {
  const bool plural = word.size() > 3 && word.ends_with('s') && !word.ends_with("ss");
  return plural && !has_digit(word) ? word.substr(0, word.size() - 1) : word;
}

std::vector<std::string> words_of(std::string_view question) {
  // An apostrophe would part `don't` into two words, and `t` is no negation.
  std::string text(question);
  for (std::string_view apostrophe : {"'", "’"})
    for (auto at = text.find(apostrophe); at != text.npos; at = text.find(apostrophe))
      text.erase(at, apostrophe.size());
  return units_of(folded(with_one_word_for_each(std::move(text))));
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += word + " ";
  return out;
}

std::string key_of(const std::string& scope, const std::string& essence) {
  return scope + '\0' + essence;
}

}  // namespace

std::string facts_in(std::string_view question) {
  std::vector<std::string> facts, others;
  for (const auto& word : words_of(question)) {
    if (has_digit(word)) facts.push_back(word);
    if (is_one_of(negations, word)) others.emplace_back("not");
    if (is_one_of(asking, word)) others.push_back(word);
  }
  std::ranges::sort(others);
  return joined(facts) + "# " + joined(others);
}

std::string essence_of(std::string_view question) {
  std::vector<std::string> words;
  for (const auto& word : words_of(question))
    if (!is_one_of(fillers, word)) words.push_back(singular(word));
  // Chinese says by the order of words what English says by other words.
  if (language_of(question) != "zh") std::ranges::sort(words);
  return joined(words);
}

std::shared_ptr<answer_cache> answer_cache::shared(const std::filesystem::path& folder,
                                                   const std::string& name,
                                                   const std::shared_ptr<model_library>& library) {
  static std::mutex mutex;
  static std::map<std::pair<std::filesystem::path, std::string>, std::weak_ptr<answer_cache>> all;
  std::lock_guard lock(mutex);
  auto& known = all[{folder, name}];
  auto found = known.lock();
  if (!found) known = found = std::make_shared<answer_cache>(library);
  return found;
}

void answer_cache::set_limit(std::size_t entries) {
  std::lock_guard lock(mutex_);
  limit_ = std::max<std::size_t>(1, entries);
}

result<void> answer_cache::use_encoder(const std::filesystem::path& folder) {
  std::lock_guard lock(mutex_);
  if (folder == encoder_folder_) return {};
  if (!library_)
    return error{errc::unavailable, "the encoder `" + folder.string() +
                                        "` needs the model library; this program was built "
                                        "without it"};
  auto opened = library_->load_encoder(folder);
  if (!opened) return std::move(opened).error();
  encoder_folder_ = folder;
  encoder_ = *std::move(opened);
  settled_ = index_of(0);
  fresh_ = {};
  return {};
}

std::size_t answer_cache::size() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

void answer_cache::store(const std::string& question, const std::string& scope,
                         const std::string& reply, time_point now) {
  entry fresh{question, facts_in(question), essence_of(question), scope, reply, now};
  std::lock_guard lock(mutex_);
  const auto [place, is_new] = by_words_.try_emplace(key_of(scope, fresh.essence), entries_.size());
  if (!is_new && entries_[place->second].facts == fresh.facts) {
    entries_[place->second] = std::move(fresh);
    return;
  }
  place->second = entries_.size();
  entries_.push_back(std::move(fresh));
  if (entries_.size() > limit_) forget_oldest();
  index_newest();
}

/// A tenth at once, so that the index is not made anew for every entry.
void answer_cache::forget_oldest() {
  const auto excess = entries_.size() - limit_ + limit_ / 10;
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(excess));
  by_words_.clear();
  for (std::size_t i = 0; i < entries_.size(); ++i)
    by_words_[key_of(entries_[i].scope, entries_[i].essence)] = i;
  settled_ = index_of(0);
  fresh_ = {};
}

void answer_cache::index_newest() {
  const auto since = entries_.size() - settled_.count;
  if (since == 0) return;
  if (since >= std::max(smallest_settled, settled_.count)) {
    settled_ = index_of(0);
    fresh_ = {};
  } else {
    fresh_ = index_of(settled_.count);
  }
}

/// Without an index if none can be made: then questions in the same words are found, no others.
answer_cache::segment answer_cache::index_of(std::size_t first) const {
  std::vector<std::string> questions;
  for (auto i = first; i < entries_.size(); ++i) questions.push_back(entries_[i].question);
  segment made{nullptr, first, questions.size()};
  if (!library_) return made;
  if (auto index = library_->make_index(questions, encoder_)) made.index = std::move(*index);
  return made;
}

std::optional<std::string> answer_cache::find(const std::string& question, const std::string& scope,
                                              const wish& wanted, time_point now) const {
  const auto facts = facts_in(question);
  std::lock_guard lock(mutex_);
  auto fits = [&](const entry& e) {
    return e.facts == facts && e.scope == scope && now - e.stored < wanted.ttl;
  };
  const auto same_words = by_words_.find(key_of(scope, essence_of(question)));
  if (same_words != by_words_.end() && fits(entries_[same_words->second]))
    return entries_[same_words->second].reply;
  const entry* best = nullptr;
  double best_score = wanted.threshold;
  for (const segment* part : {&settled_, &fresh_}) {
    if (!part->index) continue;
    for (const auto& hit : part->index->search(question, most_candidates)) {
      const auto& e = entries_[part->first + static_cast<std::size_t>(hit.id)];
      if (hit.score < best_score || !fits(e)) continue;
      best = &e;
      best_score = hit.score;
    }
  }
  if (!best) return std::nullopt;
  return best->reply;
}

}  // namespace troupe::stages
