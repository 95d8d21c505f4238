#pragma once
// Learns a byte-level BPE vocabulary (Sennrich et al. 2016) and writes it as a Hugging Face
// tokenizer.json, which parse_bpe_tokenizer reads. Every Han character is a word of its own, so
// that Chinese is spelled in characters whatever the training texts repeat.

#include "pipeline/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

struct bpe_training {
  std::int64_t size = 4096;          ///< of the vocabulary, with everything in it
  std::int64_t least = 2;            ///< a pair that is rarer is not merged
  std::vector<std::string> special;  ///< control tokens; the first ids
  std::vector<std::string> added;    ///< tokens that text may spell; the ids after those
};

/// The same texts and options give the same JSON. A vocabulary ends smaller than `size` when no
/// pair is left to merge; a size too small for bytes and given tokens is refused.
result<std::string> train_bpe(const std::vector<std::string>& texts, const bpe_training& options);

}  // namespace troupe
