#include "model/torch/encoder.hpp"
#include "model/torch/encoder_training.hpp"
#include "model/torch/text_index.hpp"

#include <set>

namespace troupe {

namespace {

struct haystack {
  std::vector<labelled_text> texts;
  bool holds_the_needles = false;  ///< then the text itself is no hit
};

/// The place of `wanted` among the groups in the order of `hits`; 0 if it is not there.
std::int64_t rank_of(const std::string& wanted, const std::vector<search_hit>& hits,
                     const haystack& among, std::int64_t self) {
  std::set<std::string_view> nearer;
  for (const search_hit& hit : hits) {
    if (among.holds_the_needles && hit.id == self) continue;
    const std::string& group = among.texts[static_cast<std::size_t>(hit.id)].label;
    if (group == wanted) return static_cast<std::int64_t>(nearer.size()) + 1;
    nearer.insert(group);
  }
  return 0;
}

std::vector<std::int64_t> ranks_in(const text_index& index,
                                   const std::vector<labelled_text>& wanted,
                                   const haystack& among) {
  std::vector<std::int64_t> ranks;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].label == out_of_scope_label) continue;
    const auto hits = index.search(wanted[i].text, among.texts.size());
    const auto rank = rank_of(wanted[i].label, hits, among, static_cast<std::int64_t>(i));
    if (rank > 0) ranks.push_back(rank);
  }
  return ranks;
}

}  // namespace

result<retrieval_report> evaluate_encoder_folder(const encoder_eval_options& options) {
  auto encoder = open_encoder(options.model);
  if (!encoder) return encoder.error();
  auto wanted = read_labelled(options.data);
  if (!wanted) return wanted.error();
  haystack among{*wanted, true};
  if (!options.among.empty()) {
    auto read = read_labelled(options.among);
    if (!read) return read.error();
    among = {*std::move(read), false};
  }
  std::vector<std::string> texts;
  for (const auto& line : among.texts) texts.push_back(line.text);

  retrieval_report report;
  auto measure = [&](std::shared_ptr<const text_encoder> used,
                     double wording) -> result<retrieval_score> {
    auto index = make_text_index(texts, std::move(used), wording);
    if (!index) return index.error();
    const auto ranks = ranks_in(**index, *wanted, among);
    report.texts = static_cast<std::int64_t>(ranks.size());
    return score_ranks(ranks);
  };
  auto wording = measure(nullptr, 1);
  auto meaning = measure(*encoder, 0);
  auto both = measure(*encoder, options.wording.value_or(wording_part));
  for (const auto* one : {&wording, &meaning, &both})
    if (!*one) return one->error();
  report.wording = *wording;
  report.meaning = *meaning;
  report.both = *both;
  return report;
}

}  // namespace troupe
