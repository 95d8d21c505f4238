// A served conversation whose model is an API that fails, with another API behind it: through the
// real program, over WebSocket.

#include "integration/served_graph.hpp"
#include "support/chat_server.hpp"
#include "support/command_line.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>

using namespace troupe::test;

namespace {

/// Answers a customer and has the answer judged; an apology when no model is there.
std::string shop_graph(const std::string& first, const std::string& second) {
  return R"([graph]
name     = "shop"
start    = "prepare"
output   = "reply"
deadline = "30s"
budget   = { tokens = 4000 }

[input]
text = "text"

[model.deepseek]
kind        = "remote"
url         = ")" +
         first + R"("
model       = "deepseek-chat"
api_key_env = "SHOP_API_KEY"
fallback    = "spare"
retry       = { attempts = 2, backoff = "1ms" }
breaker     = { failures = 2, open = "1h" }

[model.spare]
kind    = "remote"
url     = ")" +
         second + R"("
model   = "spare-chat"
ca_file = "ca.pem"
retry   = { attempts = 1 }

[stage.prepare]
use  = "set"
with = { values = { shop = "灯笼店" } }
next = "answer"

[stage.answer]
use      = "generate"
with     = { model = "deepseek", system = "You work for {shop}.", prompt = "{text}", history = 2, stream = true, max_tokens = 200 }
out      = { text = "reply" }
timeout  = "10s"
retry    = { attempts = 2, backoff = "1ms" }
on_error = "sorry"
next     = "check"

[stage.check]
use  = "satisfaction"
with = { criteria = ["length"], judge = "spare" }
in   = { draft = "reply", topic = "text" }
timeout = "5s"
on_error = "done"
next = "done"

[stage.done]
use  = "set"
with = { values = { answered = true } }

[stage.sorry]
use  = "template"
with = { template = "抱歉 / Sorry" }
out  = { text = "reply" }
)";
}

/// What one message leads to, up to its end.
struct heard {
  std::string since_rewind;  ///< deltas joined
  int rewinds = 0;
  json::object end;
};

heard talk(chat_line& line, const std::string& id, const std::string& text) {
  heard out;
  line.say(id, text);
  while (true) {
    const auto event = json::parse(line.next()).as_object();
    const auto& type = event.at("type").as_string();
    if (type == "delta") out.since_rewind += std::string(event.at("text").as_string());
    if (type == "rewind") {
      ++out.rewinds;
      out.since_rewind.clear();
    }
    if (type != "final" && type != "error") continue;
    out.end = event;
    return out;
  }
}

std::string reply_in(const heard& h) {
  const auto* r = h.end.if_contains("reply");
  return r ? std::string(r->as_string()) : json::serialize(h.end);
}

/// Judges too: its answer has a score in it.
behaviour spare_says(std::string text) {
  return [=](server_line& line, const api_request& r) {
    const bool judges = r.body().find("You judge") != std::string::npos ||
                        r.body().find("评审") != std::string::npos;
    says({judges ? "Score: 90" : text})(line, r);
  };
}

struct with_served {
  command_line shell;
  self_signed identity;
  std::unique_ptr<chat_server> first, second;
  std::unique_ptr<served_graph> server;

  with_served() { ::setenv("SHOP_API_KEY", "sk-shop", 1); }
  void serve(std::deque<behaviour> one, behaviour two) {
    first = std::make_unique<chat_server>(std::move(one));
    second = std::make_unique<chat_server>(std::deque<behaviour>{std::move(two)}, &identity);
    shell.file("ca.pem", identity.certificate);
    const auto file =
        shell.file("shop.toml", shop_graph(first->url(), second->url("/v1", "localhost")));
    server = std::make_unique<served_graph>(file, shell.folder.path());
    server->start();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_conversation_with_two_apis, with_served)

BOOST_AUTO_TEST_CASE(goes_on_with_the_second_when_the_first_is_down) {
  serve({refuses(503)}, spare_says("您好，三天。Three days."));
  chat_line line(server->port(), "c1", 0);
  const auto one = talk(line, "m1", "什么时候到？");
  BOOST_TEST(reply_in(one) == "您好，三天。Three days.");
  BOOST_TEST(one.since_rewind == reply_in(one));
  BOOST_TEST(one.rewinds == 0);
  BOOST_TEST(one.end.at("slots").as_object().at("score").to_number<double>() > 0.5);
  BOOST_TEST(first->asked().at(0)["Authorization"] == "Bearer sk-shop");
  // Two tries each, then the breaker leaves it alone.
  for (auto id : {"m2", "m3", "m4"})
    BOOST_TEST(reply_in(talk(line, id, "when?")) == "您好，三天。Three days.");
  BOOST_TEST(first->asked().size() == 4u);
}

BOOST_AUTO_TEST_CASE(takes_back_what_the_first_had_said_when_it_breaks_off) {
  serve({breaks_off_after(std::string(stream_head) + chunk(chat_event("您的包")))},
        spare_says("三天后到。"));
  chat_line line(server->port(), "c1", 0);
  const auto one = talk(line, "m1", "什么时候到？");
  BOOST_TEST(reply_in(one) == "三天后到。");
  BOOST_TEST(one.since_rewind == reply_in(one));
  BOOST_TEST(one.rewinds == 1);
  BOOST_TEST(first->asked().size() == 1u);
}

BOOST_AUTO_TEST_CASE(takes_the_way_of_an_error_when_both_are_down) {
  serve({refuses(500)}, refuses(500));
  chat_line line(server->port(), "c1", 0);
  BOOST_TEST(reply_in(talk(line, "m1", "when?")) == "抱歉 / Sorry");
}

BOOST_AUTO_TEST_CASE(does_not_start_without_its_key_and_is_checked_without_the_network) {
  first = std::make_unique<chat_server>(std::deque<behaviour>{says({"x"})});
  shell.file("ca.pem", identity.certificate);
  const auto file = shell.file("shop.toml", shop_graph(first->url(), first->url()));
  ::unsetenv("SHOP_API_KEY");
  const auto checked = shell.troupe({"check", file});
  BOOST_TEST(checked.code == 0);
  BOOST_TEST(first->connections() == 0u);
  const auto run = shell.troupe({"run", file, "--set", "text=hi"});
  BOOST_TEST(run.code == 1);
  BOOST_TEST(run.err.find("`SHOP_API_KEY` (`api_key_env`)") != std::string::npos, run.err);
}

BOOST_AUTO_TEST_SUITE_END()
