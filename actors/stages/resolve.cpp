#include "actors/stages/resolve.hpp"

#include "actors/stages/text.hpp"

#include <algorithm>

namespace troupe::stages {

namespace {

constexpr std::size_t most_values = 16;     // remembered of one entity
constexpr std::size_t most_turns_back = 4;  // to look for the question that a follow-up completes
constexpr std::size_t longest_follow_up = 12;  // words

bool is_chinese(std::string_view language) { return language == "zh"; }

bool contains_folded(std::string_view text, std::string_view part) {
  return folded(text).find(folded(part)) != std::string::npos;
}

std::string_view label_of(const entity_rule& rule, std::string_view language) {
  return is_chinese(language) ? rule.label_zh : rule.label_en;
}

/// "order ORD-20931", "订单ORD-20931".
std::string name_entity(const entity_rule& rule, const std::string& value,
                        std::string_view language) {
  return std::string(label_of(rule, language)) + (is_chinese(language) ? "" : " ") + value;
}

std::string in_brackets(const std::string& text, std::string_view language) {
  return is_chinese(language) ? "（" + text + "）" : " (" + text + ")";
}

/// Puts `text` before the punctuation at the end of `sentence`.
void append_before_end(std::string& sentence, const std::string& text) {
  std::string_view body = sentence;
  for (bool cut = true; cut;) {
    cut = false;
    for (std::string_view mark : {" ", "\t", "\r", "\n", "?", "!", ".", "？", "！", "。", "　"})
      if (body.ends_with(mark)) {
        body.remove_suffix(mark.size());
        cut = true;
      }
  }
  sentence.insert(body.size(), text);
}

std::string without(std::string text, const std::vector<mention>& mentions) {
  for (auto m = mentions.rbegin(); m != mentions.rend(); ++m)
    text.replace(m->where.begin, m->where.end - m->where.begin, " ");
  return text;
}

bool names(const std::vector<mention>& mentions, std::size_t entity) {
  return std::ranges::find(mentions, entity, &mention::entity) != mentions.end();
}

class resolver {
 public:
  resolver(std::string_view text, const dialogue& known)
      : known_(known), text_(text), own_(known.rules.find(text, known.now)) {}

  resolution run() {
    resolution out;
    out.language = language();
    language_ = out.language;
    out.question = text_;
    if (is_follow_up())
      if (auto base = question_before()) out.question = completed(*base);
    refer(out.question);

    out.entities = known_.memory;
    for (const auto& m : own_) out.entities.note(known_.rules.entities()[m.entity].name, m.value);
    return out;
  }

 private:
  /// Of this text, else of the latest one that shows any. Entities are the same in all languages.
  std::string language() const {
    if (auto own = language_of(without(text_, own_))) return std::string(*own);
    for (auto turn = known_.history.rbegin(); turn != known_.history.rend(); ++turn) {
      std::string said = clean_utf8(turn->user);
      if (auto then = language_of(without(said, known_.rules.find(said, std::nullopt))))
        return std::string(*then);
    }
    return std::string(known_.language);
  }

  bool is_follow_up() const {
    if (known_.history.empty() || count_words(text_) > longest_follow_up) return false;
    bool only_names = !own_.empty() && known_.rules.is_idle(text_, own_);
    return only_names || known_.rules.is_elliptical(text_);
  }

  std::optional<std::string> question_before() const {
    auto last = known_.history.rbegin();
    for (std::size_t i = 0; i < most_turns_back && last != known_.history.rend(); ++i, ++last) {
      std::string said = clean_utf8(last->user);
      if (known_.rules.is_elliptical(said)) continue;
      if (!known_.rules.is_idle(said, known_.rules.find(said, std::nullopt))) return said;
    }
    return std::nullopt;
  }

