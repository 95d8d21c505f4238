#include "model/json_grammar.hpp"

#include "pipeline/value.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

namespace troupe {

namespace json = boost::json;

namespace {

using kind = json_rule::kind;
using text = std::string_view;

constexpr std::size_t most_rules = 20'000;
constexpr int deepest_schema = 200;

/// What only tells people something, or names other parts.
const std::set<text> descriptive = {
    "title",     "description", "default", "examples", "example", "deprecated", "readOnly",
    "writeOnly", "$comment",    "$schema", "$id",      "$defs",   "definitions"};
const std::set<text> combining = {"anyOf", "oneOf", "allOf", "$ref", "enum", "const"};
/// By type; they say nothing about values of other types.
const std::map<text, std::set<text>> typed = {
    {"string", {"minLength", "maxLength", "pattern", "format"}},
    {"number", {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}},
    {"array", {"items", "prefixItems", "minItems", "maxItems", "uniqueItems"}},
    {"object",
     {"properties", "required", "additionalProperties", "minProperties", "maxProperties"}}};
const std::vector<text> type_names = {"object",  "array",   "string", "number",
                                      "integer", "boolean", "null"};

const std::map<text, text> formats = {
    {"date",
     "^\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|"
     "02-(0[1-9]|1\\d|2[0-8]))$"},
    {"time", "^([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)$"},
    {"uuid", "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"},
    {"ipv4",
     "^(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)){3}$"},
    {"email",
     "^[A-Za-z0-9_%+-]+(\\.[A-Za-z0-9_%+-]+)*@[A-Za-z0-9]+(-[A-Za-z0-9]+)*"
     "(\\.[A-Za-z0-9]+(-[A-Za-z0-9]+)*)+$"}};

std::string quoted(text name) { return "`" + std::string(name) + "`"; }

}  // namespace

class json_schema_reader {
 public:
  explicit json_schema_reader(const json::value& root) : root_(root) {}

