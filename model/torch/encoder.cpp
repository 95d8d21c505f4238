#include "model/torch/encoder.hpp"

namespace troupe {

namespace {

constexpr network_kind encoder_kind{"troupe_text_encoder", "an encoder", "`troupe train encoder`"};

class network_encoder final : public text_encoder {
 public:
  explicit network_encoder(network_file content) : content_(std::move(content)) {}

  std::vector<float> encode(std::string_view text) const override {
    c10::InferenceMode guard;
    bags input;
    input.add(content_.model.known, hash_features(text, content_.features));
    const auto row = directions(content_.model.net.embed(input, false)).contiguous();
    return {row.data_ptr<float>(), row.data_ptr<float>() + row.numel()};
  }

 private:
  const network_file content_;
};

/// Appended piece by piece: GCC 12 takes the sum of these texts for an overflow.
error nothing_in(const std::filesystem::path& folder) {
  std::string what = "the encoder `";
  what.append(folder.string())
      .append("` knows nothing; train it anew by ")
      .append(encoder_kind.made_by);
  return {errc::invalid_request, what};
}

}  // namespace

torch::Tensor directions(const torch::Tensor& embedded) {
  return embedded / embedded.norm(2, {1}, true).clamp_min(1e-6);
}

result<std::int64_t> save_encoder(const std::filesystem::path& folder,
                                  const network_file& content) {
  return save_network(folder, encoder_kind, content, {{"kind", "encoder"}});
}

result<std::shared_ptr<const text_encoder>> open_encoder(const std::filesystem::path& folder) {
  auto file = read_network(folder, encoder_kind, [](const boost::json::value&) {});
  if (!file) return file.error();
  if (file->model.known.ids.empty() || file->model.net.embedding.size(1) == 0)
    return nothing_in(folder);
  return std::shared_ptr<const text_encoder>(
      std::make_shared<const network_encoder>(*std::move(file)));
}

}  // namespace troupe
