#include "model/torch/text_index.hpp"

#include <faiss/IndexFlat.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace troupe {

namespace {

constexpr int width = 4096;  ///< of the wording's part
/// Each feature goes to this many places, so that a collision never hides one wholly.
constexpr int places = 4;

std::uint64_t scatter(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

class faiss_text_index final : public text_index {
 public:
  faiss_text_index(std::span<const std::string> texts, std::shared_ptr<const text_encoder> encoder,
                   double wording)
      : texts_(texts.size()),
        encoder_(std::move(encoder)),
        wording_(encoder_ ? static_cast<float>(std::sqrt(wording)) : 1),
        meaning_(static_cast<float>(std::sqrt(1 - wording))),
        index_(width + (encoder_ ? static_cast<int>(encoder_->encode("").size()) : 0)) {
    std::vector<std::vector<std::uint32_t>> features;
    features.reserve(texts.size());
    for (const std::string& t : texts) {
      features.push_back(hash_features(t, options_));
      for (auto id : features.back()) ++seen_in_[id];
    }
    const auto size = static_cast<std::size_t>(index_.d);
    std::vector<float> all(texts.size() * size);
    for (std::size_t i = 0; i < texts.size(); ++i)
      place(texts[i], features[i], all.data() + i * size);
    if (!texts.empty()) index_.add(static_cast<std::int64_t>(texts.size()), all.data());
  }

  std::vector<search_hit> search(std::string_view query, std::size_t top) const override {
    top = std::min(top, texts_);
    if (top == 0) return {};
    std::vector<float> q(static_cast<std::size_t>(index_.d));
    place(query, hash_features(query, options_), q.data());
    std::vector<float> scores(top);
    std::vector<std::int64_t> ids(top);
    index_.search(1, q.data(), static_cast<std::int64_t>(top), scores.data(), ids.data());
    std::vector<search_hit> hits;
    for (std::size_t i = 0; i < top; ++i)
      if (ids[i] >= 0) hits.push_back({ids[i], scores[i]});
    return hits;
  }

 private:
  /// The vector of a text: wording, then meaning. The product of two is the mean of both cosines.
  void place(std::string_view text, const std::vector<std::uint32_t>& features, float* out) const {
    embed(features, out);
    if (!encoder_) return;
    std::for_each(out, out + width, [&](float& x) { x *= wording_; });
    std::ranges::transform(encoder_->encode(text), out + width,
                           [&](float x) { return x * meaning_; });
  }

  /// A feature that no text has weighs as much as the rarest: it is evidence against all of them.
  /// It only makes the vector shorter; put into it, it would meet others' features by chance.
  void embed(const std::vector<std::uint32_t>& features, float* out) const {
    double known = 0, unknown = 0;
    for (auto id : features) {
      const auto found = seen_in_.find(id);
      const double count = found == seen_in_.end() ? 0.5 : found->second;
      const double weight = std::log(1 + static_cast<double>(texts_) / count);
      (found == seen_in_.end() ? unknown : known) += weight * weight;
      if (found == seen_in_.end()) continue;
      for (int p = 0; p < places; ++p) {
        const auto h = scatter(static_cast<std::uint64_t>(id) * places + static_cast<unsigned>(p));
        out[h % width] += static_cast<float>(h >> 63 ? weight : -weight);
      }
    }
    double squares = 0;
    for (int i = 0; i < width; ++i) squares += static_cast<double>(out[i]) * out[i];
    if (squares <= 0) return;
    const auto scale = static_cast<float>(std::sqrt(known / (known + unknown) / squares));
    for (int i = 0; i < width; ++i) out[i] *= scale;
  }

  feature_options options_;
  std::size_t texts_;
  std::shared_ptr<const text_encoder> encoder_;
  float wording_, meaning_;
  std::unordered_map<std::uint32_t, int> seen_in_;
  faiss::IndexFlatIP index_;
};

}  // namespace

result<std::shared_ptr<const text_index>> make_text_index(
    std::span<const std::string> texts, std::shared_ptr<const text_encoder> encoder,
    double wording) {
  try {
    return std::shared_ptr<const text_index>(
        std::make_shared<faiss_text_index>(texts, std::move(encoder), wording));
  } catch (const std::exception& e) {
    return error{errc::internal, "the index cannot be built: " + std::string(e.what())};
  }
}

}  // namespace troupe
