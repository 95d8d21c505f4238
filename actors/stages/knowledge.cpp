// `knowledge`: the passages that answer a question.
//
// Reads `question` and `topic?` (text: the intent).
// Writes `passages` (list of tables: id, title, text, score; best first), `passage` (the text of
// the best, empty if there is none) and `score` (float in [0, 1] of the best, 0 if there is none).
// Parameters: `file` or `files`, TOML files of articles (see passages.hpp), in any number of
//   languages: a question is answered in its own language if there are articles in it; `top`, most
//   passages; `min_score`, below which an article does not count; `boost`, added to articles of the
//   topic. The topic's `main` article counts in any case, with `min_score` at least; `encoder`,
//   folder of a model made by `troupe train encoder`: articles are then found by meaning as well.
//   Without it, by wording alone.
//
//   [stage.knowledge]
//   use  = "knowledge"
//   with = { files = ["data/knowledge_en.toml", "data/knowledge_zh.toml"], top = 3 }
//   in   = { topic = "intent" }

#include "actors/stages/builtin.hpp"
#include "actors/stages/passages.hpp"

#include <algorithm>

namespace troupe::stages {

namespace {

struct knowledge {
  static constexpr std::string_view name = "knowledge";
  static constexpr std::string_view summary = "finds the passages that answer a question";
  struct params {
    std::string file;
    std::vector<std::string> files;
    std::int64_t top = 3;
    double min_score = 0.2;
    double boost = 0.15;
    std::string encoder;
  };
  struct input {
    std::string question;
    std::optional<std::string> topic;
  };
  struct output {
    value::list passages;
    std::string passage;
    double score = 0;
  };

  static void describe(describer<knowledge>& d) {
    d.param("file", &params::file, "file of articles").file();
    d.param("files", &params::files, "files of articles, e.g. one per language").file();
    d.param("top", &params::top, "most passages to give").min(1).max(50);
    d.param("min_score", &params::min_score, "least score of an article that counts").min(0).max(1);
    d.param("boost", &params::boost, "added to the score of articles on the topic").min(0).max(1);
    d.param("encoder", &params::encoder, "folder of a trained encoder, to search by meaning too")
        .model();
    d.in("question", &input::question, "what is asked");
    d.in("topic", &input::topic, "an intent; articles that list it are preferred");
    d.out("passages", &output::passages, "tables of id, title, text and score, best first");
    d.out("passage", &output::passage, "text of the best passage, or empty");
    d.out("score", &output::score, "score of the best passage, in [0, 1]");
  }

  static result<port_set> more_ports(const params& p) {
    if (p.file.empty() && p.files.empty())
      return error{errc::invalid_request, "`file` or `files` of stage type `knowledge` is missing"};
    return port_set{};
  }

  result<void> open(const stage_services& services) {
    if (!services.models)
      return error{errc::unavailable,
                   "stage `knowledge` needs the model library to search its articles; this "
                   "program was built without it"};
    std::vector<std::filesystem::path> paths;
    if (!p.file.empty()) paths.push_back(services.resolve(p.file));
    for (const auto& file : p.files) paths.push_back(services.resolve(file));
    const auto encoder = p.encoder.empty() ? std::filesystem::path() : services.resolve(p.encoder);
    auto made = passage_index::shared(paths, services.models, encoder);
    if (!made) return std::move(made).error();
    index_ = std::move(*made);
    return {};
  }

  result<output> run(const input& in, run_context&) {
    auto ranked = rank(in);
    output out;
    for (const auto& [found, score] : ranked)
      out.passages.push_back(value::table{
          {"id", found->id}, {"title", found->title}, {"text", found->text}, {"score", score}});
    if (!ranked.empty()) {
      out.passage = ranked.front().found->text;
      out.score = ranked.front().score;
    }
    return out;
  }

  params p;
  std::shared_ptr<const passage_index> index_;

 private:
  std::vector<passage_index::hit> rank(const input& in) const {
    auto hits = index_->search(in.question);
    if (in.topic) prefer(*in.topic, in.question, hits);
    std::erase_if(hits, [&](const auto& h) { return h.score < p.min_score; });
    std::ranges::stable_sort(hits, std::ranges::greater(), &passage_index::hit::score);
    if (hits.size() > static_cast<std::size_t>(p.top)) hits.resize(static_cast<std::size_t>(p.top));
    return hits;
  }

  void prefer(const std::string& topic, const std::string& question,
              std::vector<passage_index::hit>& hits) const {
    auto on_topic = [&](const article& a) {
      return std::ranges::find(a.intents, topic) != a.intents.end();
    };
    for (auto& h : hits)
      if (on_topic(*h.found)) h.score = std::min(1.0, h.score + p.boost);
    for (const article* a : index_->in_language_of(question)) {
      if (!a->main || !on_topic(*a)) continue;
      auto found = std::ranges::find(hits, a, &passage_index::hit::found);
      if (found == hits.end())
        hits.push_back({a, p.min_score});
      else
        found->score = std::max(found->score, p.min_score);
    }
  }
};

}  // namespace

void add_knowledge(registry& r) { r.add<knowledge>(); }

}  // namespace troupe::stages
