// `intent`: what the user wants, by a trained classifier.
//
// Reads `text`. Writes `label` (text) and `confidence` (float in [0, 1]).
// Parameters: `model`, folder of a classifier made by `troupe train intent`;
//   `threshold`, below which the label becomes `out_of_scope`;
//   `out_of_scope`, the label for everything the classifier is not sure about.
// A blank text is out of scope with confidence 0 and asks no model.
//
//   [stage.intent]
//   use  = "intent"
//   with = { model = "models/intent", threshold = 0.55 }
//   out  = { label = "intent" }

#include "actors/stages/builtin.hpp"
#include "actors/stages/text.hpp"

namespace troupe::stages {

namespace {

struct intent {
  static constexpr std::string_view name = "intent";
  static constexpr std::string_view summary = "recognises what the user wants";
  struct params {
    std::string model;
    double threshold = 0.5;
    std::string out_of_scope = "out_of_scope";
  };
  struct input {
    std::string text;
  };
  struct output {
    std::string label;
    double confidence = 0;
  };

  static void describe(describer<intent>& d) {
    d.param("model", &params::model, "folder of the trained classifier").required().model();
    d.param("threshold", &params::threshold, "least confidence to believe a label").min(0).max(1);
    d.param("out_of_scope", &params::out_of_scope, "label of texts below the threshold");
    d.in("text", &input::text, "what the user said");
    d.out("label", &output::label, "the intent");
    d.out("confidence", &output::confidence, "probability of the best label, in [0, 1]");
  }

  result<void> open(const stage_services& services) {
    if (!services.models)
      return error{errc::unavailable, "stage `intent` needs the model library to load `" + p.model +
                                          "`; this program was built without it"};
    auto loaded = services.models->load_classifier(services.resolve(p.model));
    if (!loaded) return std::move(loaded).error();
    classifier_ = std::move(*loaded);
    return {};
  }

  result<output> run(const input& in, run_context&) {
    if (is_blank(in.text)) return output{p.out_of_scope, 0};
    auto best = classifier_->classify(clean_utf8(in.text));
    if (!best) return std::move(best).error();
    bool sure = best->confidence >= p.threshold;
    return output{sure ? std::move(best->label) : p.out_of_scope, best->confidence};
  }

  params p;
  std::shared_ptr<const classifier> classifier_;
};

}  // namespace

void add_intent(registry& r) { r.add<intent>(); }

}  // namespace troupe::stages
