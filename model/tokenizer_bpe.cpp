#include "model/added_tokens.hpp"
#include "model/bpe_model.hpp"
#include "model/json_fields.hpp"
#include "model/text_steps.hpp"
#include "model/text_stream.hpp"
#include "model/token_decoder.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace troupe {

namespace {

namespace json = boost::json;

bool flag(const json::value& v, const char* key) {
  const auto* f = v.as_object().if_contains(key);
  return f && f->is_bool() && f->get_bool();
}

const json::value& part(const json::value& root, const char* key) {
  static const json::value nothing;
  const auto* v = root.as_object().if_contains(key);
  return v ? *v : nothing;
}

token_id checked_id(const json::value& v) {
  const auto id = v.to_number<std::int64_t>();
  if (id < 0 || id > 10'000'000) throw std::invalid_argument("a token id is out of range");
  return id;
}

std::string repaired(std::string_view text) {
  text_stream stream({});
  std::string out = stream.push(text);
  return out + stream.finish();
}

class bpe_tokenizer final : public tokenizer {
 public:
  explicit bpe_tokenizer(const json::value& root)
      : normaliser_(read_normaliser(part(root, "normalizer"))),
        pre_(read_pre_tokeniser(part(root, "pre_tokenizer"))),
        model_(root.at("model"), pre_.bytes),
        decoder_(read_token_decoder(part(root, "decoder"), pre_.bytes)) {
    for (const std::string& entry : model_.entries()) pieces_.push_back(decoder_.bytes(entry));
    read_added(part(root, "added_tokens"));
    read_post_processor(part(root, "post_processor"));
  }

  std::int64_t size() const noexcept override { return static_cast<std::int64_t>(pieces_.size()); }

  std::vector<token_id> opening() const override { return opening_; }

  std::vector<token_id> encode(std::string_view text, control_tokens controls) const override {
    const std::string valid = repaired(text);
    std::vector<token_id> out;
    for (const added_tokens::piece& p : written_.split(valid, controls)) {
      if (p.id >= 0)
        out.push_back(p.id);
      else
        encode_part(p.text, p.text.data() == valid.data(), controls, out);
    }
    return out;
  }

  std::string piece(token_id previous, token_id id) const override {
    if (id < 0 || id >= size()) return {};
    const std::string& bytes = pieces_[static_cast<std::size_t>(id)];
    if (previous >= 0 && std::ranges::find(opening_, previous) == opening_.end()) return bytes;
    return bytes.empty() ? bytes : decoder_.first_bytes(entry(id));
  }

  std::optional<token_id> control(std::string_view text) const override {
    for (const added_token& t : added_)
      if (t.text == text) return t.id;
    return std::nullopt;
  }

 private:
  /// As it is written in the file.
  std::string entry(token_id id) const {
    const auto it = std::ranges::find(added_, id, &added_token::id);
    return it == added_.end() ? model_.entries()[static_cast<std::size_t>(id)] : it->text;
  }

  /// What lies between two added tokens of the first kind.
  void encode_part(std::string_view text, bool at_start, control_tokens controls,
                   std::vector<token_id>& out) const {
    std::string normal(text);
    for (const text_step& step : normaliser_) step(normal);
    if (normalised_.empty()) return encode_plain(normal, at_start, out);
    for (const added_tokens::piece& p : normalised_.split(normal, controls)) {
      if (p.id >= 0)
        out.push_back(p.id);
      else
        encode_plain(p.text, at_start && p.text.data() == normal.data(), out);
    }
  }

  void encode_plain(std::string_view text, bool at_start, std::vector<token_id>& out) const {
    if (text.empty()) return;
    text_pieces pieces{.list = {text}, .owned = {}, .at_start = at_start};
    for (const piece_step& step : pre_.steps) step(pieces);
    for (const std::string_view p : pieces.list) model_.encode(p, out);
  }

  void read_added(const json::value& list) {
    if (list.is_null()) return;
    for (const json::value& v : list.as_array()) {
      const added_token t{.text = text_at(v, "content"),
                          .id = checked_id(v.at("id")),
                          .special = flag(v, "special"),
                          .normalized = flag(v, "normalized"),
                          .single_word = flag(v, "single_word"),
                          .lstrip = flag(v, "lstrip"),
                          .rstrip = flag(v, "rstrip")};
      const auto at = static_cast<std::size_t>(t.id);
      if (pieces_.size() <= at) pieces_.resize(at + 1);
      pieces_[at] = t.special ? std::string() : decoder_.bytes(t.text);
      std::string as_written = t.text;
      if (t.normalized)
        for (const text_step& step : normaliser_) step(as_written);
      if (t.text.empty() || as_written.empty())
        throw std::invalid_argument("an added token is empty");
      (t.normalized ? normalised_ : written_).add(t, as_written);
      added_.push_back(t);
    }
  }

  /// The tokens that a `TemplateProcessing` puts before a single text.
  void read_post_processor(const json::value& v) {
    if (v.is_null()) return;
    const std::string type = text_at(v, "type");
    if (type == "Sequence") {
      for (const json::value& inner : v.at("processors").as_array()) read_post_processor(inner);
    } else if (type == "TemplateProcessing") {
      for (const json::value& step : v.at("single").as_array()) {
        const auto* token = step.as_object().if_contains("SpecialToken");
        if (!token) return;
        const std::string name = text_at(*token, "id");
        for (const json::value& id : v.at("special_tokens").at(name).at("ids").as_array())
          opening_.push_back(checked_id(id));
      }
    } else if (type != "ByteLevel") {
      refuse_tokenizer_part("the post-processor `" + type + "`");
    }
  }

  std::vector<text_step> normaliser_;
  pre_tokeniser pre_;
  bpe_model model_;
  token_decoder decoder_;
  std::vector<std::string> pieces_;  ///< bytes by id
  std::vector<added_token> added_;
  added_tokens written_, normalised_;  ///< looked for before and after the normaliser
  std::vector<token_id> opening_;
};

}  // namespace

result<std::shared_ptr<const tokenizer>> parse_bpe_tokenizer(std::string_view text,
                                                             const std::string& name) try {
  return std::shared_ptr<const tokenizer>(std::make_shared<const bpe_tokenizer>(json::parse(text)));
} catch (const std::exception& e) {
  return error{errc::invalid_request, "cannot use the tokenizer `" + name + "`: " + e.what()};
}

}  // namespace troupe
