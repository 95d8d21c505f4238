// `sentiment`: how the user feels, by a trained classifier of five steps.
//
// Reads `text`. Writes `polarity` (float in [-1, 1]: the expected step, from very negative to very
// positive), `intensity` (float in [0, 1]: the expected distance from neutral) and `mood` (text:
// angry, upset, neutral, pleased or delighted: the most likely step).
// Parameters: `model`, folder of a classifier made by `troupe train sentiment` whose labels are
//   very_negative, negative, neutral, positive and very_positive.
// A blank text is neutral and asks no model.
//
//   [stage.mood]
//   use  = "sentiment"
//   with = { model = "models/sentiment" }

#include "actors/stages/builtin.hpp"
#include "actors/stages/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace troupe::stages {

namespace {

struct step {
  std::string_view label;
  double polarity;
  std::string_view mood;
};
constexpr std::array<step, 5> steps = {{{"very_negative", -1, "angry"},
                                        {"negative", -0.5, "upset"},
                                        {"neutral", 0, "neutral"},
                                        {"positive", 0.5, "pleased"},
                                        {"very_positive", 1, "delighted"}}};

result<const step*> find_step(std::string_view label) {
  auto found = std::ranges::find(steps, label, &step::label);
  if (found != steps.end()) return &*found;
  return error{errc::failed, "the model of stage `sentiment` knows a label `" + std::string(label) +
                                 "`; it must be trained with very_negative, negative, neutral, "
                                 "positive and very_positive"};
}

struct sentiment {
  static constexpr std::string_view name = "sentiment";
  static constexpr std::string_view summary = "tells how the user feels";
  struct params {
    std::string model;
  };
  struct input {
    std::string text;
  };
  struct output {
    double polarity = 0;
    double intensity = 0;
    std::string mood = "neutral";
  };

  static void describe(describer<sentiment>& d) {
    d.param("model", &params::model, "folder of the trained classifier").required().model();
    d.in("text", &input::text, "what the user said");
    d.out("polarity", &output::polarity, "from -1, very negative, to 1, very positive");
    d.out("intensity", &output::intensity, "from 0, calm, to 1, as strong as can be");
    d.out("mood", &output::mood, "angry, upset, neutral, pleased or delighted");
  }

  result<void> open(const stage_services& services) {
    if (!services.models)
      return error{errc::unavailable, "stage `sentiment` needs the model library to load `" +
                                          p.model + "`; this program was built without it"};
    auto loaded = services.models->load_classifier(services.resolve(p.model));
    if (!loaded) return std::move(loaded).error();
    classifier_ = std::move(*loaded);
    return {};
  }

  result<output> run(const input& in, run_context&) {
    if (is_blank(in.text)) return output{};
    auto found = classifier_->classify(clean_utf8(in.text));
    if (!found) return std::move(found).error();
    auto top = find_step(found->label);
    if (!top) return std::move(top).error();
    output out{0, 0, std::string((*top)->mood)};
    for (const auto& [label, probability] : found->scores) {
      auto at = find_step(label);
      if (!at) return std::move(at).error();
      out.polarity += probability * (*at)->polarity;
      out.intensity += probability * std::abs((*at)->polarity);
    }
    out.polarity = std::clamp(out.polarity, -1.0, 1.0);
    out.intensity = std::clamp(out.intensity, 0.0, 1.0);
    return out;
  }

  params p;
  std::shared_ptr<const classifier> classifier_;
};

}  // namespace

void add_sentiment(registry& r) { r.add<sentiment>(); }

}  // namespace troupe::stages
