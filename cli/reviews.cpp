// troupe reviews list|show|approve|reject|edit: what waits for a decision, and deciding it.

#include "cli/records.hpp"
#include "cli/run_end.hpp"
#include "pipeline/review.hpp"

#include <future>
#include <iostream>
#include <iterator>

namespace troupe {

namespace {

namespace json = boost::json;

struct review_flags : records_flags {
  std::string run, text, comment, reviewer;
};

/// The first `most` characters of a text, on one line.
std::string beginning(std::string text, std::size_t most) {
  for (char& c : text)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  std::size_t at = 0, count = 0;
  for (; at < text.size() && count < most; ++count)
    for (++at; at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;) ++at;
  return at < text.size() ? text.substr(0, at) + "…" : text;
}

std::optional<value> list_of(command_context& c, const review_flags& flags) {
  return listed(c, flags, "reviews", list_reviews);
}

void list(command_context& c, const review_flags& flags) {
  auto all = list_of(c, flags);
  if (!all) return;
  if (flags.json) {
    std::cout << all->to_text() << '\n';
    return;
  }
  for (const value& r : all->as_list())
    std::cout << text_of(r, "run") << "  " << text_of(r, "stage") << "  since "
              << text_of(r, "since") << ", expires " << text_of(r, "expires") << "\n    "
              << beginning(text_of(r, "draft"), 100) << '\n';
  if (all->as_list().empty()) std::cout << "nothing waits for a review\n";
}

void show(command_context& c, const review_flags& flags) {
  auto all = list_of(c, flags);
  if (!all) return;
  for (const value& r : all->as_list()) {
    if (text_of(r, "run") != flags.run) continue;
    if (flags.json) {
      std::cout << r.to_text() << '\n';
      return;
    }
    for (const auto& [key, v] : r.as_table())
      if (key != "draft") std::cout << key << ": " << v.to_text() << '\n';
    std::cout << '\n' << text_of(r, "draft") << '\n';
    return;
  }
  complain(c, "run `" + flags.run + "` waits for no review; `troupe reviews list` tells what does");
}

/// Decides without a server, and goes on with the run until it ends or waits again.
void decide_here(command_context& c, const review_flags& flags, review_decision d) {
  auto g = start_for_run(c, flags.data, flags.run);
  if (!g) return;
  std::promise<result<void>> decided;
  g->runtime->decide_review(std::move(d), [&](result<void> r) { decided.set_value(std::move(r)); });
  if (auto done = decided.get_future().get(); !done) return complain(c, done.error().message);
  print_end(c, wait_for_run(*g->runtime, flags.run), {.data = flags.data, .json = flags.json});
}

void decide(command_context& c, const review_flags& flags, verdict what) {
  review_decision d{.run = flags.run,
                    .task = {},
                    .what = what,
                    .text = flags.text,
                    .comment = flags.comment,
                    .reviewer = flags.reviewer};
  if (what == verdict::edit && d.text == "-")
    d.text.assign(std::istreambuf_iterator<char>(std::cin), {});
  const auto server = find_server(flags);
  if (server.empty()) return decide_here(c, flags, std::move(d));
  json::object body{{"verdict", name_of(what)}};
  if (what == verdict::edit) body["text"] = d.text;
  if (!d.comment.empty()) body["comment"] = d.comment;
  if (!d.reviewer.empty()) body["by"] = d.reviewer;
  auto told = ask_server(c, server, "POST", "/v1/reviews/" + url_segment(flags.run), body);
  if (!told) return;
  if (flags.json)
    std::cout << json::serialize(*told) << '\n';
  else
    std::cout << "run " << flags.run << " goes on\n";
}

}  // namespace

void add_reviews(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("reviews", "what waits for somebody's decision, and deciding it");
  sub->require_subcommand(1);
  auto flags = std::make_shared<review_flags>();
  auto action = [&](const char* name, const char* help) {
    auto* one = sub->add_subcommand(name, help);
    add_records_options(*one, *flags);
    return one;
  };
  action("list", "everything that waits")->callback([&c, flags] { list(c, *flags); });
  auto* one = action("show", "one review, with the whole draft");
  one->add_option("run", flags->run, "the run that waits")->required();
  one->callback([&c, flags] { show(c, *flags); });
  auto decision = [&](const char* name, const char* help, verdict what) {
    auto* act = action(name, help);
    act->add_option("run", flags->run, "the run that waits")->required();
    act->add_option("--comment", flags->comment, "what the stages after it and `why` are told");
    act->add_option("--by", flags->reviewer, "who decides");
    if (what == verdict::edit)
      act->add_option("--text", flags->text, "what takes the draft's place; - reads it from stdin")
          ->required();
    act->callback([&c, flags, what] { decide(c, *flags, what); });
  };
  decision("approve", "let the draft pass", verdict::approve);
  decision("reject", "do not let it pass", verdict::reject);
  decision("edit", "let another text pass in its place", verdict::edit);
}

}  // namespace troupe
