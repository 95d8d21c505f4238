#pragma once
// Random JSON Schemas of every known keyword, and random documents that satisfy them.

#include "model/augment.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace troupe::test {

class random_schemas {
 public:
  explicit random_schemas(std::uint64_t seed) : random_(seed) {}

  boost::json::value make() {
    boost::json::value root = schema(3);
    if (root.is_object()) root.as_object()["$defs"] = {{"leaf", leaf()}, {"tree", tree()}};
    return root;
  }

  /// A document that satisfies `schema`, most of the time; nothing if none was found.
  std::optional<boost::json::value> document(const boost::json::value& root) {
    root_ = &root;
    return fitting(root, 0);
  }

 private:
  using value = boost::json::value;
  using object = boost::json::object;
  using array = boost::json::array;

  bool chance(int percent) { return random_.below(100) < std::size_t(percent); }
  std::int64_t from_to(std::int64_t a, std::int64_t b) {
    return a + std::int64_t(random_.below(std::size_t(b - a + 1)));
  }
  std::string word() {
    static const std::vector<std::string> words = {
        "a",         "ab",         "name", "\u5317\u4eac", "x y",  "quote\"d", "back\\slash",
        "line\nend", "\U0001F600", "",     "e\u0301",      "\x01", "tab\t",    "/"};
    return words[random_.below(words.size())];
  }

  static value tree() {
    return {{"type", "object"},
            {"properties", {{"l", {{"$ref", "#/$defs/tree"}}}, {"v", {{"$ref", "#/$defs/leaf"}}}}},
            {"required", {"v"}},
            {"additionalProperties", false}};
  }

  value leaf() {
    switch (random_.below(11)) {
      case 0:
        return {{"type", "boolean"}};
      case 1:
        return {{"type", "null"}};
      case 2:
        return string();
      case 3:
        return string();
      case 4:
        return number("integer");
      case 5:
        return number("number");
      case 6:
        return {
            {"enum", array{word(), word(), from_to(-5, 120), 1.5, nullptr, true, array{1, "a"}}}};
      case 7:
        return {{"const", word()}};
      case 8:
        return pattern();
      case 9:
        return true;
      default:
        return {{"type", array{"string", "null", "integer"}}};
    }
  }

  value string() {
    object o = {{"type", "string"}};
    if (chance(40)) o["minLength"] = from_to(0, 3);
    if (chance(40)) o["maxLength"] = from_to(3, 6);
    return o;
  }

  value pattern() {
    static const std::vector<std::string> patterns = {
        "^[a-z]{2,4}$", "^(red|green|blue)$", "^\\d{4}-\\d{2}$", "ab+", "^x?y*z", "[^a-c]$"};
    object o = {{"type", "string"}, {"pattern", patterns[random_.below(patterns.size())]}};
    if (chance(30)) o["maxLength"] = 9;
    return o;
  }

  value number(const char* type) {
    object o = {{"type", type}};
    const double low = double(from_to(-120, 100)) / (chance(50) ? 1 : 8);
    if (chance(50)) o[chance(70) ? "minimum" : "exclusiveMinimum"] = low;
    if (chance(50)) o[chance(70) ? "maximum" : "exclusiveMaximum"] = low + double(from_to(1, 30));
    return o;
  }

