#pragma once
// As much of JSON Schema (draft 7) as the schema of graphs uses.

#include <boost/json.hpp>

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
    if (s.contains("type") && !is_a(v, s.at("type").as_string()))
      return complain("is no " + std::string(s.at("type").as_string()));
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
      if (s.contains("minLength") && double(text.size()) < number("minLength"))
        complain("is too short");
    }
    if (v.is_number()) {
      if (s.contains("minimum") && v.to_number<double>() < number("minimum"))
        complain("is too small");
      if (s.contains("maximum") && v.to_number<double>() > number("maximum"))
        complain("is too large");
    }
    if (v.is_array()) {
      if (s.contains("minItems") && double(v.as_array().size()) < number("minItems"))
        complain("has too few items");
      if (s.contains("items"))
        for (std::size_t i = 0; i < v.as_array().size(); ++i)
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
