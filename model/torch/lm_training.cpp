#include "model/torch/lm_training.hpp"

#include "model/bpe_trainer.hpp"
#include "model/torch/lm_trainer.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <fstream>
#include <iterator>

namespace troupe {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

result<void> write_text(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) return error{errc::failed, "cannot write `" + file.string() + "`"};
  return {};
}

std::string config_text(const model_config& c) {
  const json::object root{{"architectures", {"LlamaForCausalLM"}},
                          {"model_type", "llama"},
                          {"hidden_act", "silu"},
                          {"hidden_size", c.hidden},
                          {"intermediate_size", c.intermediate},
                          {"num_hidden_layers", c.layers},
                          {"num_attention_heads", c.heads},
                          {"num_key_value_heads", c.kv_heads},
                          {"vocab_size", c.vocabulary},
                          {"max_position_embeddings", c.context},
                          {"rms_norm_eps", c.norm_epsilon},
                          {"rope_theta", c.rope.theta},
                          {"tie_word_embeddings", true},
                          {"eos_token_id", c.end.front()},
                          {"torch_dtype", "bfloat16"}};
  return json::serialize(root) + "\n";
}

result<std::string> vocabulary_of(const std::vector<lm_example>& examples,
                                  const std::optional<prompt_format>& format,
                                  const lm_options& options) {
  std::vector<std::string> texts;
  for (const auto& e : examples) {
    auto [prompt, answer] = as_read(e, format);
    texts.push_back(std::move(prompt));
    texts.push_back(std::move(answer));
  }
  texts.emplace_back("user\nassistant\nsystem\n");
  bpe_training how{.size = options.vocabulary, .special = {"<|im_start|>", "<|im_end|>"}};
  if (format) how.added = delexicaliser::vocabulary();
  return train_bpe(texts, how);
}

result<model_config> config_of(const lm_options& o, const tokenizer& words) {
  if (o.heads < 1 || o.hidden % o.heads != 0 || (o.hidden / o.heads) % 2 != 0)
    return error{errc::invalid_request, "a width of " + std::to_string(o.hidden) +
                                            " cannot be cut into " + std::to_string(o.heads) +
                                            " heads of even size"};
  model_config c;
  c.hidden = o.hidden;
  c.intermediate = o.intermediate;
  c.layers = o.layers;
  c.heads = c.kv_heads = o.heads;
  c.head_size = o.hidden / o.heads;
  c.vocabulary = words.size();
  c.context = o.context;
  c.tied_embeddings = true;
  c.end = {*words.control("<|im_end|>")};
  return c;
}

class stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

result<lm_report> train_lm_folder(const lm_options& o) try {
  const stopwatch since;
  auto examples = read_lm_examples(o.data);
  if (!examples) return examples.error();
  std::optional<prompt_format> format;
  std::string format_text;
  if (!o.format.empty()) {
    std::ifstream in(o.format);
    if (!in) return error{errc::not_found, "cannot read `" + o.format.string() + "`"};
    format_text.assign(std::istreambuf_iterator<char>(in), {});
    auto parsed = parse_prompt_format(format_text, o.format.string());
    if (!parsed) return parsed.error();
    format = *std::move(parsed);
  }
  std::error_code failed;
  fs::create_directories(o.out, failed);
  const auto checkpoint = o.out / "checkpoint.safetensors";
  const bool resume = o.resume && fs::exists(checkpoint, failed);

  if (!resume && !o.init.empty()) {
    fs::copy_file(o.init / "tokenizer.json", o.out / "tokenizer.json",
                  fs::copy_options::overwrite_existing, failed);
    if (failed)
      return error{errc::not_found, "cannot copy `" + (o.init / "tokenizer.json").string() + "`"};
  } else if (!resume) {
    auto vocabulary = vocabulary_of(*examples, format, o);
    if (!vocabulary) return vocabulary.error();
    if (auto r = write_text(o.out / "tokenizer.json", *vocabulary); !r) return r.error();
  }
  auto words = open_tokenizer(o.out, o.vocabulary);
  if (!words) return words.error();
  auto config = config_of(o, **words);
  if (!config) return config.error();
  if (auto r = write_text(o.out / "config.json", config_text(*config)); !r) return r.error();
  if (format)
    if (auto r = write_text(o.out / "prompt_format.json", format_text); !r) return r.error();

  auto sequences = make_sequences(*examples, format, **words, o.context);
  random_source random(o.seed);
  for (std::size_t i = sequences.size(); i > 1; --i)
    std::swap(sequences[i - 1], sequences[random.below(i)]);
  const auto kept = static_cast<std::size_t>(o.held_out * double(sequences.size()));
  const std::vector<lm_sequence> held_out(sequences.end() - std::ptrdiff_t(kept), sequences.end());
  sequences.resize(sequences.size() - kept);
  if (sequences.empty())
    return error{errc::invalid_request,
                 "no example fits into a context of " + std::to_string(o.context) + " tokens"};

  lm_trainer trainer(*config, o, sequences);
  if (resume) {
    if (auto r = trainer.load(checkpoint); !r) return r.error();
  } else if (!o.init.empty()) {
    auto begun = read_model_config(o.init);
    if (!begun) return begun.error();
    if (auto r = trainer.begin_from(o.init / "model.safetensors", begun->layers); !r)
      return r.error();
  }
  lm_report report{.examples = std::ssize(*examples),
                   .parameters = trainer.parameter_count(),
                   .vocabulary = config->vocabulary};
  auto save = [&]() -> result<void> {
    if (auto r = trainer.save(checkpoint); !r) return r;
    auto bytes = trainer.export_weights(o.out / "model.safetensors");
    if (!bytes) return bytes.error();
    report.bytes = *bytes;
    return {};
  };
  const stopwatch training;
  const auto begin = trainer.steps_done();
  while (trainer.steps_done() < o.steps) {
    if (o.cancel.stop_requested()) {
      if (auto r = save(); !r) return r.error();
      return error{errc::cancelled, "training was stopped after " +
                                        std::to_string(trainer.steps_done()) +
                                        " steps; `--resume` goes on from there"};
    }
    const double loss = trainer.step();
    const auto done = trainer.steps_done();
    report.loss = report.loss == 0 ? loss : 0.98 * report.loss + 0.02 * loss;
    const double seconds = training.seconds();
    if (o.progress)
      o.progress({done, o.steps, report.loss, double(trainer.tokens_seen()) / seconds,
                  seconds / double(done - begin) * double(o.steps - done)});
    if (done % o.save_every == 0 && done < o.steps)
      if (auto r = save(); !r) return r.error();
  }
  if (auto r = save(); !r) return r.error();
  fs::remove(checkpoint, failed);
  report.held_out_loss = trainer.loss_of(held_out);
  report.seconds = since.seconds();
  return report;
} catch (const c10::Error& e) {
  return error{errc::internal, std::string("training failed: ") + e.what_without_backtrace()};
}

}  // namespace troupe
