// A run that nobody wants any more: by its client, by its clients' leaving, by its deadline, by the
// end of the process. Each reaches the engine at its next token, and no other run.

#include "actors/runtime.hpp"
#include "actors/stages/builtin.hpp"
#include "integration/nap_graph.hpp"
#include "support/graph_builder.hpp"
#include "support/recording_sink.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// Says "x" again and again, to each prompt, until it is stopped; to "short" three times.
class endless_engine final : public engine {
 public:
  result<generation> generate(const generation_request& request,
                              const std::function<void(std::string_view)>& on_text) override {
    const auto& prompt = request.messages.back().text;
    ++at_work;
    generation g{.reason = finish_reason::cancelled};
    std::mutex m;
    std::condition_variable_any stopped;
    std::unique_lock lock(m);
    while (!request.cancel.stop_requested()) {
      g.text += "x";
      on_text("x");
      if (prompt == "short" && ++g.output_tokens == 3) {
        g.reason = finish_reason::stop;
        break;
      }
      stopped.wait_for(lock, request.cancel, 1ms, [] { return false; });
    }
    --at_work;
    return g;
  }
  std::atomic<int> at_work = 0;
};

struct streaming_system {
  explicit streaming_system(std::shared_ptr<store> s = make_memory_store(), duration deadline = 1h,
                            when_left left = when_left::continues)
      : records(std::move(s)) {
    add_builtin_stages(types);
    test::graph_builder b;
    b.input("text");
    stage_node& n = b.plan().stages.emplace_back();
    n.name = "writer";
    n.type = types.find("generate");
    n.with = value(value::table{{"model", "m"}, {"prompt", "{text}"}, {"stream", true}});
    n.ports = *n.type->ports_for(n.with);
    for (const port& p : n.ports.in) n.in.push_back(b.slot(p.name));
    for (const port& p : n.ports.out) n.out.push_back(b.slot(p.name == "text" ? "reply" : p.name));
    n.replicas = 4;
    b.plan().deadline = deadline;
    b.plan().left = left;
    runtime_options o;
    o.plan = b.build("reply");
    o.services = services_with(model);
    o.records = records.get();
    o.journal = runtime_options::journal_type::grouped;
    auto started = runtime::start(std::move(o));
    BOOST_REQUIRE(bool(started));
    run = std::move(*started);
  }
  static std::shared_ptr<stage_services> services_with(std::shared_ptr<engine> e) {
    auto s = std::make_shared<stage_services>();
    s->engines["m"] = std::move(e);
    return s;
  }
  std::shared_ptr<test::recording_sink> say(const std::string& conversation,
                                            const std::string& text,
                                            std::optional<when_left> left = std::nullopt,
                                            const std::string& id = "m") {
    auto sink = std::make_shared<test::recording_sink>();
    run->submit({.conversation = conversation,
                 .message_id = id,
                 .owner = {},
                 .input = {{"text", text}},
                 .left = left},
                sink, follow::run);
    return sink;
  }
  void wait_until_at_work(int calls) {
    while (model->at_work != calls) std::this_thread::yield();
  }
  /// Another run goes on streaming.
  static void check_untouched(const std::shared_ptr<test::recording_sink>& other) {
    const auto before = other->events().size();
    while (other->events().size() < before + 5) std::this_thread::yield();
    BOOST_TEST((other->events().back()->kind == event_kind::delta));
  }

  registry types;
  std::shared_ptr<endless_engine> model = std::make_shared<endless_engine>();
  std::shared_ptr<store> records;
  std::unique_ptr<runtime> run;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cancellation)

BOOST_AUTO_TEST_CASE(by_the_client_stops_the_engine_and_no_other_run,
                     *boost::unit_test::timeout(60)) {
  streaming_system s;
  auto one = s.say("c1", "one"), other = s.say("c2", "other");
  const auto id = one->wait_for_kind(event_kind::delta)->run;
  other->wait_for_kind(event_kind::delta);
  s.run->cancel(id, [](const result<void>& done) { BOOST_TEST(bool(done)); });
  BOOST_TEST((one->wait_for_end()->code == errc::cancelled));
  s.wait_until_at_work(1);
  s.check_untouched(other);
}

BOOST_AUTO_TEST_CASE(by_a_deadline_stops_the_engine, *boost::unit_test::timeout(60)) {
  streaming_system s(make_memory_store(), 100ms);
  auto one = s.say("c1", "one");
  BOOST_TEST((one->wait_for_end()->code == errc::deadline));
  s.wait_until_at_work(0);
  BOOST_TEST((s.say("c2", "short")->wait_for_end()->kind == event_kind::final));
}

BOOST_AUTO_TEST_CASE(comes_with_the_last_of_the_clients_that_wanted_it,
                     *boost::unit_test::timeout(60)) {
  streaming_system s;
  auto one = s.say("c1", "one", when_left::is_cancelled);
  auto again = s.say("c1", "one", when_left::is_cancelled);
  auto stays = s.say("c2", "two", when_left::continues);
  auto both = s.say("c3", "three", when_left::is_cancelled);
  auto wants = s.say("c3", "three", when_left::continues);
  const auto first = one->wait_for_kind(event_kind::delta)->run;
  BOOST_TEST(again->wait_for_kind(event_kind::accepted)->run == first);
  const auto second = stays->wait_for_kind(event_kind::delta)->run;
  const auto third = both->wait_for_kind(event_kind::delta)->run;
  wants->wait_for_kind(event_kind::accepted);
  s.run->client_left("c1", first);
  s.check_untouched(again);
  s.run->client_left("c1", first);
  BOOST_TEST((again->wait_for_end()->code == errc::cancelled));
  s.wait_until_at_work(2);
  s.run->client_left("c2", second);
  s.run->client_left("c3", third);
  s.run->client_left("c3", third);
  s.check_untouched(stays);
  s.check_untouched(both);
}

