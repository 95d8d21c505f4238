#include "actors/stages/answer_schema.hpp"

#include "model/json_position.hpp"
#include "pipeline/json_file.hpp"

#include <boost/json.hpp>

namespace troupe::stages {

result<answer_schema> answer_schema::make(const value& schema) {
  answer_schema out;
  append_json(out.text_, schema);
  auto grammar = json_grammar::parse(out.text_);
  if (!grammar) return std::move(grammar).error();
  out.grammar_ = *std::move(grammar);
  return out;
}

result<answer_schema> answer_schema::load(const std::filesystem::path& file) {
  auto schema = read_json_file(file);
  if (!schema) return std::move(schema).error();
  auto made = make(*schema);
  if (!made) return error{made.error().code, "`" + file.string() + "`: " + made.error().message};
  return made;
}

slot_type answer_schema::type() const {
  std::optional<slot_type> all;
  for (const auto id : grammar_->concrete(grammar_->root())) {
    slot_type one = slot_type::any;
    if ((*grammar_)[id].what == json_rule::kind::object) one = slot_type::table;
    if ((*grammar_)[id].what == json_rule::kind::array) one = slot_type::list;
    if ((*grammar_)[id].what == json_rule::kind::string) one = slot_type::text;
    if (all && *all != one) return slot_type::any;
    all = one;
  }
  return all.value_or(slot_type::any);
}

result<value> answer_schema::read(std::string_view answer) const {
  boost::system::error_code failed;
  const auto parsed =
      boost::json::parse(boost::json::string_view(answer.data(), answer.size()), failed);
  if (!failed) {
    value document = from_json(parsed);
    std::string text;
    append_json(text, document);
    if (json_position::fits(grammar_, text)) return document;
  }
  return error{errc::failed, "the answer is no document of its JSON Schema: " +
                                 std::string(answer.substr(0, 200))};
}

}  // namespace troupe::stages
