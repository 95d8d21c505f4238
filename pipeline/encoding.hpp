#pragma once
// Search by meaning: what a model library may offer besides search by wording.

#include "pipeline/services.hpp"

namespace troupe {

/// Vectors of texts: those of texts that mean the same are near each other. Thread-safe.
class text_encoder {
 public:
  virtual ~text_encoder() = default;
  /// All of one size and of length 1; zeros if nothing of the text is known.
  virtual std::vector<float> encode(std::string_view text) const = 0;
};

/// What a `model_library` that knows encoders is as well. Thread-safe.
class encoding_library {
 public:
  virtual ~encoding_library() = default;
  /// A folder made by `troupe train encoder`.
  virtual result<std::shared_ptr<const text_encoder>> load_encoder(
      const std::filesystem::path& folder) = 0;
  /// Like `model_library::make_index`, but texts are found by wording and meaning together.
  virtual result<std::shared_ptr<const text_index>> make_index(
      std::span<const std::string> texts, std::shared_ptr<const text_encoder> encoder) = 0;
};

/// The encoder in `folder`; none if `folder` is empty. Error `unavailable` if `library` knows no
/// encoders.
inline result<std::shared_ptr<const text_encoder>> load_encoder(
    model_library& library, const std::filesystem::path& folder) {
  if (folder.empty()) return std::shared_ptr<const text_encoder>();
  if (auto* encoding = dynamic_cast<encoding_library*>(&library))
    return encoding->load_encoder(folder);
  return error{errc::unavailable, "cannot load the encoder `" + folder.string() +
                                      "`: the model library of this program knows none; leave "
                                      "`encoder` out to search by wording"};
}

/// An index with `encoder`, or without one if it is null.
inline result<std::shared_ptr<const text_index>> make_index(
    model_library& library, std::span<const std::string> texts,
    const std::shared_ptr<const text_encoder>& encoder) {
  auto* encoding = encoder ? dynamic_cast<encoding_library*>(&library) : nullptr;
  return encoding ? encoding->make_index(texts, encoder) : library.make_index(texts);
}

}  // namespace troupe
