#include "actors/stages/passages.hpp"

#include "actors/stages/text.hpp"

#include <algorithm>
#include <mutex>

namespace troupe::stages {

namespace {

// An article is found by several texts; this many hits hold the best articles of any sane file.
constexpr std::size_t hits_wanted = 48;

/// Which file it is, and of what time.
std::string edition_of(const std::filesystem::path& file) {
  std::error_code ignored;
  const auto changed = std::filesystem::last_write_time(file, ignored).time_since_epoch().count();
  return "\n" + std::filesystem::weakly_canonical(file, ignored).string() + "\n" +
         std::to_string(changed);
}

}  // namespace

result<std::shared_ptr<const passage_index>> passage_index::build(
    std::vector<article> articles, std::shared_ptr<model_library> library,
    const std::filesystem::path& encoder) {
  std::shared_ptr<const text_encoder> vectors;
  if (!encoder.empty()) {
    auto opened = library->load_encoder(encoder);
    if (!opened) return std::move(opened).error();
    vectors = *std::move(opened);
  }
  auto made = std::make_shared<passage_index>();
  made->articles_ = std::move(articles);
  made->library_ = std::move(library);
  std::map<std::string, std::vector<std::string>, std::less<>> texts;
  for (const auto& a : made->articles_) {
    auto add = [&](const std::string& text) {
      texts[a.language].push_back(text);
      made->parts_[a.language].owners.push_back(&a);
    };
    add(a.title);
    for (const auto& question : a.also) add(question);
    add(a.text);
  }
  for (auto& [language, part] : made->parts_) {
    auto index = made->library_->make_index(texts[language], vectors);
    if (!index) return std::move(index).error();
    part.index = std::move(*index);
  }
  return std::shared_ptr<const passage_index>(std::move(made));
}

result<std::shared_ptr<const passage_index>> passage_index::shared(
    const std::vector<std::filesystem::path>& files, const std::shared_ptr<model_library>& library,
    const std::filesystem::path& encoder) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<const passage_index>> known;

  std::string key = std::to_string(reinterpret_cast<std::uintptr_t>(library.get()));
  for (const auto& file : files) key += edition_of(file);
  if (!encoder.empty()) key += "\nencoder" + edition_of(encoder / "model.safetensors");
  std::lock_guard lock(mutex);
  std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
  if (auto found = known[key].lock()) return found;

  std::vector<article> articles;
  for (const auto& file : files) {
    auto read = read_articles(file);
    if (!read) return std::move(read).error();
    std::ranges::move(*read, std::back_inserter(articles));
  }
  auto made = build(std::move(articles), library, encoder);
  if (made) known[key] = *made;
  return made;
}

const std::string& passage_index::language_for(std::string_view question) const {
  auto found = parts_.find(language_of(question).value_or("en"));
  return found != parts_.end() ? found->first : parts_.begin()->first;
}

std::vector<passage_index::hit> passage_index::search(std::string_view question) const {
  std::vector<hit> hits;
  if (parts_.empty() || is_blank(question)) return hits;
  const auto& searched = parts_.at(language_for(question));
  for (const auto& near : searched.index->search(clean_utf8(question), hits_wanted)) {
    const article* owner = searched.owners[static_cast<std::size_t>(near.id)];
    if (std::ranges::find(hits, owner, &hit::found) == hits.end())
      hits.push_back({owner, std::clamp(near.score, 0.0, 1.0)});
  }
  return hits;
}

std::vector<const article*> passage_index::in_language_of(std::string_view question) const {
  std::vector<const article*> out;
  if (parts_.empty()) return out;
  const auto& language = language_for(question);
  for (const auto& a : articles_)
    if (a.language == language) out.push_back(&a);
  return out;
}

}  // namespace troupe::stages