  value schema(int depth) {
    if (depth == 0 || chance(25)) return leaf();
    switch (random_.below(6)) {
      case 0: {
        array of;
        for (auto n = from_to(1, 3); n > 0; --n) of.push_back(schema(depth - 1));
        return {{"anyOf", of}};
      }
      case 1:
        return {{"oneOf",
                 {{{"type", "object"},
                   {"properties", {{"kind", {{"const", "a"}}}, {"x", schema(depth - 1)}}},
                   {"required", {"kind"}}},
                  {{"type", "object"},
                   {"properties", {{"kind", {{"const", "b"}}}, {"y", schema(depth - 1)}}},
                   {"required", {"kind", "y"}}}}}};
      case 2:
        return {{"$ref", chance(50) ? "#/$defs/tree" : "#/$defs/leaf"}};
      case 3: {
        object o = {{"type", "array"}};
        if (chance(80)) o["items"] = schema(depth - 1);
        if (chance(30)) o["prefixItems"] = array{schema(depth - 1), leaf()};
        if (chance(40)) o["minItems"] = from_to(0, 2);
        if (chance(40)) o["maxItems"] = from_to(2, 4);
        return o;
      }
      default: {
        object o = {{"type", "object"}}, inner;
        array required;
        for (auto n = from_to(0, 4); n > 0; --n) {
          const auto name = word();
          inner[name] = schema(depth - 1);
          if (chance(50) && std::ranges::find(required, value(name)) == required.end())
            required.push_back(value(name));
        }
        o["properties"] = inner;
        if (!required.empty()) o["required"] = required;
        if (chance(60)) o["additionalProperties"] = chance(70) ? value(false) : leaf();
        if (chance(20)) o["minProperties"] = from_to(0, 2);
        if (chance(20)) o["maxProperties"] = from_to(3, 5);
        return o;
      }
    }
  }

  value any(int depth) {
    switch (random_.below(depth > 2 ? 4 : 6)) {
      case 0:
        return value(word());
      case 1:
        return value(from_to(-1000, 1000));
      case 2:
        return value(chance(50));
      case 3:
        return nullptr;
      case 4:
        return array{any(depth + 1)};
      default:
        return object{{word(), any(depth + 1)}};
    }
  }

  std::optional<value> fitting(const value& schema, int depth) {
    if (depth > 6) return std::nullopt;
    if (schema.is_bool()) {
      if (!schema.as_bool()) return std::nullopt;
      return any(depth);
    }
    const object& s = schema.as_object();
    if (s.contains("const")) return s.at("const");
    auto one_of = [&](const array& a) { return a[random_.below(a.size())]; };
    if (s.contains("enum")) return one_of(s.at("enum").as_array());
    for (const char* key : {"anyOf", "oneOf"})
      if (s.contains(key)) return fitting(one_of(s.at(key).as_array()), depth + 1);
    if (s.contains("$ref"))
      return fitting(root_->at_pointer(std::string(s.at("$ref").as_string()).substr(1)), depth + 1);
    std::string type = "string";
    if (s.contains("type"))
      type = s.at("type").is_array() ? one_of(s.at("type").as_array()).as_string().c_str()
                                     : s.at("type").as_string().c_str();
    if (type == "null") return value(nullptr);
    if (type == "boolean") return value(chance(50));
    if (type == "integer") return value(from_to(-130, 130));
    if (type == "number") return value(double(from_to(-1000, 1000)) / 8);
    if (type == "string") return value(text(s));
    if (type == "array") {
      array out;
      const array none;
      const array& first = s.contains("prefixItems") ? s.at("prefixItems").as_array() : none;
      for (auto n = from_to(0, 3); n > 0; --n) {
        const value any_schema(true);
        const value& at = out.size() < first.size() ? first[out.size()]
                          : s.contains("items")     ? s.at("items")
                                                    : any_schema;
        const auto item = fitting(at, depth + 1);
        if (!item) return std::nullopt;
        out.push_back(*item);
      }
      return out;
    }
    std::vector<std::pair<std::string, value>> members;
    if (s.contains("properties"))
      for (const auto& [name, inner] : s.at("properties").as_object()) {
        const auto v = chance(75) ? fitting(inner, depth + 1) : std::nullopt;
        if (v) members.emplace_back(name, *v);
      }
    if (!s.contains("additionalProperties") && chance(50))
      members.emplace_back("more " + word(), any(depth + 1));
    for (std::size_t i = members.size(); i > 1; --i)
      std::swap(members[i - 1], members[random_.below(i)]);
    object out;
    for (auto& [name, v] : members) out[name] = v;
    return out;
  }

  std::string text(const object& s) {
    if (!s.contains("pattern")) return word() + (chance(30) ? word() : "");
    static const std::vector<std::string> tries = {"ab",   "red",  "green", "2026-11", "abbb", "z",
                                                   "xyyz", "xabx", "yz-",   "d",       "abcd"};
    return tries[random_.below(tries.size())];
  }

  random_source random_;
  const value* root_ = nullptr;
};

}  // namespace troupe::test
