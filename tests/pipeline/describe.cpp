#include <boost/test/unit_test.hpp>

#include <troupe/stage.hpp>

namespace {

using namespace troupe;

struct shout {
  static constexpr std::string_view name = "shout";
  static constexpr std::string_view summary = "says it louder";
  struct params {
    int times = 1;
    std::string mark = "!";
    std::chrono::milliseconds pause{250};
    std::vector<std::string> words = {"好"};
    std::string mood = "glad";
  };
  struct input {
    std::string text;
    std::optional<double> volume;
  };
  struct output {
    std::string text;
    std::int64_t length = 0;
    std::optional<std::string> warning;
  };
  static void describe(describer<shout>& d) {
    d.param("times", &params::times, "how many marks").min(1).max(9);
    d.param("mark", &params::mark, "what is added").not_empty();
    d.param("pause", &params::pause, "how long to wait").min(10).max(60'000);
    d.param("words", &params::words, "what counts");
    d.param("mood", &params::mood, "tone").one_of({"glad", "cross"});
    d.in("text", &input::text, "what to shout");
    d.in("volume", &input::volume, "how loud");
    d.out("text", &output::text, "louder");
    d.out("length", &output::length, "bytes of it");
    d.out("warning", &output::warning, "when it is too loud");
  }
  result<output> run(const input& in, run_context& context) {
    if (in.text.empty()) return error{errc::failed, "`text` is empty"};
    output out;
    out.text = in.text;
    for (int i = 0; i < p.times; ++i) out.text += p.mark;
    context.emit(out.text);
    out.length = static_cast<std::int64_t>(out.text.size());
    if (in.volume && *in.volume > 10) out.warning = "太吵了";
    return out;
  }
  params p;
};

/// Ports that depend on a parameter.
struct gather {
  static constexpr std::string_view name = "gather";
  struct params {
    std::vector<std::string> from;
  };
  struct input {
    value::table slots;
  };
  struct output {
    value::table found;
  };
  static void describe(describer<gather>& d) {
    d.param("from", &params::from, "names of slots").not_empty();
    d.more_in(&input::slots);
    d.more_out(&output::found);
  }
  static result<port_set> more_ports(const params& p) {
    port_set all;
    for (auto& name : p.from) {
      if (name.empty()) return error{errc::invalid_request, "`from` has an empty name"};
      all.in.push_back({name, slot_type::any, false, ""});
      all.out.push_back({name + "_copy", slot_type::any, false, ""});
    }
    return all;
  }
  result<output> run(const input& in, run_context&) {
    output out;
    for (auto& [key, v] : in.slots) out.found.emplace_back(key + "_copy", v);
    return out;
  }
  params p;
};

/// Answers from elsewhere, or not at all.
struct later {
  static constexpr std::string_view name = "later";
  static constexpr placement where = placement::own_thread;
  static constexpr bool streams = true;
  struct input {
    bool answer = false;
  };
  struct output {
    std::string text;
  };
  static void describe(describer<later>& d) {
    d.in("answer", &input::answer, "whether to answer");
    d.out("text", &output::text, "the answer");
  }
  void run(input in, std::shared_ptr<run_context>, reply<output> done) {
    if (in.answer) done(output{"来了"});
  }
};

result<frame> call(const stage_type& type, const value& with, frame in) {
  static const stage_services services;
  auto ports = type.ports_for(with);
  if (!ports) return std::move(ports).error();
  auto made = type.make(with, services, *ports);
  if (!made) return std::move(made).error();
  std::optional<result<frame>> answer;
  auto context =
      std::make_shared<run_context>(call_info{}, std::stop_token{}, system_clock(), services);
  (*made)->run(std::move(in), context,
               reply<frame>([&](result<frame> r) { answer = std::move(r); }));
  BOOST_REQUIRE(answer);
  return std::move(*answer);
}

const param& param_named(const stage_type& type, std::string_view name) {
  for (auto& p : type.params)
    if (p.name == name) return p;
  BOOST_FAIL("no parameter " << name);
  throw 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(describing_a_stage)

BOOST_AUTO_TEST_CASE(tells_everything_about_its_type) {
  stage_type t = describe_stage<shout>();
  BOOST_TEST(t.name == "shout");
  BOOST_TEST(t.summary == "says it louder");
  BOOST_TEST((t.where == placement::shared));
  BOOST_TEST(!t.streams);
  BOOST_REQUIRE_EQUAL(t.params.size(), 5u);
  BOOST_TEST((t.params[0].fallback == value(1)));
  BOOST_TEST((t.params[0].type == slot_type::integer));
  BOOST_TEST(!t.params[0].required);
  BOOST_TEST(t.params[1].required);
  BOOST_TEST((t.params[2].meaning == param::meaning_type::time_span));
  BOOST_TEST((t.params[2].fallback == value("250ms")));
  BOOST_TEST((t.params[3].items == slot_type::text));
  BOOST_REQUIRE_EQUAL(t.ports.in.size(), 2u);
  BOOST_TEST(!t.ports.in[0].optional);
  BOOST_TEST(t.ports.in[1].optional);
  BOOST_TEST((t.ports.in[1].type == slot_type::floating));
  BOOST_REQUIRE_EQUAL(t.ports.out.size(), 3u);
  BOOST_TEST(t.ports.out[2].optional);

  stage_type other = describe_stage<later>();
  BOOST_TEST((other.where == placement::own_thread));
  BOOST_TEST(other.streams);
  BOOST_TEST(other.params.empty());
}

BOOST_AUTO_TEST_CASE(reads_parameters_and_moves_slots) {
  value with = value::table{{"times", 3}, {"mark", "！"}};
  auto out = call(describe_stage<shout>(), with, {"好的", value()});
  BOOST_REQUIRE(out);
  BOOST_REQUIRE_EQUAL(out->size(), 3u);
  BOOST_TEST((*out)[0].as_text() == "好的！！！");
  BOOST_TEST((*out)[1].as_int() == 15);
  BOOST_TEST((*out)[2].is_none());
}

BOOST_AUTO_TEST_CASE(takes_defaults_and_an_int_for_a_float) {
  auto out = call(describe_stage<shout>(), value::table{}, {"hi", 11});
  BOOST_REQUIRE(out);
  BOOST_TEST((*out)[0].as_text() == "hi!");
  BOOST_TEST((*out)[2].as_text() == "太吵了");
}

BOOST_AUTO_TEST_CASE(names_the_input_of_the_wrong_type) {
  auto out = call(describe_stage<shout>(), value::table{}, {3, value()});
  BOOST_REQUIRE(!out);
  BOOST_TEST(out.error().message == "input `text` must be text, not int");
  out = call(describe_stage<shout>(), value::table{}, {"a", "loud"});
  BOOST_REQUIRE(!out);
  BOOST_TEST(out.error().message == "input `volume` must be float, not text");
}

BOOST_AUTO_TEST_CASE(names_the_parameter_of_the_wrong_type) {
  auto out = call(describe_stage<shout>(), value::table{{"times", "three"}}, {"a", value()});
  BOOST_REQUIRE(!out);
  BOOST_TEST(out.error().message == "`times` must be int, not text");
  out =
      call(describe_stage<shout>(), value::table{{"times", std::int64_t{1} << 40}}, {"a", value()});
  BOOST_REQUIRE(!out);
  BOOST_TEST(out.error().message == "`times` must fit into 32 bits, not 1099511627776");
}

BOOST_AUTO_TEST_CASE(passes_on_the_error_of_the_stage) {
  auto out = call(describe_stage<shout>(), value::table{}, {"", value()});
  BOOST_REQUIRE(!out);
  BOOST_TEST((out.error().code == errc::failed));
  BOOST_TEST(out.error().message == "`text` is empty");
}

BOOST_AUTO_TEST_CASE(gives_ports_that_depend_on_parameters) {
  stage_type t = describe_stage<gather>();
  value with = value::table{{"from", value::list{"名字", "age"}}};
  auto ports = t.ports_for(with);
  BOOST_REQUIRE(ports);
  BOOST_REQUIRE_EQUAL(ports->in.size(), 2u);
  BOOST_TEST(ports->in[0].name == "名字");
  auto out = call(t, with, {"小王", 30});
  BOOST_REQUIRE(out);
  BOOST_REQUIRE_EQUAL(out->size(), 2u);
  BOOST_TEST((*out)[0].as_text() == "小王");
  BOOST_TEST((*out)[1].as_int() == 30);
  auto refused = t.ports_for(value::table{{"from", value::list{""}}});
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().message == "`from` has an empty name");
}

BOOST_AUTO_TEST_CASE(answers_dropped_for_a_reply_that_was_let_go) {
  stage_type t = describe_stage<later>();
  auto out = call(t, value::table{}, {true});
  BOOST_REQUIRE(out);
  BOOST_TEST((*out)[0].as_text() == "来了");
  out = call(t, value::table{}, {false});
  BOOST_REQUIRE(!out);
  BOOST_TEST((out.error().code == errc::dropped));
}

BOOST_AUTO_TEST_CASE(needs_no_graph_to_run) {
  test_bench bench;
  shout s;
  s.p.times = 2;
  auto out = run_stage(s, {.text = "你好"}, bench);
  BOOST_REQUIRE(out);
  BOOST_TEST(out->text == "你好!!");
  BOOST_TEST(bench.emitted == "你好!!");
}

BOOST_AUTO_TEST_CASE(can_be_replaced_in_the_registry_by_one_of_the_same_name) {
  registry r;
  r.add<shout>();
  r.add<gather>();
  BOOST_REQUIRE(r.find("shout"));
  BOOST_TEST(r.find("shot") == nullptr);
  stage_type mine = describe_stage<later>();
  mine.name = "shout";
  r.add(std::move(mine));
  BOOST_TEST(r.find("shout")->streams);
  BOOST_TEST(r.all().size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(parameters)

BOOST_AUTO_TEST_CASE(say_why_a_value_does_not_fit) {
  stage_type t = describe_stage<shout>();
  auto complaint = [&](std::string_view name, const value& v) {
    return param_named(t, name).complaint(v).value_or("fine");
  };
  BOOST_TEST(complaint("times", 1) == "fine");
  BOOST_TEST(complaint("times", 0) == "must be at least 1, not 0");
  BOOST_TEST(complaint("times", 10) == "must be at most 9, not 10");
  BOOST_TEST(complaint("times", 1.5) == "must be int, not float");
  BOOST_TEST(complaint("mark", "？") == "fine");
  BOOST_TEST(complaint("mark", " ") == "must not be empty");
  BOOST_TEST(complaint("pause", "1s") == "fine");
  BOOST_TEST(complaint("pause", "5ms") == "must be at least \"10ms\", not \"5ms\"");
  BOOST_TEST(complaint("pause", "2m") == "must be at most \"1m\", not \"2m\"");
  BOOST_TEST(complaint("pause", 3) == "must be text, not int");
  BOOST_TEST(complaint("words", value::list{"a", 3}) == "has an item that must be text, not int");
  BOOST_TEST(complaint("mood", "cross") == "fine");
  BOOST_TEST(complaint("mood", "高兴") == "must be one of `glad`, `cross`, not `高兴`");
}

BOOST_AUTO_TEST_CASE(read_durations) {
  using namespace std::chrono_literals;
  BOOST_TEST((*parse_duration("250ms") == 250ms));
  BOOST_TEST((*parse_duration("8s") == 8s));
  BOOST_TEST((*parse_duration("1.5s") == 1500ms));
  BOOST_TEST((*parse_duration("2m") == 2min));
  BOOST_TEST((*parse_duration("1h") == 1h));
  BOOST_TEST((*parse_duration("40us") == 40us));
  for (std::string_view wrong : {"", "8", "s", "8 s", "-1s", "1e3s", "1s2", "1..2s", "8秒", "1d",
                                 "99999999999h", "inf", "nans"})
    BOOST_TEST(!parse_duration(wrong), wrong);
  BOOST_TEST(parse_duration("8秒").error().message ==
             "must be a duration such as \"250ms\", \"8s\", \"2m\" or \"1h\", not \"8秒\"");
}

BOOST_AUTO_TEST_CASE(write_durations_so_that_they_read_back) {
  using namespace std::chrono_literals;
  for (std::chrono::microseconds d : std::initializer_list<std::chrono::microseconds>{
           0us, 1us, 999us, 1000us, 1500ms, 60s, 90s, 3600s, 86'400s}) {
    auto back = parse_duration(format_duration(d));
    BOOST_REQUIRE(back);
    BOOST_TEST(back->count() == d.count());
  }
  BOOST_TEST(format_duration(90s) == "90s");
  BOOST_TEST(format_duration(1500ms) == "1500ms");
  BOOST_TEST(format_duration(2h) == "2h");
}

BOOST_AUTO_TEST_SUITE_END()
