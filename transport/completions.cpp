// The OpenAI-compatible door: the graph is a model, a run is a completion
// (https://platform.openai.com/docs/api-reference/chat).

#include "transport/ids.hpp"
#include "transport/json_reader.hpp"
#include "transport/routes.hpp"
#include "transport/run_watch.hpp"
#include "transport/whole_answer.hpp"

#include <boost/json.hpp>

namespace troupe {

namespace json = boost::json;

namespace {

struct completion_request {
  submission run;
  std::string model;
  bool stream = false;
  bool include_usage = false;
};

/// The text of a message's content: text as it is, or a list of parts of which the text parts
/// are joined.
std::string content_text(const json::value& content) {
  if (const auto* s = content.if_string()) return std::string(*s);
  std::string joined;
  if (const auto* parts = content.if_array())
    for (const auto& part : *parts) {
      const auto* o = part.if_object();
      const auto* text = o ? o->if_contains("text") : nullptr;
      if (!text || !text->is_string()) continue;
      if (!joined.empty()) joined += '\n';
      joined += std::string_view(text->get_string().data(), text->get_string().size());
    }
  return joined;
}

/// What the last message of the user says; empty if there is none.
std::string last_user_text(const json::array& messages) {
  for (auto m = messages.rbegin(); m != messages.rend(); ++m) {
    const auto* o = m->if_object();
    const auto* role = o ? o->if_contains("role") : nullptr;
    if (!role || *role != json::value("user")) continue;
    const auto* content = o->if_contains("content");
    return content ? content_text(*content) : std::string();
  }
  return {};
}

result<completion_request> parse_completion(std::string_view body, const std::string& graph) {
  auto object = parse_object(body, {});
  if (!object) return std::move(object).error();
  member_reader members(*object);
  completion_request c;
  c.model = members.id("model", presence::required);
  auto user = members.id("user", presence::optional);
  c.stream = members.boolean("stream", false);
  if (const auto* options = members.object("stream_options", presence::optional)) {
    member_reader inner(*options, "stream_options.");
    c.include_usage = inner.boolean("include_usage", false);
    if (inner.problem()) return *inner.problem();
  }
  std::string text;
  if (const auto* messages = members.array("messages", presence::required)) {
    text = last_user_text(*messages);
    if (text.empty())
      members.complain("messages", "must have a message with the role `user` and a text");
  }
  if (members.problem()) return *members.problem();
  if (c.model != graph)
    return error{errc::not_found, "there is no model `" + c.model + "`; this one is `" + graph +
                                      "`, see GET /v1/models"};
  c.run.conversation = user;
  c.run.owner = user;
  c.run.message_id = make_id("m-");
  // Nobody could come back to it: its message id is made here.
  c.run.left = when_left::is_cancelled;
  c.run.input = {{"text", std::move(text)}};
  return c;
}

std::int64_t unix_seconds(std::chrono::system_clock::time_point t) {
  return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}

/// The parts that all answers to one request share.
class completion_writer {
 public:
  explicit completion_writer(std::string model)
      : model_(std::move(model)), created_(unix_seconds(std::chrono::system_clock::now())) {}

  std::string whole(const event& e) const {
    auto out = head(e.run, "chat.completion");
    out += R"("choices":[{"index":0,"message":{"role":"assistant","content":)";
    append_json_string(out, e.text.empty() ? e.reply.to_text() : e.text);
    out += R"(},"finish_reason":"stop"}],"usage":)";
    append_json(out, usage_of(e));
    return out + "}";
  }

  std::string first(const std::string& run) const {
    return chunk(run, R"({"role":"assistant","content":""})", "null");
  }

  std::string piece(const std::string& run, std::string_view text) const {
    std::string delta = R"({"content":)";
    append_json_string(delta, text);
    return chunk(run, delta + "}", "null");
  }

  std::string last(const std::string& run) const { return chunk(run, "{}", R"("stop")"); }

  std::string usage(const event& e) const {
    auto out = head(e.run, "chat.completion.chunk") + R"("choices":[],"usage":)";
    append_json(out, usage_of(e));
    return "data: " + out + "}\n\n";
  }

 private:
  /// Tokens are counted by a graph that has a slot `usage`; without it nobody knows them.
  static value usage_of(const event& e) {
    const auto* usage = e.slots.find("usage");
    return usage ? *usage : value();
  }

