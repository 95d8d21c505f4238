#include "transport/http_address.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace troupe {

result<http_address> parse_address(const std::string& text) {
  auto url = boost::urls::parse_uri(text);
  if (!url || (url->scheme() != "http" && url->scheme() != "https") || url->host().empty())
    return error{errc::invalid_request,
                 "the URL is not valid; it must be absolute, with http:// or https://"};
  http_address a;
  a.tls = url->scheme() == "https";
  a.host = url->host_address();
  a.host_is_name = url->host_type() == boost::urls::host_type::name;
  a.port =
      url->has_port() && !url->port().empty() ? std::string(url->port()) : (a.tls ? "443" : "80");
  a.target = std::string(url->encoded_target());
  if (a.target.empty() || a.target.front() != '/') a.target.insert(0, "/");
  a.shown = std::string(url->scheme()) + "://" + std::string(url->encoded_host_and_port());
  return a;
}

}  // namespace troupe
