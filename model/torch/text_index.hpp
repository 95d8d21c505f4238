#pragma once
// Texts in a FAISS index: hashed n-grams weighted by how rare they are among the texts, folded into
// dense vectors by signed feature hashing (Weinberger et al. 2009), compared by cosine.

#include "model/features.hpp"
#include "pipeline/services.hpp"

namespace troupe {

result<std::shared_ptr<const text_index>> make_text_index(std::span<const std::string> texts);

}  // namespace troupe
