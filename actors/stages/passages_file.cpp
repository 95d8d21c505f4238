// Reads the article files that passages.hpp describes.

#include "actors/stages/data_file.hpp"
#include "actors/stages/passages.hpp"
#include "actors/stages/text.hpp"

#include <toml++/toml.h>

#include <set>

namespace troupe::stages {

namespace {

error wrong(std::string_view file, const toml::node& node, const std::string& what) {
  const auto& at = node.source().begin;
  return {errc::invalid_request, std::string(file) + ":" + std::to_string(at.line) + ":" +
                                     std::to_string(at.column) + ": " + what};
}

result<void> read_text(std::string_view file, const toml::node& node, std::string_view key,
                       std::string& out) {
  auto text = node.value_exact<std::string>();
  if (!text || is_blank(*text))
    return wrong(file, node, "`" + std::string(key) + "` must be text that is not empty");
  out = std::move(*text);
  return {};
}

result<void> read_texts(std::string_view file, const toml::node& node, std::string_view key,
                        std::vector<std::string>& out) {
  const auto* items = node.as_array();
  if (!items) return wrong(file, node, "`" + std::string(key) + "` must be a list of texts");
  for (const auto& item : *items)
    if (auto done = read_text(file, item, key, out.emplace_back()); !done) return done;
  return {};
}

result<article> read_article(std::string_view file, const toml::table& table) {
  article a;
  for (const auto& [key, node] : table) {
    result<void> done;
    if (key == "id") {
      done = read_text(file, node, "id", a.id);
    } else if (key == "title") {
      done = read_text(file, node, "title", a.title);
    } else if (key == "text") {
      done = read_text(file, node, "text", a.text);
    } else if (key == "intents") {
      done = read_texts(file, node, "intents", a.intents);
    } else if (key == "also") {
      done = read_texts(file, node, "also", a.also);
    } else if (key == "main") {
      if (!node.is_boolean()) return wrong(file, node, "`main` must be true or false");
      a.main = node.as_boolean()->get();
    } else {
      return wrong(file, node,
                   "unknown key `" + std::string(key.str()) +
                       "`; an article has id, intents, main, title, also, text");
    }
    if (!done) return std::move(done).error();
  }
  for (const auto& [key, text] : {std::pair("id", &a.id), {"title", &a.title}, {"text", &a.text}})
    if (text->empty()) return wrong(file, table, "`" + std::string(key) + "` is missing");
  a.language = language_of(a.title + " " + a.text).value_or("en");
  return a;
}

}  // namespace

result<std::vector<article>> parse_articles(std::string_view text, std::string_view file) {
  std::vector<article> articles;
  std::set<std::string> ids;
  try {
    auto top = toml::parse(text, file);
    for (const auto& [key, node] : top) {
      const auto* items = key == "article" ? node.as_array() : nullptr;
      if (!items)
        return wrong(
            file, node,
            "`" + std::string(key.str()) + "` is unknown; articles are written as [[article]]");
      for (const auto& item : *items) {
        if (!item.is_table()) return wrong(file, item, "articles are written as [[article]]");
        auto a = read_article(file, *item.as_table());
        if (!a) return std::move(a).error();
        if (!ids.insert(a->id).second)
          return wrong(file, item, "article `" + a->id + "` is there twice");
        articles.push_back(std::move(*a));
      }
    }
  } catch (const toml::parse_error& e) {
    return error{errc::invalid_request,
                 std::string(file) + ":" + std::to_string(e.source().begin.line) + ":" +
                     std::to_string(e.source().begin.column) + ": " + std::string(e.description())};
  }
  if (articles.empty())
    return error{errc::invalid_request, "`" + std::string(file) + "` has no [[article]]"};
  return articles;
}

result<std::vector<article>> read_articles(const std::filesystem::path& file) {
  auto text = read_data_file(file);
  if (!text) return std::move(text).error();
  return parse_articles(*text, file.string());
}

}  // namespace troupe::stages
