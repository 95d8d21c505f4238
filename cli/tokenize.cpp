// troupe tokenize DIR [--plain]: JSON strings on stdin, one a line -> their token ids, one list a
// line.

#include "cli/command.hpp"
#include "model/model_config.hpp"

#include <boost/json.hpp>

#include <iostream>

namespace troupe {

namespace {

void tokenize(command_context& c, const std::string& folder, control_tokens controls) {
  // Only vocabularies without a tokenizer.json need to know their size, from a config.json.
  const auto config = read_model_config(folder);
  const auto words = open_tokenizer(folder, config ? config->vocabulary : 0);
  if (!words) return complain(c, words.error().message);
  std::ios::sync_with_stdio(false);
  std::string line;
  for (std::int64_t number = 1; std::getline(std::cin, line); ++number) {
    boost::system::error_code wrong;
    const auto text = boost::json::parse(line, wrong);
    if (wrong || !text.is_string())
      return complain(c, "line " + std::to_string(number) +
                             " of the input is no JSON string; write one a line: \"Hello\"");
    const auto ids = (*words)->encode(text.get_string(), controls);
    std::string out = "[";
    for (const token_id id : ids) {
      if (out.size() > 1) out += ',';
      out += std::to_string(id);
    }
    std::cout << out << "]\n";
  }
  std::cout.flush();
}

}  // namespace

void add_tokenize(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand(
      "tokenize", "JSON strings on stdin, one a line: the ids of a model's tokens for each");
  auto folder = std::make_shared<std::string>();
  auto plain = std::make_shared<bool>(false);
  sub->add_option("model", *folder, "a model's folder: tokenizer.json, or tokenizer.bin")
      ->required();
  sub->add_flag("--plain", *plain, "control tokens such as <|im_end|> are text like any other");
  sub->callback([&c, folder, plain] {
    tokenize(c, *folder, *plain ? control_tokens::as_text : control_tokens::recognise);
  });
}

}  // namespace troupe