BOOST_AUTO_TEST_CASE(comes_as_the_graph_says_unless_a_message_says_otherwise,
                     *boost::unit_test::timeout(60)) {
  for (const when_left graph : {when_left::continues, when_left::is_cancelled}) {
    streaming_system s(make_memory_store(), 1h, graph);
    auto silent = s.say("c1", "one");
    auto cancels = s.say("c2", "two", when_left::is_cancelled);
    auto goes_on = s.say("c3", "three", when_left::continues);
    for (const auto& [conversation, client] :
         {std::pair("c1", silent), {"c2", cancels}, {"c3", goes_on}})
      s.run->client_left(conversation, client->wait_for_kind(event_kind::delta)->run);
    BOOST_TEST((cancels->wait_for_end()->code == errc::cancelled));
    if (graph == when_left::is_cancelled) {
      BOOST_TEST((silent->wait_for_end()->code == errc::cancelled));
      s.wait_until_at_work(1);
    } else {
      s.wait_until_at_work(2);
      s.check_untouched(silent);
    }
    s.check_untouched(goes_on);
  }
}

BOOST_AUTO_TEST_CASE(by_the_end_of_the_process_stops_the_engine_and_the_run_goes_on_in_the_next,
                     *boost::unit_test::timeout(60)) {
  std::shared_ptr<store> records = make_memory_store();
  std::string id;
  {
    streaming_system s(records);
    id = s.say("c1", "one")->wait_for_kind(event_kind::delta)->run;
    s.run.reset();
    BOOST_TEST(s.model->at_work == 0);
  }
  streaming_system next(records);
  BOOST_TEST(next.run->recovered() == 1U);
  next.wait_until_at_work(1);
  next.run->cancel(id, [](const result<void>&) {});
  auto end = next.say("c1", "one");
  BOOST_TEST((end->wait_for_end()->code == errc::cancelled));
}

BOOST_AUTO_TEST_CASE(by_leaving_works_over_the_wire, *boost::unit_test::timeout(60)) {
  using namespace test;
  nap_graph graph;
  graph.write("replicas = 4\n");
  served_graph server(graph.file(), graph.folder());
  server.start();
  auto state_of = [&](const std::string& run) {
    return std::string(get_json(server.port(), "/v1/runs/" + run).at("state").as_string());
  };
  auto out = [&] {
    return get_json(server.port(), "/v1/graph")
        .at("stages")
        .at(0)
        .at("outstanding")
        .to_number<int>();
  };
  chat_line stays(server.port(), "c1", 0);
  stays.say("m1", "wait");
  stays.next_of("accepted");
  std::string cancelled, continued;
  {
    chat_line leaves(server.port(), "c2", 0);
    leaves.send(R"({"type":"say","id":"m1","text":"wait","on_disconnect":"cancel"})");
    cancelled = leaves.next_of("accepted").at("run").as_string();
    chat_line leaves_too(server.port(), "c3", 0);
    leaves_too.send(R"({"type":"say","id":"m1","text":"wait","on_disconnect":"continue"})");
    continued = leaves_too.next_of("accepted").at("run").as_string();
    while (out() < 3) std::this_thread::yield();
  }
  while (state_of(cancelled) != "failed") std::this_thread::yield();
  BOOST_TEST(get_json(server.port(), "/v1/runs/" + cancelled).at("error").at("code") ==
             "cancelled");
  while (out() > 2) std::this_thread::yield();
  {
    asio::io_context context;
    tcp::socket socket(context);
    socket.connect({asio::ip::address_v4::loopback(), server.port()});
    http::request<http::string_body> request{http::verb::post, "/v1/runs", 11};
    request.set(http::field::host, "127.0.0.1");
    request.set(http::field::content_type, "application/json");
    request.body() = R"({"input":{"text":"wait"},"on_disconnect":"cancel"})";
    request.prepare_payload();
    http::write(socket, request);
    while (out() < 3) std::this_thread::yield();
  }
  while (out() > 2) std::this_thread::yield();
  BOOST_TEST(state_of(continued) != "failed");
  graph.go();
  BOOST_TEST(stays.next_of("final").at("reply").as_string() == "wait");
  while (state_of(continued) != "finished") std::this_thread::yield();
}

BOOST_AUTO_TEST_CASE(by_leaving_needs_no_word_where_the_graph_says_so,
                     *boost::unit_test::timeout(60)) {
  using namespace test;
  nap_graph graph;
  graph.write("replicas = 4\n", "", "on_disconnect = \"cancel\"\n");
  served_graph server(graph.file(), graph.folder());
  server.start();
  auto state_of = [&](const std::string& run) {
    return std::string(get_json(server.port(), "/v1/runs/" + run).at("state").as_string());
  };
  std::string cancelled, continued;
  {
    chat_line leaves(server.port(), "c1", 0), minds(server.port(), "c2", 0);
    leaves.say("m1", "wait");
    cancelled = leaves.next_of("accepted").at("run").as_string();
    minds.send(R"({"type":"say","id":"m1","text":"wait","on_disconnect":"finish"})");
    continued = minds.next_of("accepted").at("run").as_string();
  }
  while (state_of(cancelled) != "failed") std::this_thread::yield();
  BOOST_TEST(get_json(server.port(), "/v1/runs/" + cancelled).at("error").at("code") ==
             "cancelled");
  BOOST_TEST(state_of(continued) != "failed");
  graph.go();
  while (state_of(continued) != "finished") std::this_thread::yield();
}

BOOST_AUTO_TEST_SUITE_END()
