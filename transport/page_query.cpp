#include "transport/page_query.hpp"

#include "transport/url.hpp"

#include <charconv>

namespace troupe {

result<page_query> page_query::read(std::string_view query) {
  page_query page;
  page.after = std::move(find_query(query, "after").text).value_or(std::string());
  const auto given = find_query(query, "limit");
  if (!given.present) return page;
  const std::string digits = given.text.value_or(std::string());
  const char* end = digits.data() + digits.size();
  auto [p, ec] = std::from_chars(digits.data(), end, page.limit);
  if (ec != std::errc() || p != end || page.limit == 0 || page.limit > most)
    return error{errc::invalid_request, "`limit` must be a number from 1 to 1000"};
  return page;
}

}  // namespace troupe
