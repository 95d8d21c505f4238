#include "test_stages.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;
using namespace troupe::test;

namespace {

/// The slots that `slot-not-written` is about, in order of place; any other error fails the test.
std::vector<std::string> unwritten(const std::string& stages) {
  std::vector<std::string> out;
  loaded l = load(with_head(stages));
  for (auto& d : l.diagnostics) {
    if (d.level == severity::warning) continue;
    BOOST_TEST(d.kind == "slot-not-written", render(l));
    std::size_t end = d.message.find("`, which"), begin = d.message.rfind('`', end - 1);
    out.push_back(d.message.substr(begin + 1, end - begin - 1));
  }
  return out;
}

using list = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(data_flow)

BOOST_AUTO_TEST_CASE(accepts_what_is_written_on_both_ways) {
  BOOST_TEST(unwritten(R"toml(
[stage.a]
use = "classify"
[[stage.a.next]]
when = "label == '退款'"
to = "b"
[[stage.a.next]]
to = "c"
[stage.b]
use = "echo"
out = { text = "reply" }
next = "d"
[stage.c]
use = "echo"
out = { text = "reply" }
next = "d"
[stage.d]
use = "echo"
in = { text = "reply" }
)toml")
                 .empty());
}

BOOST_AUTO_TEST_CASE(misses_what_is_written_on_one_way_only) {
  BOOST_TEST(unwritten(R"toml(
[stage.a]
use = "classify"
[[stage.a.next]]
when = "label == '退款'"
to = "b"
[[stage.a.next]]
to = "d"
[stage.b]
use = "echo"
out = { text = "reply" }
next = "d"
[stage.d]
use = "echo"
in = { text = "reply" }
)toml") == (list{"reply", "reply"}));
}

BOOST_AUTO_TEST_CASE(goes_round_loops) {
  // On the first round nobody has written `score` yet.
  BOOST_TEST(unwritten(R"toml(
[stage.a]
use = "ask"
with = { prompt = "{text} {score}" }
out = { text = "reply" }
next = "b"
[stage.b]
use = "grade"
in = { draft = "reply" }
[[stage.b.next]]
when = "score < 0.5"
to = "a"
max = 3
[[stage.b.next]]
to = "c"
[stage.c]
use = "note"
)toml") == list{"score"});
}

BOOST_AUTO_TEST_CASE(knows_that_a_failed_stage_wrote_nothing) {
  std::string graph = R"toml(
[stage.a]
use = "classify"
on_error = "b"
next = "b"
[stage.b]
use = "ask"
with = { prompt = "{label}" }
out = { text = "reply" }
)toml";
  BOOST_TEST(unwritten(graph) == list{"label"});
}

BOOST_AUTO_TEST_CASE(unites_branches_at_their_join) {
  std::string graph = R"toml(
[stage.a]
use = "note"
next = { all = ["b", "c"], join = "d" }
[stage.b]
use = "classify"
next = "b2"
[stage.b2]
use = "note"
[stage.c]
use = "echo"
out = { text = "draft" }
next = "c2"
[stage.c2]
use = "grade"
next = "d"
[stage.d]
use = "ask"
with = { prompt = "{label} {score}" }
out = { text = "reply" }
)toml";
  BOOST_TEST(unwritten(graph).empty());
}

BOOST_AUTO_TEST_CASE(does_not_let_one_branch_read_what_the_other_writes) {
  BOOST_TEST(unwritten(R"toml(
[stage.a]
use = "note"
next = { all = ["b", "c"], join = "d" }
[stage.b]
use = "classify"
[stage.c]
use = "ask"
with = { prompt = "{label}" }
out = { text = "reply" }
[stage.d]
use = "note"
)toml") == list{"label"});
}

BOOST_AUTO_TEST_CASE(meets_the_ways_within_a_branch) {
  // Branch `b` can end without `reply`.
  BOOST_TEST(unwritten(R"toml(
[stage.a]
use = "note"
next = { all = ["b", "c"], join = "d" }
[stage.b]
use = "classify"
[[stage.b.next]]
when = "confidence > 0.5"
to = "b2"
[[stage.b.next]]
to = "d"
[stage.b2]
use = "echo"
out = { text = "reply" }
[stage.c]
use = "echo"
out = { text = "other" }
[stage.d]
use = "ask"
with = { prompt = "{other} {label}" }
out = { text = "last" }
)toml") == list{"reply"});
}

BOOST_AUTO_TEST_CASE(takes_a_fan_out_within_a_branch_for_a_part_of_it) {
  BOOST_TEST(unwritten(R"toml(
[stage.a]
use = "note"
next = { all = ["b", "c"], join = "d" }
[stage.b]
use = "note"
next = { all = ["x", "y"], join = "z" }
[stage.x]
use = "classify"
[stage.y]
use = "split"
[stage.z]
use = "ask"
with = { prompt = "{label} {items}" }
out = { text = "inner" }
[stage.c]
use = "echo"
out = { text = "other" }
[stage.d]
use = "ask"
with = { prompt = "{inner} {other} {label} {items}" }
out = { text = "reply" }
)toml")
                 .empty());
}

BOOST_AUTO_TEST_CASE(believes_an_edge_that_asks_defined) {
  std::string graph = R"toml(
[stage.a]
use = "recall"
in = { question = "text" }
[[stage.a.next]]
when = "hit && defined(reply) && len(reply) > 0"
to = "b"
[[stage.a.next]]
to = "c"
[stage.b]
use = "echo"
in = { text = "reply" }
out = { text = "reply" }
[stage.c]
use = "echo"
out = { text = "reply" }
)toml";
  BOOST_TEST(unwritten(graph).empty());
}

BOOST_AUTO_TEST_CASE(believes_the_edges_behind_one_that_asked_for_its_absence) {
  BOOST_TEST(unwritten(R"toml(
[stage.a]
use = "recall"
in = { question = "text" }
[[stage.a.next]]
when = "!defined(reply)"
to = "b"
[[stage.a.next]]
when = "reply == '好'"
to = "c"
[[stage.a.next]]
to = "c"
[stage.b]
use = "echo"
out = { text = "reply" }
[stage.c]
use = "echo"
in = { text = "reply" }
)toml")
                 .empty());
}

BOOST_AUTO_TEST_CASE(does_not_believe_a_bounded_edge_that_was_passed_by) {
  BOOST_TEST(unwritten(R"toml(
[stage.a]
use = "recall"
in = { question = "text" }
[[stage.a.next]]
when = "!defined(reply)"
to = "a"
max = 2
[[stage.a.next]]
to = "c"
[stage.c]
use = "echo"
in = { text = "reply" }
out = { text = "last" }
)toml") == (list{"reply", "reply"}));
}

BOOST_AUTO_TEST_CASE(asks_for_the_output_at_every_end_but_not_at_the_ends_of_branches) {
  BOOST_TEST(unwritten(R"toml(
[stage.a]
use = "classify"
[[stage.a.next]]
when = "confidence > 0.5"
to = "b"
[[stage.a.next]]
to = "c"
[stage.b]
use = "note"
next = { all = ["x", "y"], join = "z" }
[stage.x]
use = "note"
[stage.y]
use = "note"
[stage.z]
use = "echo"
out = { text = "reply" }
[stage.c]
use = "note"
)toml") == list{"reply"});
}

BOOST_AUTO_TEST_CASE(knows_that_a_persistent_slot_is_empty_at_first) {
  std::string text =
      "[graph]\nname='t'\nstart='a'\noutput='reply'\npersist=['language']\n"
      "[input]\ntext='text'\n[stage.a]\nuse='ask'\nwith={prompt='{language}'}\n"
      "out={text='reply'}\nnext='b'\n[stage.b]\nuse='echo'\nout={text='language'}\n";
  loaded l = load(text);
  BOOST_REQUIRE_EQUAL(l.diagnostics.size(), 1u);
  BOOST_TEST(l.diagnostics[0].kind == "slot-not-written");
  BOOST_TEST(l.diagnostics[0].hint.find("first run has no `language`") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(shows_a_way_on_which_it_is_missing) {
  loaded l = load(with_head(R"toml(
[stage.a]
use = "classify"
[[stage.a.next]]
when = "confidence > 0.5"
to = "b"
[[stage.a.next]]
to = "c"
[stage.b]
use = "echo"
out = { text = "reply" }
next = "d"
[stage.c]
use = "note"
next = "d"
[stage.d]
use = "echo"
in = { text = "reply" }
out = { text = "reply" }
)toml"));
  BOOST_REQUIRE_EQUAL(l.diagnostics.size(), 1u);
  BOOST_TEST(l.diagnostics[0].message ==
             "stage `d` reads `reply`, which nothing has written on the way `a` → `c` → `d`");
}

BOOST_AUTO_TEST_CASE(says_which_failures_a_way_needs) {
  auto message = [](std::string_view stages) {
    loaded l = load(with_head(stages));
    BOOST_REQUIRE_EQUAL(l.diagnostics.size(), 1u);
    return l.diagnostics[0].message;
  };
  BOOST_TEST(
      message(R"toml(
[stage.a]
use = "classify"
on_error = "b"
next = "b"
[stage.b]
use = "ask"
with = { prompt = "{label}" }
out = { text = "reply" }
)toml") ==
      "stage `b` reads `label`, which nothing has written on the way `a` → `b` when `a` fails");
  BOOST_TEST(message(R"toml(
[stage.a]
use = "classify"
on_error = "b"
next = "c"
[stage.b]
use = "classify"
on_error = "c"
next = "c"
[stage.c]
use = "ask"
with = { prompt = "{label}" }
out = { text = "reply" }
)toml") == "stage `c` reads `label`, which nothing has written on the way `a` → `b` → `c` when "
           "`a` and `b` fail");
}

BOOST_AUTO_TEST_CASE(shows_a_way_without_failures_if_there_is_one) {
  loaded l = load(with_head(R"toml(
[stage.a]
use = "note"
on_error = "c"
next = "b"
[stage.b]
use = "note"
next = "c"
[stage.c]
use = "recall"
in = { question = "text" }
next = "d"
[stage.d]
use = "echo"
in = { text = "reply" }
out = { text = "reply" }
)toml"));
  BOOST_REQUIRE_EQUAL(l.diagnostics.size(), 1u);
  BOOST_TEST(l.diagnostics[0].message ==
             "stage `d` reads `reply`, which nothing has written on the way `a` → `b` → `c` → `d`");
}

BOOST_AUTO_TEST_SUITE_END()