  std::string head(const std::string& run, std::string_view object) const {
    std::string out = R"({"id":)";
    append_json_string(out, "chatcmpl-" + run);
    out.append(R"(,"object":")").append(object);
    out.append(R"(","created":)").append(std::to_string(created_)).append(R"(,"model":)");
    append_json_string(out, model_);
    return out + ",";
  }

  std::string chunk(const std::string& run, std::string_view delta, std::string_view finish) const {
    auto out = "data: " + head(run, "chat.completion.chunk");
    out.append(R"("choices":[{"index":0,"delta":)").append(delta);
    out.append(R"(,"finish_reason":)").append(finish);
    return out + "}]}\n\n";
  }

  std::string model_;
  std::int64_t created_;
};

/// Deltas become chunks. This protocol cannot take words back: after a rewind, deltas are held
/// until the final reply is known; what it adds to the words already sent is sent then, or the
/// whole reply after an empty line if it is a different one.
class streamed_completion final : public event_sink {
 public:
  streamed_completion(service& s, completion_writer writer, bool include_usage,
                      std::shared_ptr<departure> left, responder_ptr answer)
      : watch_(s.metrics),
        writer_(std::move(writer)),
        include_usage_(include_usage),
        left_(std::move(left)),
        answer_(std::move(answer)) {}

  bool deliver(const event_ptr& e) override {
    switch (e->kind) {
      case event_kind::accepted:
        begun_ = true;
        left_->accepted(e->run);
        answer_->begin(event_stream_head());
        return answer_->write(writer_.first(e->run));
      case event_kind::delta:
        return rewound_ || send(e->run, e->text);
      case event_kind::rewind:
        rewound_ = rewound_ || !sent_.empty();
        return true;
      case event_kind::final:
        watch_.ended(run_outcome::finished);
        return finish(*e);
      case event_kind::error:
        watch_.ended(run_outcome::failed);
        return fail(*e);
      case event_kind::stage:
        return true;
    }
    return true;
  }

 private:
  bool send(const std::string& run, std::string_view text) {
    if (text.empty()) return true;
    sent_ += text;
    return answer_->write(writer_.piece(run, text));
  }

  bool finish(const event& e) {
    std::string reply = e.text.empty() ? e.reply.to_text() : e.text;
    bool goes_on = reply.starts_with(sent_);
    bool ok = send(e.run, goes_on ? reply.substr(sent_.size()) : "\n\n" + reply) &&
              answer_->write(writer_.last(e.run));
    if (ok && include_usage_) ok = answer_->write(writer_.usage(e));
    ok = ok && answer_->write("data: [DONE]\n\n");
    answer_->end();
    return ok;
  }

  bool fail(const event& e) {
    auto response = error_response(error_of(e));
    if (!begun_) {
      answer_->send(std::move(response));
      return true;
    }
    bool ok = answer_->write("data: " + response.body + "\n\n");
    answer_->end();
    return ok;
  }

  run_watch watch_;
  completion_writer writer_;
  bool include_usage_;
  std::shared_ptr<departure> left_;
  responder_ptr answer_;
  bool begun_ = false;
  bool rewound_ = false;
  std::string sent_;
};

}  // namespace

void post_completion(service& s, const web_request& request, responder_ptr answer) {
  auto c = parse_completion(request.body, s.options.graph_name);
  if (!c) return answer->send(error_response(c.error()));
  completion_writer writer(c->model);
  auto left = departure_of(s.gate, c->run, *answer);
  if (c->stream)
    return s.gate.submit(
        std::move(c->run),
        std::make_shared<streamed_completion>(s, std::move(writer), c->include_usage,
                                              std::move(left), std::move(answer)),
        follow::run);
  s.gate.submit(
      std::move(c->run),
      std::make_shared<whole_answer>(
          s.metrics, std::move(answer), std::move(left),
          [writer = std::move(writer)](const event& e) mutable { return writer.whole(e); }),
      follow::end);
}

void get_models(service& s, const web_request&, responder_ptr answer) {
  web_response r;
  r.body = R"({"object":"list","data":[{"id":)";
  append_json_string(r.body, s.options.graph_name);
  r.body.append(R"(,"object":"model","created":)").append(std::to_string(unix_seconds(s.started)));
  r.body += R"(,"owned_by":"troupe"}]})";
  answer->send(std::move(r));
}

}  // namespace troupe