  /// The question before with what this text names in place of what that one named. A follow-up
  /// that names nothing new goes behind it.
  std::string completed(std::string base) const {
    if (own_.empty()) return base + (is_chinese(language_) ? "" : " ") + text_;
    auto before = known_.rules.find(base, std::nullopt);
    for (const auto& m : own_) {
      auto same = std::ranges::find(before, m.entity, &mention::entity);
      if (same == before.end()) {
        const auto& rule = known_.rules.entities()[m.entity];
        append_before_end(base, in_brackets(name_entity(rule, m.value, language_), language_));
        continue;
      }
      base.replace(same->where.begin, same->where.end - same->where.begin, m.value);
      before = known_.rules.find(base, std::nullopt);
    }
    return base;
  }

  /// Puts the entity that `question` refers to, or leaves out, into it.
  void refer(std::string& question) const {
    auto named = known_.rules.find(question, known_.now);
    for (auto attempt : {&resolver::refer_by_expression, &resolver::refer_by_topic})
      for (const auto& remembered : known_.memory.entries())
        for (std::size_t e = 0; e < known_.rules.entities().size(); ++e) {
          const auto& rule = known_.rules.entities()[e];
          if (rule.name == remembered.name && !names(named, e) &&
              (this->*attempt)(question, rule, remembered.values.back()))
            return;
        }
  }

  bool refer_by_expression(std::string& question, const entity_rule& rule,
                           const std::string& value) const {
    for (const auto& expression : rule.refers) {
      auto found = expression.search(question);
      if (!found) continue;
      auto [begin, end] = found->front();
      bool labelled =
          contains_folded(question.substr(begin, end - begin), label_of(rule, language_));
      auto name = labelled ? value : name_entity(rule, value, language_);
      question.insert(end, in_brackets(name, language_));
      return true;
    }
    return false;
  }

  bool refer_by_topic(std::string& question, const entity_rule& rule,
                      const std::string& value) const {
    bool about = std::ranges::find(rule.intents, known_.label) != rule.intents.end() ||
                 std::ranges::any_of(
                     rule.implied, [&](const regex& r) { return r.search(question).has_value(); });
    if (!about) return false;
    auto name = name_entity(rule, value, language_);
    if (is_chinese(language_))
      question = name + "，" + question;
    else
      append_before_end(question, in_brackets(name, language_));
    return true;
  }

  const dialogue& known_;
  std::string text_;
  std::vector<mention> own_;
  std::string language_;
};

}  // namespace

entity_memory::entity_memory(const value::table& table, const entity_rules& rules) {
  auto is_kept = [&](std::string_view name) {
    auto rule = std::ranges::find(rules.entities(), name, &entity_rule::name);
    return rule != rules.entities().end() && rule->keep;
  };
  auto all = std::ranges::find(table, "all", &value::entry::first);
  for (auto slot = table.rbegin(); slot != table.rend(); ++slot) {
    const auto& [name, latest] = *slot;
    if (!is_kept(name) || latest.type() != slot_type::text) continue;
    const value* values = all == table.end() ? nullptr : all->second.find(name);
    if (values && values->type() == slot_type::list)
      for (const value& v : values->as_list())
        if (v.type() == slot_type::text) note(name, v.as_text());
    note(name, latest.as_text());
  }
}

void entity_memory::note(std::string_view name, const std::string& value) {
  auto found = std::ranges::find(entries_, name, &entry::name);
  if (found == entries_.end()) {
    entries_.insert(entries_.begin(), {std::string(name), {}});
  } else {
    std::rotate(entries_.begin(), found, found + 1);
  }
  auto& values = entries_.front().values;
  std::erase(values, value);
  values.push_back(value);
  if (values.size() > most_values) values.erase(values.begin());
}

const std::string* entity_memory::latest(std::string_view name) const noexcept {
  auto found = std::ranges::find(entries_, name, &entry::name);
  return found == entries_.end() ? nullptr : &found->values.back();
}

value::table entity_memory::to_table() const {
  value::table out, all;
  for (const auto& e : entries_) {
    out.emplace_back(e.name, e.values.back());
    all.emplace_back(e.name, value::list(e.values.begin(), e.values.end()));
  }
  if (!all.empty()) out.emplace_back("all", std::move(all));
  return out;
}

resolution resolve(std::string_view text, const dialogue& known) {
  return resolver(text, known).run();
}

}  // namespace troupe::stages
