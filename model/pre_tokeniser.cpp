#include "model/json_fields.hpp"
#include "model/split_pattern.hpp"
#include "model/text_steps.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace troupe {

namespace json = boost::json;

namespace {

bool flag(const json::value& v, const char* key, bool if_missing) {
  const auto* f = v.as_object().if_contains(key);
  return f && f->is_bool() ? f->get_bool() : if_missing;
}

split_behaviour behaviour_of(const json::value& v) {
  static const std::map<std::string, split_behaviour, std::less<>> all = {
      {"Isolated", split_behaviour::isolated},
      {"Removed", split_behaviour::removed},
      {"MergedWithPrevious", split_behaviour::merged_with_previous},
      {"MergedWithNext", split_behaviour::merged_with_next},
      {"Contiguous", split_behaviour::contiguous}};
  const std::string name = text_at(v, "behavior");
  const auto it = all.find(name);
  if (it == all.end()) refuse_tokenizer_part("the split behavior `" + name + "`");
  return it->second;
}

piece_step splitting(split_pattern pattern, split_behaviour behaviour, bool inverted = false) {
  return [pattern = std::move(pattern), behaviour, inverted](text_pieces& pieces) {
    std::vector<std::string_view> finer;
    for (const std::string_view p : pieces.list) {
      const auto cut = pattern.split(p, behaviour, inverted);
      finer.insert(finer.end(), cut.begin(), cut.end());
    }
    pieces.list = std::move(finer);
  };
}

piece_step splitting(const std::string& pattern, split_behaviour behaviour) {
  return splitting(*split_pattern::compile(pattern), behaviour);
}

/// Puts `what` before pieces that do not begin with it: all of them, or only the one that is the
/// beginning of everything.
piece_step prefixing(std::string what, bool only_first) {
  return [what = std::move(what), only_first](text_pieces& pieces) {
    for (std::size_t i = 0; i < pieces.list.size(); ++i) {
      if (only_first && !(i == 0 && pieces.at_start)) break;
      if (pieces.list[i].starts_with(what)) continue;
      pieces.owned.push_back(what + std::string(pieces.list[i]));
      pieces.list[i] = pieces.owned.back();
    }
  };
}

void read_metaspace(const json::value& v, pre_tokeniser& out) {
  const std::string mark = text_at(v, "replacement");
  std::string scheme = flag(v, "add_prefix_space", true) ? "always" : "never";
  if (const auto* s = v.as_object().if_contains("prepend_scheme"))
    scheme = json::value_to<std::string>(*s);
  if (scheme != "always" && scheme != "never" && scheme != "first")
    refuse_tokenizer_part("the `prepend_scheme` `" + scheme + "`");
  out.steps.push_back([mark](text_pieces& pieces) {
    for (std::string_view& p : pieces.list) {
      std::string changed;
      for (const char c : p) changed += c == ' ' ? mark : std::string(1, c);
      pieces.owned.push_back(std::move(changed));
      p = pieces.owned.back();
    }
  });
  if (scheme != "never") out.steps.push_back(prefixing(mark, scheme == "first"));
  if (flag(v, "split", true))
    out.steps.push_back(
        splitting(*split_pattern::literal(mark), split_behaviour::merged_with_next));
}

void read_byte_level(const json::value& v, pre_tokeniser& out) {
  if (flag(v, "add_prefix_space", false)) out.steps.push_back(prefixing(" ", false));
  if (flag(v, "use_regex", true))
    out.steps.push_back(splitting(
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
        split_behaviour::isolated));
  out.bytes = true;
}

void read_into(const json::value& v, pre_tokeniser& out) {
  const std::string type = text_at(v, "type");
  if (out.bytes) throw std::invalid_argument("`" + type + "` behind `ByteLevel` is not supported");
  if (type == "Sequence") {
    for (const json::value& inner : v.at("pretokenizers").as_array()) read_into(inner, out);
  } else if (type == "Split") {
    out.steps.push_back(
        splitting(read_pattern(v.at("pattern")), behaviour_of(v), flag(v, "invert", false)));
  } else if (type == "Digits") {
    const bool each = flag(v, "individual_digits", false);
    out.steps.push_back(
        splitting("\\p{N}", each ? split_behaviour::isolated : split_behaviour::contiguous));
  } else if (type == "Punctuation") {
    out.steps.push_back(splitting("[\\p{P}!-/:-@\\[-`{-~]", behaviour_of(v)));
  } else if (type == "Whitespace") {
    out.steps.push_back(
        splitting(*split_pattern::compile("\\w+|[^\\w\\s]+"), split_behaviour::removed, true));
  } else if (type == "WhitespaceSplit") {
    out.steps.push_back(splitting("[\\x09-\\x0D\\x{85}\\p{Z}]", split_behaviour::removed));
  } else if (type == "Metaspace") {
    read_metaspace(v, out);
  } else if (type == "ByteLevel") {
    read_byte_level(v, out);
  } else {
    refuse_tokenizer_part("the pre-tokenizer `" + type + "`");
  }
}

}  // namespace

pre_tokeniser read_pre_tokeniser(const json::value& v) {
  pre_tokeniser out;
  if (!v.is_null()) read_into(v, out);
  return out;
}

}  // namespace troupe
