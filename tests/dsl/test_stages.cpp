// Compiled once for all who use them: stages take a second each.

#include "dsl/test_stages.hpp"

#include <troupe/stage.hpp>

namespace troupe::test {

namespace {

/// Stages of these tests are only described.
template <class Output>
result<Output> never_run() {
  return error{errc::internal, "a stage of a language test was run"};
}

struct echo {
  static constexpr std::string_view name = "echo";
  struct params {
    int times = 1;
    double weight = 0.5;
    std::string mood = "glad";
    std::chrono::milliseconds pause{0};
    std::vector<std::string> words;
  };
  struct input {
    std::string text;
  };
  struct output {
    std::string text;
  };
  static void describe(describer<echo>& d) {
    d.param("times", &params::times, "how often").min(1).max(9);
    d.param("weight", &params::weight, "how much").min(0).max(1);
    d.param("mood", &params::mood, "in which tone").one_of({"glad", "cross"});
    d.param("pause", &params::pause, "how long to wait").max(60'000);
    d.param("words", &params::words, "what else to say");
    d.in("text", &input::text, "what to say");
    d.out("text", &output::text, "what was said");
  }
  result<output> run(const input&, run_context&) { return never_run<output>(); }
  params p;
};

struct classify {
  static constexpr std::string_view name = "classify";
  struct params {
    std::string rules;
    double threshold = 0.5;
  };
  struct input {
    std::string text;
  };
  struct output {
    std::string label;
    double confidence = 0;
  };
  static void describe(describer<classify>& d) {
    d.param("rules", &params::rules, "file with rules").file();
    d.param("threshold", &params::threshold, "least confidence").min(0).max(1);
    d.in("text", &input::text, "what to classify");
    d.out("label", &output::label, "its class");
    d.out("confidence", &output::confidence, "how sure");
  }
  result<output> run(const input&, run_context&) { return never_run<output>(); }
  params p;
};

/// Reads the slots that its prompt names in braces: `{name}`, `{name.key}`, `{name?}`, `{name:- }`.
struct ask {
  static constexpr std::string_view name = "ask";
  struct params {
    std::string prompt;
    std::string model;
    std::vector<std::string> examples;
  };
  struct input {
    value::table slots;
  };
  struct output {
    std::string text;
  };
  static void describe(describer<ask>& d) {
    d.param("prompt", &params::prompt, "what to ask; a template").not_empty().prompt();
    d.param("model", &params::model, "which model to ask").engine();
    d.param("examples", &params::examples, "more of it");
    d.more_in(&input::slots);
    d.out("text", &output::text, "the answer");
  }
  static result<port_set> more_ports(const params& p) {
    port_set all;
    std::string_view rest = p.prompt;
    for (std::size_t open; (open = rest.find('{')) != rest.npos;) {
      std::size_t close = rest.find('}', open);
      if (close == rest.npos) return error{errc::invalid_request, "`prompt` has an open brace"};
      std::string_view name = rest.substr(open + 1, close - open - 1);
      name = name.substr(0, name.find(':'));
      const bool optional = name.ends_with('?');
      if (optional) name.remove_suffix(1);
      all.in.push_back({std::string(name.substr(0, name.find('.'))), slot_type::any, optional,
                        "named in the prompt"});
      rest.remove_prefix(close + 1);
    }
    return all;
  }
  result<output> run(const input&, run_context&) { return never_run<output>(); }
  params p;
};

struct grade {
  static constexpr std::string_view name = "grade";
  struct input {
    std::string draft;
  };
  struct output {
    double score = 0;
    value::list reasons;
  };
  static void describe(describer<grade>& d) {
    d.in("draft", &input::draft, "what to grade");
    d.out("score", &output::score, "from 0 to 1");
    d.out("reasons", &output::reasons, "why");
  }
  result<output> run(const input&, run_context&) { return never_run<output>(); }
};

/// Writes its reply only on a hit.
struct recall {
  static constexpr std::string_view name = "recall";
  struct input {
    std::string question;
  };
  struct output {
    bool hit = false;
    std::optional<std::string> reply;
  };
  static void describe(describer<recall>& d) {
    d.in("question", &input::question, "what was asked");
    d.out("hit", &output::hit, "whether it is known");
    d.out("reply", &output::reply, "the known answer");
  }
  result<output> run(const input&, run_context&) { return never_run<output>(); }
};

struct split {
  static constexpr std::string_view name = "split";
  struct input {
    std::string text;
  };
  struct output {
    value::list items;
  };
  static void describe(describer<split>& d) {
    d.in("text", &input::text, "what to split");
    d.out("items", &output::items, "its parts");
  }
  result<output> run(const input&, run_context&) { return never_run<output>(); }
};

struct note {
  static constexpr std::string_view name = "note";
  struct input {
    std::optional<std::string> reply;
    std::optional<value::table> entities;
  };
  struct output {};
  static void describe(describer<note>& d) {
    d.in("reply", &input::reply, "what was answered");
    d.in("entities", &input::entities, "what it was about");
  }
  result<output> run(const input&, run_context&) { return never_run<output>(); }
};

struct count {
  static constexpr std::string_view name = "count";
  struct input {
    std::string text;
  };
  struct output {
    int n = 0;
    bool many = false;
  };
  static void describe(describer<count>& d) {
    d.in("text", &input::text, "what to count");
    d.out("n", &output::n, "how many words it has");
    d.out("many", &output::many, "whether that is much");
  }
  result<output> run(const input&, run_context&) { return never_run<output>(); }
};

/// Writes the slots of `values`.
struct put {
  static constexpr std::string_view name = "put";
  struct params {
    value::table values;
  };
  struct input {};
  struct output {
    value::table slots;
  };
  static void describe(describer<put>& d) {
    d.param("values", &params::values, "slots and what is put there").not_empty();
    d.more_out(&output::slots);
  }
  static result<port_set> more_ports(const params& p) {
    port_set all;
    for (const auto& [slot, v] : p.values) all.out.push_back({slot, v.type(), false, "put there"});
    return all;
  }
  result<output> run(const input&, run_context&) { return never_run<output>(); }
  params p;
};

/// Asks a model, and streams the answer.
struct speak {
  static constexpr std::string_view name = "speak";
  static constexpr bool streams = true;
  struct params {
    std::string model;
    int max_tokens = 256;
    bool stream = true;
  };
  struct input {
    std::string text;
  };
  struct output {
    std::string text;
  };
  static void describe(describer<speak>& d) {
    d.param("model", &params::model, "which model to ask").engine();
    d.param("max_tokens", &params::max_tokens, "longest answer").min(1);
    d.param("stream", &params::stream, "whether the user sees it grow");
    d.in("text", &input::text, "what to ask");
    d.out("text", &output::text, "the answer");
  }
  result<output> run(const input&, run_context&) { return never_run<output>(); }
  params p;
};

struct guard {
  static constexpr std::string_view name = "guard";
  static constexpr bool moderates = true;
  struct input {
    std::string text;
  };
  struct output {
    std::string text;
    bool flagged = false;
  };
  static void describe(describer<guard>& d) {
    d.in("text", &input::text, "what to clean");
    d.out("text", &output::text, "what may be said");
    d.out("flagged", &output::flagged, "whether something was wrong");
  }
  result<output> run(const input&, run_context&) { return never_run<output>(); }
};

}  // namespace

const registry& test_stages() {
  static const registry all = [] {
    registry r;
    r.add<echo>();
    r.add<classify>();
    r.add<ask>();
    r.add<grade>();
    r.add<recall>();
    r.add<split>();
    r.add<note>();
    r.add<count>();
    r.add<put>();
    r.add<speak>();
    r.add<guard>();
    return r;
  }();
  return all;
}

}  // namespace troupe::test
