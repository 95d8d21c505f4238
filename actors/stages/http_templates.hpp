#pragma once
// The request of the `http` stage: templates for URL, headers and JSON body.

#include "actors/stages/prompt.hpp"

namespace troupe::stages {

class http_templates {
 public:
  /// `url` must name scheme and host itself, so that no slot can choose the server. `json` is none
  /// or any TOML value; a text in it that is one placeholder alone takes the slot's own type.
  static result<http_templates> parse(std::string_view url, const value::table& headers,
                                      const value& json);

  std::vector<port> ports() const;

  /// URL, headers and body with all slots put in; a value in the URL is percent-encoded. Errors
  /// (`failed`) name the slot.
  result<http_request> render(const value::table& slots) const;

 private:
  result<value> render_json(const value& json, const value::table& slots) const;

  prompt url_;
  std::vector<std::pair<std::string, prompt>> headers_;
  value json_;
};

}  // namespace troupe::stages