  std::shared_ptr<const json_grammar> read() {
    read(root_, "#");
    g_.measure();
    if (!g_.possible(0)) throw std::invalid_argument("no document can satisfy it");
    g_.flatten();
    for (const auto& [rule_id, where] : exclusive_)
      for (std::size_t i = 0; i < g_[rule_id].choices.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
          if (!g_.apart(g_[rule_id].choices[k], g_[rule_id].choices[i]))
            throw std::invalid_argument("`oneOf` at `" + where + "`: its alternatives " +
                                        std::to_string(k + 1) + " and " + std::to_string(i + 1) +
                                        " may fit the same value; use `anyOf`");
    return std::make_shared<const json_grammar>(std::move(g_));
  }

 private:
  using id = json_rule::id;

  [[noreturn]] static void refuse(const std::string& what, const std::string& where) {
    throw std::invalid_argument(what + " at `" + where + "`");
  }

  json_rule& rule(id i) { return g_.rules_[i]; }

  id add(json_rule r) {
    if (g_.rules_.size() >= most_rules) throw std::invalid_argument("it is too large");
    g_.rules_.push_back(std::move(r));
    return static_cast<id>(g_.rules_.size() - 1);
  }

  id add_literals(std::vector<std::string> texts) {
    std::ranges::sort(texts);
    const auto rest = std::ranges::unique(texts);
    texts.erase(rest.begin(), rest.end());
    json_rule r;
    r.what = kind::literals;
    r.literals = std::move(texts);
    return add(std::move(r));
  }

  /// The rule of a schema; the same one if it is read twice, or reads itself.
  id read(const json::value& schema, const std::string& where) {
    if (const auto it = known_.find(&schema); it != known_.end()) return it->second;
    if (++depth_ > deepest_schema) refuse("a schema that is nested too deeply", where);
    const id out = add({});
    known_.emplace(&schema, out);
    if (schema.is_bool()) {
      if (schema.get_bool()) rule(out).choices = any_value();
    } else if (schema.is_object()) {
      auto choices = read_object(schema.get_object(), where, out);
      rule(out).choices = std::move(choices);
    } else {
      refuse("something that is no schema", where);
    }
    --depth_;
    return out;
  }

  std::vector<id> read_object(const json::object& s, const std::string& where, id self) {
    std::optional<text> alone;  // a keyword that others may not add to
    for (const auto& [key, v] : s) {
      if (descriptive.contains(key) || key == "type") continue;
      if (combining.contains(key)) {
        if (alone) refuse(quoted(*alone) + " beside " + quoted(key) + " is not supported", where);
        alone = key;
        continue;
      }
      if (std::ranges::none_of(typed, [&](const auto& t) { return t.second.contains(key); }))
        refuse("the keyword " + quoted(key) + " is not supported", where);
    }
    if (!alone) return by_type(s, where);
    for (const auto& [key, v] : s)
      if (!descriptive.contains(key) && !combining.contains(key) &&
          !(key == "type" && is_values(*alone)))
        refuse(quoted(*alone) + " beside " + quoted(key) + " is not supported", where);
    if (*alone == "$ref") return {reference(s.at("$ref"), where)};
    if (*alone == "const") return {values(json::array{s.at("const")}, s, where)};
    const auto* list = s.at(*alone).if_array();
    if (!list || list->empty()) refuse(quoted(*alone) + " without a list", where);
    if (*alone == "enum") return {values(*list, s, where)};
    if (*alone == "allOf" && list->size() > 1)
      refuse("`allOf` of several schemas is not supported", where);
    std::vector<id> out;
    for (std::size_t i = 0; i < list->size(); ++i)
      out.push_back(read((*list)[i], where + "/" + std::string(*alone) + "/" + std::to_string(i)));
    if (*alone == "oneOf") exclusive_.emplace_back(self, where);
    return out;
  }

  static bool is_values(text keyword) { return keyword == "enum" || keyword == "const"; }

  id reference(const json::value& v, const std::string& where) {
    if (!v.is_string() || !v.get_string().starts_with('#'))
      refuse("`$ref` outside of the schema is not supported", where);
    const std::string target(v.get_string());
    boost::system::error_code failed;
    const json::value* found = root_.find_pointer(target.substr(1), failed);
    if (!found) refuse("`$ref` to " + quoted(target) + ", which is not there,", where);
    return read(*found, target);
  }

  std::vector<text> types(const json::object& s, const std::string& where) {
    const auto* t = s.if_contains("type");
    if (!t) return {"object", "array", "string", "number", "boolean", "null"};
    std::vector<text> out;
    auto take = [&](const json::value& v) {
      const auto* name = v.if_string();
      const auto it = std::ranges::find(type_names, name ? text(*name) : text());
      if (it == type_names.end()) refuse("an unknown `type`", where);
      out.push_back(*it);
    };
    if (const auto* list = t->if_array())
      for (const json::value& v : *list) take(v);
    else
      take(*t);
    // A whole number is a number too.
    if (std::ranges::find(out, "number") != out.end()) std::erase(out, "integer");
    return out;
  }

  id values(const json::array& all, const json::object& s, const std::string& where) {
    const auto wanted = types(s, where);
    std::vector<std::string> texts;
    for (const json::value& v : all) {
      const value plain = from_json(v);
      const text name = v.is_object()   ? "object"
                        : v.is_array()  ? "array"
                        : v.is_string() ? "string"
                        : v.is_bool()   ? "boolean"
                        : v.is_null()   ? "null"
                                        : "number";
      const bool whole = v.is_int64() || v.is_uint64();
      const bool fits = std::ranges::any_of(
          wanted, [&](text w) { return w == name || (w == "integer" && whole); });
      if (!fits) continue;
      texts.emplace_back();
      append_json(texts.back(), plain);
    }
    return add_literals(std::move(texts));
  }

  std::vector<id> any_value() {
    if (any_ == json_rule::none) {
      any_ = add({});
      json_rule list, table, word, number;
      list.what = kind::array;
      table.what = kind::object;
      word.what = kind::string;
      number.what = kind::number;
      list.others = table.others = any_;
      std::vector<id> all = {add(std::move(word)), add(std::move(number)),
                             add_literals({"false", "null", "true"}), add(std::move(list)),
                             add(std::move(table))};
      rule(any_).choices = std::move(all);
    }
    return {any_};
  }

  std::vector<id> by_type(const json::object& s, const std::string& where) {
    std::vector<id> out;
    for (const text t : types(s, where)) {
      if (t == "null") out.push_back(add_literals({"null"}));
      if (t == "boolean") out.push_back(add_literals({"false", "true"}));
      if (t == "string") out.push_back(string(s, where));
      if (t == "number" || t == "integer") out.push_back(number(s, where, t == "integer"));
      if (t == "array") out.push_back(array(s, where));
      if (t == "object") out.push_back(object(s, where));
    }
    return out;
  }

  std::optional<std::size_t> count(const json::object& s, text key, const std::string& where) {
    const auto* v = s.if_contains(key);
    if (!v) return std::nullopt;
    boost::system::error_code failed;
    const auto n = v->to_number<std::int64_t>(failed);
    if (failed || n < 0 || n > 1'000'000)
      refuse(quoted(key) + " is no whole number from 0 to 1000000", where);
    return static_cast<std::size_t>(n);
  }

  void limits(json_rule& r, const json::object& s, text least, text most,
              const std::string& where) {
    r.least = count(s, least, where).value_or(0);
    r.most = count(s, most, where).value_or(json_rule::no_limit);
  }

  id string(const json::object& s, const std::string& where) {
    json_rule r;
    r.what = kind::string;
    limits(r, s, "minLength", "maxLength", where);
    std::optional<std::string> pattern;
    if (const auto* p = s.if_contains("pattern")) {
      if (!p->is_string()) refuse("`pattern` is no text", where);
      pattern = std::string(p->get_string());
    }
    if (const auto* f = s.if_contains("format")) {
      if (pattern) refuse("`format` beside `pattern` is not supported", where);
      const std::string name = f->is_string() ? std::string(f->get_string()) : "";
      const auto it = formats.find(name);
      if (name == "date-time") {
        const std::string date(formats.at("date")), time(formats.at("time"));
        pattern = date.substr(0, date.size() - 1) + "T" + time.substr(1);
      } else if (it != formats.end()) {
        pattern = std::string(it->second);
      } else {
        refuse("the `format` " + quoted(name) + " is not supported", where);
      }
    }
    if (pattern) {
      const auto parsed = parse_text_pattern(*pattern);
      if (!parsed) refuse(parsed.error().message, where);
      const auto most = r.most == json_rule::no_limit
                            ? std::nullopt
                            : std::optional(static_cast<std::int64_t>(r.most));
      auto automaton = text_automaton::compile(*parsed, static_cast<std::int64_t>(r.least), most);
      if (!automaton) refuse(automaton.error().message, where);
      r.automaton = std::make_shared<const text_automaton>(*std::move(automaton));
    }
    return add(std::move(r));
  }

  id number(const json::object& s, const std::string& where, bool integer) {
    using side = number_rule::side;
    static const std::vector<std::pair<text, side>> sides = {{"minimum", side::least},
                                                             {"exclusiveMinimum", side::above},
                                                             {"maximum", side::most},
                                                             {"exclusiveMaximum", side::below}};
    std::vector<number_rule::bound> bounds;
    for (const auto& [key, which] : sides) {
      const auto* v = s.if_contains(key);
      if (!v) continue;
      if (!v->is_number()) refuse(quoted(key) + " is no number", where);
      bounds.push_back({which, v->to_number<double>()});
    }
    const auto made =
        number_rule::make(integer ? number_rule::kind::integer : number_rule::kind::any, bounds);
    if (!made) refuse(made.error().message, where);
    json_rule r;
    r.what = kind::number;
    r.number = *made;
    return add(std::move(r));
  }

  id array(const json::object& s, const std::string& where) {
    json_rule r;
    r.what = kind::array;
    limits(r, s, "minItems", "maxItems", where);
    if (const auto* u = s.if_contains("uniqueItems"); u && *u != json::value(false))
      refuse("the keyword `uniqueItems` is not supported", where);
    if (const auto* p = s.if_contains("prefixItems")) {
      const auto* list = p->if_array();
      if (!list) refuse("`prefixItems` is no list", where);
      for (std::size_t i = 0; i < list->size(); ++i)
        r.first_items.push_back(read((*list)[i], where + "/prefixItems/" + std::to_string(i)));
    }
    const auto* items = s.if_contains("items");
    r.others = items ? read(*items, where + "/items") : any_value().front();
    return add(std::move(r));
  }

  id object(const json::object& s, const std::string& where) {
    json_rule r;
    r.what = kind::object;
    limits(r, s, "minProperties", "maxProperties", where);
    const auto* others = s.if_contains("additionalProperties");
    r.others = others ? read(*others, where + "/additionalProperties") : any_value().front();
    if (const auto* p = s.if_contains("properties")) {
      if (!p->is_object()) refuse("`properties` is no table", where);
      for (const auto& [name, schema] : p->get_object())
        r.members.push_back(
            {json_spelling(name), read(schema, where + "/properties/" + std::string(name)), false});
    }
    if (const auto* list = s.if_contains("required")) {
      if (!list->is_array()) refuse("`required` is no list", where);
      for (const json::value& v : list->get_array()) {
        if (!v.is_string()) refuse("`required` names something that is no text", where);
        const std::string name = json_spelling(v.get_string());
        auto it = std::ranges::find(r.members, name, &json_rule::member::name);
        if (it == r.members.end()) it = r.members.insert(it, {name, r.others, false});
        it->required = true;
      }
    }
    if (r.members.size() > json_rule::most_members)
      refuse("more than 256 `properties` are not supported", where);
    return add(std::move(r));
  }

  const json::value& root_;
  json_grammar g_;
  std::map<const json::value*, id> known_;
  std::vector<std::pair<id, std::string>> exclusive_;
  id any_ = json_rule::none;
  int depth_ = 0;
};

result<std::shared_ptr<const json_grammar>> json_grammar::make(const json::value& schema) try {
  return json_schema_reader(schema).read();
} catch (const std::exception& e) {
  return error{errc::invalid_request, std::string("the JSON Schema cannot be used: ") + e.what()};
}

result<std::shared_ptr<const json_grammar>> json_grammar::parse(std::string_view schema) {
  boost::system::error_code failed;
  const json::value parsed = json::parse(schema, failed);
  if (failed)
    return error{errc::invalid_request, "the JSON Schema is no JSON: " + failed.message()};
  return make(parsed);
}

}  // namespace troupe
