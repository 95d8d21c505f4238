#pragma once
// `?after=RUN&limit=N` of the routes that list runs.

#include "pipeline/result.hpp"

namespace troupe {

struct page_query {
  static constexpr std::size_t most = 1000, usual = 100;
  std::string after;  ///< empty: from the beginning
  std::size_t limit = usual;

  /// Error: `limit` is no number from 1 to `most`.
  static result<page_query> read(std::string_view query);
};

}  // namespace troupe
