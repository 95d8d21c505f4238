#pragma once
// As much of JSON Schema as the schema of graphs and the grammars of answers use; written apart
// from model/json_grammar, to judge it.

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <regex>
#include <string>
#include <vector>

namespace troupe::test {

class json_schema {
 public:
  explicit json_schema(boost::json::value root) : root_(std::move(root)) {}

  /// Where and why `v` does not satisfy the schema; empty if it does.
  std::vector<std::string> complaints(const boost::json::value& v) const {
    std::vector<std::string> out;
    check(root_, v, "", out);
    return out;
  }

 private:
  using value = boost::json::value;
  using texts = std::vector<std::string>;

  const value& resolve(const std::string& ref) const {
    return root_.at_pointer(ref.substr(1));  // "#/definitions/name"
  }

  static bool is_a(const value& v, std::string_view type) {
    if (type == "object") return v.is_object();
    if (type == "array") return v.is_array();
    if (type == "string") return v.is_string();
    if (type == "boolean") return v.is_bool();
    if (type == "number") return v.is_number();
    if (type == "integer")
      return v.is_int64() || v.is_uint64() ||
             (v.is_double() && std::floor(v.as_double()) == v.as_double());
    return type == "null" && v.is_null();
  }

  bool fits(const value& schema, const value& v) const {
    texts ignored;
    check(schema, v, "", ignored);
    return ignored.empty();
  }

  void check(const value& schema, const value& v, const std::string& at, texts& out) const {
    if (schema.is_bool()) {
      if (!schema.as_bool()) out.push_back(at + ": nothing may stand here");
      return;
    }
    const auto& s = schema.as_object();
    auto complain = [&](const std::string& why) { out.push_back(at + ": " + why); };
    auto number = [&](const char* key) { return s.at(key).to_number<double>(); };
    if (s.contains("$ref")) return check(resolve(s.at("$ref").as_string().c_str()), v, at, out);
    if (s.contains("type")) {
      bool is = false;
      if (const auto* list = s.at("type").if_array())
        for (const value& t : *list) is = is || is_a(v, t.as_string());
      else
        is = is_a(v, s.at("type").as_string());
      if (!is) return complain("is no " + serialize(s.at("type")));
    }
    if (s.contains("const") && v != s.at("const")) complain("is not the one value");
    if (s.contains("enum")) {
      bool found = false;
      for (const value& one : s.at("enum").as_array()) found = found || one == v;
      if (!found) complain(serialize(v) + " is none of " + serialize(s.at("enum")));
    }
    if (v.is_string()) {
      const std::string text(v.as_string());
      if (s.contains("pattern") &&
          !std::regex_search(text, std::regex(s.at("pattern").as_string().c_str())))
        complain("`" + text + "` does not match");
      const auto length =
          double(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
      if (s.contains("minLength") && length < number("minLength")) complain("is too short");
      if (s.contains("maxLength") && length > number("maxLength")) complain("is too long");
    }
    if (v.is_number()) {
      if (s.contains("minimum") && v.to_number<double>() < number("minimum"))
        complain("is too small");
      if (s.contains("maximum") && v.to_number<double>() > number("maximum"))
        complain("is too large");
      if (s.contains("exclusiveMinimum") && v.to_number<double>() <= number("exclusiveMinimum"))
        complain("is not above");
      if (s.contains("exclusiveMaximum") && v.to_number<double>() >= number("exclusiveMaximum"))
        complain("is not below");
    }
    if (v.is_array()) {
      if (s.contains("minItems") && double(v.as_array().size()) < number("minItems"))
        complain("has too few items");
      if (s.contains("maxItems") && double(v.as_array().size()) > number("maxItems"))
        complain("has too many items");
      std::size_t i = 0;
      if (s.contains("prefixItems"))
        for (; i < v.as_array().size() && i < s.at("prefixItems").as_array().size(); ++i)
          check(s.at("prefixItems").as_array()[i], v.as_array()[i], at + "/" + std::to_string(i),
                out);
      if (s.contains("items"))
        for (; i < v.as_array().size(); ++i)
          check(s.at("items"), v.as_array()[i], at + "/" + std::to_string(i), out);
    }
    if (v.is_object()) check_object(s, v.as_object(), at, out);
    if (s.contains("allOf"))
      for (const value& one : s.at("allOf").as_array()) check(one, v, at, out);
    if (s.contains("anyOf")) {
      bool any = false;
      for (const value& one : s.at("anyOf").as_array()) any = any || fits(one, v);
      if (!any) complain("fits none of its forms");
    }
    if (s.contains("oneOf")) {
      int fitting = 0;
      for (const value& one : s.at("oneOf").as_array()) fitting += fits(one, v);
      if (fitting != 1) complain("fits " + std::to_string(fitting) + " of its forms");
    }
    if (s.contains("if")) {
      const char* branch = fits(s.at("if"), v) ? "then" : "else";
      if (s.contains(branch)) check(s.at(branch), v, at, out);
    }
  }

  void check_object(const boost::json::object& s, const boost::json::object& v,
                    const std::string& at, texts& out) const {
    if (s.contains("required"))
      for (const value& key : s.at("required").as_array())
        if (!v.contains(key.as_string()))
          out.push_back(at + ": `" + std::string(key.as_string()) + "` is missing");
    if (s.contains("minProperties") && double(v.size()) < s.at("minProperties").to_number<double>())
      out.push_back(at + ": has too few entries");
    if (s.contains("maxProperties") && double(v.size()) > s.at("maxProperties").to_number<double>())
      out.push_back(at + ": has too many entries");
    for (const auto& [key, inner] : v) {
      const std::string place = at + "/" + std::string(key);
      if (s.contains("propertyNames")) check(s.at("propertyNames"), value(key), place, out);
      if (s.contains("properties") && s.at("properties").as_object().contains(key))
        check(s.at("properties").as_object().at(key), inner, place, out);
      else if (s.contains("additionalProperties"))
        check(s.at("additionalProperties"), inner, place, out);
    }
  }

  value root_;
};

}  // namespace troupe::test
