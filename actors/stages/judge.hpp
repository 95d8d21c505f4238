#pragma once
// Asking a language model how good a draft is.

#include "pipeline/services.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::stages {

struct opinion {
  double score = 0;  ///< in [0, 1]
  std::vector<std::string> reasons;
};

/// What the model is told and asked, in the draft's language (en or zh): a score out of 100 and its
/// reasons, a line each.
std::vector<chat_message> judge_messages(std::string_view draft, std::string_view topic,
                                         const std::vector<std::string>& facts,
                                         std::string_view language);

/// The score and reasons in an answer, however it was put: JSON with `score` and `reasons`, or
/// lines such as `Score: 85`, `8/10`, `评分：85分`, `85%`, `0.85`. Nothing if there is no score.
std::optional<opinion> read_opinion(std::string_view answer);

}  // namespace troupe::stages
