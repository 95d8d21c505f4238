#pragma once
// Texts in a FAISS index: hashed n-grams weighted by how rare they are among the texts, folded into
// dense vectors by signed feature hashing (Weinberger et al. 2009), compared by cosine; beside
// them, if there is one, the vectors of an encoder.

#include "model/features.hpp"
#include "pipeline/services.hpp"

namespace troupe {

/// How much wording counts beside meaning.
inline constexpr double wording_part = 0.5;

/// With an encoder, a score is the mean of both cosines, weighted by `wording`.
result<std::shared_ptr<const text_index>> make_text_index(
    std::span<const std::string> texts, std::shared_ptr<const text_encoder> encoder = nullptr,
    double wording = wording_part);

}  // namespace troupe
