// Random graphs. Those that pass the checks never fail at run time for a reason that the checks
// are there to find, whatever their stages answer; and whatever is done to a graph, the checks say
// something about a place in it.

#include "dsl/diagnostics.hpp"
#include "dsl/text_width.hpp"
#include "pipeline/executor.hpp"
#include "pipeline/retry.hpp"
#include "test_stages.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace {

using namespace troupe;

/// Numbers that follow from a seed.
class dice {
 public:
  explicit dice(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t below(std::uint64_t n) { return mix(seed_, ++thrown_) % n; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  std::string of(const std::vector<std::string>& words) { return words[below(words.size())]; }

 private:
  std::uint64_t seed_, thrown_ = 0;
};

/// A graph of a few stages, mostly sound: slots of one type share a few names, ways mostly lead
/// forward, ways back are mostly bounded.
class graph_writer {
 public:
  explicit graph_writer(std::uint64_t seed) : dice_(seed), count_(3 + dice_.below(8)) {}

  std::string write() {
    out_ << "[graph]\nname = 't'\nstart = 's0'\noutput = '" << (dice_.one_in(2) ? "text" : "t0")
         << "'\ndeadline = '1h'\npersist = ['t1']\n[input]\ntext = 'text'\nt1 = { type = 'text', "
            "default = '' }\nl0 = 'list'\n";
    for (i_ = 0; i_ < count_; ++i_) write_stage();
    return out_.str();
  }

 private:
  std::string text_slot() { return dice_.of({"text", "text", "text", "t1", "t1", "t0", "t2"}); }
  std::string own(const char* name) { return name + std::to_string(i_); }
  static std::string stage(std::uint64_t n) { return "s" + std::to_string(n); }
  std::string later() {
    const std::uint64_t rest = count_ - i_ - 1;
    return stage(rest == 0 ? i_ : i_ + 1 + dice_.below(std::min<std::uint64_t>(3, rest)));
  }

  void write_stage() {
    out_ << "[stage.s" << i_ << "]\n";
    own_bool_ = own_number_ = "";
    // A stage of a branch mostly writes slots of its own.
    const bool in_branch = i_ < branches_until_;
    const bool each = dice_.one_in(8);
    const std::string in = each ? "item" : text_slot();
    std::string text = in_branch && !dice_.one_in(10) ? own("t_") : dice_.of({"t0", "t1", "t2"});
    if (each) text = own("ts_");
    switch (dice_.below(6)) {
      case 0:
        out_ << "use = 'echo'\nin = { text = '" << in << "' }\nout = { text = '" << text << "' }\n";
        break;
      case 1:
        out_ << "use = 'recall'\nin = { question = '" << in << "' }\nout = { hit = '"
             << (own_bool_ = own("b_")) << "', reply = '" << text << "' }\n";
        break;
      case 2:
        out_ << "use = 'grade'\nin = { draft = '" << in << "' }\nout = { score = '"
             << (own_number_ = own("f_")) << "', reasons = '" << own("l_") << "' }\n";
        break;
      case 3:
        out_ << "use = 'count'\nin = { text = '" << in << "' }\nout = { n = '"
             << (own_number_ = own("n_")) << "', many = '" << (own_bool_ = own("b_")) << "' }\n";
        break;
      case 4:
        out_ << "use = 'split'\nin = { text = '" << in << "' }\nout = { items = '"
             << (in_branch ? own("l_") : "l0") << "' }\n";
        break;
      default:
        out_ << "use = 'note'\nin = { reply = 't1' }\n";
        break;
    }
    if (each) {
      own_bool_ = own_number_ = "";
      out_ << "each = { over = 'l0', as = 'item', concurrency = 2 }\n";
    }
    if (in_branch) return write_way_in_branch();
    if (dice_.one_in(4) && i_ + 1 < count_) out_ << "on_error = '" << later() << "'\n";
    if (i_ + 1 < count_) write_next();
  }

  /// To the join, to itself, to an end; once in a while to anywhere.
  void write_way_in_branch() {
    const std::string join = stage(branches_until_);
    if (dice_.one_in(4)) out_ << "on_error = '" << join << "'\n";
    if (dice_.one_in(20)) {
      out_ << "next = '" << stage(dice_.below(count_)) << "'\n";
    } else if (dice_.one_in(3)) {
      out_ << "[[stage.s" << i_ << ".next]]\nwhen = \"" << condition() << "\"\nto = 's" << i_
           << "'\nmax = 2\n";
      if (dice_.one_in(2)) out_ << "exhausted = '" << join << "'\n";
      if (!own_number_.empty()) out_ << "best_by = '" << own_number_ << "'\n";
      out_ << "[[stage.s" << i_ << ".next]]\nto = '" << join << "'\n";
    } else if (dice_.one_in(2)) {
      out_ << "next = '" << join << "'\n";
    }
  }

  void write_next() {
    if (dice_.one_in(12)) return;
    if (dice_.one_in(3) && i_ + 3 < count_) {
      branches_until_ = i_ + 3;
      out_ << "next = { all = ['" << stage(i_ + 1) << "', '" << stage(i_ + 2) << "'], join = '"
           << stage(i_ + 3) << "' }\n";
      return;
    }
    const bool last_is_open = !dice_.one_in(8);
    for (std::uint64_t edges = dice_.below(3); edges > 0; --edges) {
      out_ << "[[stage.s" << i_ << ".next]]\nwhen = \"" << condition() << "\"\n";
      if (dice_.one_in(3)) {
        out_ << "to = '" << later() << "'\n";
        continue;
      }
      const std::uint64_t back = dice_.below(std::min<std::uint64_t>(i_ + 1, 3));
      out_ << "to = '" << stage(i_ - back) << "'\n";
      if (dice_.one_in(20)) continue;
      out_ << "max = " << 1 + dice_.below(3) << "\n";
      if (!own_number_.empty()) out_ << "best_by = '" << own_number_ << "'\n";
      if (dice_.one_in(2)) out_ << "exhausted = '" << later() << "'\n";
    }
    out_ << "[[stage.s" << i_ << ".next]]\n";
    if (!last_is_open) out_ << "when = \"" << condition() << "\"\n";
    out_ << "to = '" << later() << "'\n";
  }

  std::string condition() {
    if (!own_bool_.empty() && dice_.one_in(2)) return (dice_.one_in(2) ? "!" : "") + own_bool_;
    if (!own_number_.empty() && dice_.one_in(2))
      return own_number_ + dice_.of({" > 0.5", " <= 0.5", " < 3", " == 1"});
    const std::string text = text_slot();
    switch (dice_.below(4)) {
      case 0:
        return "defined(" + text + ") && len(" + text + ") > 1";
      case 1:
        return "!defined(" + text + ")";
      case 2:
        return text + " == 'a' || len(l0) > 1";
      default:
        return text + " in ['a', 'b']";
    }
  }

  dice dice_;
  std::uint64_t count_, i_ = 0;
  std::uint64_t branches_until_ = 0;  ///< the join, while stages of branches are written
  std::string own_bool_, own_number_;
  std::ostringstream out_;
};

value some_value(slot_type type, dice& d) {
  switch (type) {
    case slot_type::boolean:
      return value(d.one_in(2));
    case slot_type::integer:
      return value(static_cast<std::int64_t>(d.below(6)));
    case slot_type::floating:
      return value(static_cast<double>(d.below(5)) / 4);
    case slot_type::list: {
      value::list items;
      for (std::uint64_t n = d.below(4); n > 0; --n) items.emplace_back("item");
      return value(std::move(items));
    }
    default:
      return value(d.of({"a", "b", "ccc", ""}));
  }
}

/// Plays a run to its end; `wrong` gets what no run of a checked graph may do.
class player {
 public:
  player(const loaded& l, std::uint64_t seed) : plan_(*l.graph), exec_(l.graph, seed), dice_(seed) {
    may_be_stuck_ = std::ranges::any_of(
        l.diagnostics, [](const diagnostic& d) { return d.kind == "no-edge-left"; });
  }

  std::vector<std::string> wrong;

  void play() {
    step begin{.what = step::kind::begin, .at = now_};
    for (const graph_input& in : plan_.inputs)
      begin.slots.emplace_back(in.slot,
                               in.fallback.is_none() ? some_value(in.type, dice_) : in.fallback);
    if (dice_.one_in(2)) begin.slots.emplace_back(plan_.persist[0], value("kept"));
    apply(begin);
    for (int steps = 0; !exec_.ended(); ++steps) {
      if (steps > 50'000) return wrong.push_back("it does not end"), void();
      if (open_.empty()) {
        now_ = exec_.next_wakeup();
        apply({.what = step::kind::timer, .at = now_});
        continue;
      }
      const auto which = open_.begin() + static_cast<std::ptrdiff_t>(dice_.below(open_.size()));
      const start_task t = *which;
      open_.erase(which);
      answer(t);
    }
    const std::string& why = exec_.failure().message;
    if (exec_.state() == executor::status::finished || why.find("bad luck") != why.npos) return;
    if (may_be_stuck_ && why.starts_with("no edge of stage")) return;
    wrong.push_back(why);
  }

 private:
  const stage_node& node(const start_task& t) const {
    return plan_.stages[static_cast<std::size_t>(t.stage)];
  }

  void apply(const step& s) {
    outbox out;
    exec_.apply(s, out);
    for (auto id : out.abandon)
      std::erase_if(open_, [id](const start_task& t) { return t.task == id; });
    for (const start_task& t : out.start) {
      check_inputs(t);
      check_writers(t);
      open_.push_back(t);
    }
  }

  void check_inputs(const start_task& t) {
    const stage_node& n = node(t);
    for (std::size_t k = 0; k < n.ports.in.size(); ++k) {
      const port& p = n.ports.in[k];
      if (t.inputs[k].is_none() && !p.optional)
        wrong.push_back(n.name + " reads `" + p.name + "`, which nothing has written");
      // What a list holds is not known, so an item may be anything.
      const bool item = n.each && n.in[k] == n.each->as;
      if (!item && !t.inputs[k].is_none() && !converts(t.inputs[k].type(), p.type))
        wrong.push_back(n.name + " reads `" + p.name + "` of a wrong type");
    }
  }

  /// Two calls that are out at the same time write no slot in common.
  void check_writers(const start_task& t) {
    for (const start_task& other : open_) {
      if (other.stage == t.stage && t.item >= 0) continue;
      for (slot_id id : node(t).out)
        if (id != no_slot && std::ranges::count(node(other).out, id) > 0)
          wrong.push_back(node(t).name + " and " + node(other).name + " both write `" +
                          plan_.slots[static_cast<std::size_t>(id)] + "`");
    }
  }

  void answer(const start_task& t) {
    if (dice_.one_in(8))
      return apply({.what = step::kind::failed,
                    .at = now_,
                    .task = t.task,
                    .failure = {dice_.one_in(2) ? errc::failed : errc::crashed, "bad luck"}});
    step done{.what = step::kind::done, .at = now_, .task = t.task};
    for (const port& p : node(t).ports.out)
      done.outputs.push_back(p.optional && dice_.one_in(2) ? value() : some_value(p.type, dice_));
    apply(done);
  }

  const graph& plan_;
  executor exec_;
  dice dice_;
  bool may_be_stuck_ = false;
  std::vector<start_task> open_;
  time_point now_{std::chrono::seconds(1)};
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Takes a line out, doubles one, or puts one word in the place of another.
std::string mutated(const std::string& text, dice& d) {
  std::vector<std::string> lines = lines_of(text);
  const auto pick = [&] { return static_cast<std::size_t>(d.below(lines.size())); };
  std::vector<std::string> words;
  std::string word;
  for (char c : text + " ") {
    const bool in_word = (c >= 'a' && c <= 'z') || c == '_';
    if (in_word) word += c;
    if (!in_word && !word.empty()) words.push_back(std::exchange(word, {}));
  }
  switch (d.below(3)) {
    case 0:
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(pick()));
      break;
    case 1:
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(pick()), lines[pick()]);
      break;
    default: {
      std::string whole = text;
      const std::string from = d.of(words), to = d.of(words);
      std::size_t at = whole.find(from, d.below(whole.size()));
      if (at != whole.npos) whole.replace(at, from.size(), to);
      return whole;
    }
  }
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(random_graphs)

BOOST_AUTO_TEST_CASE(that_pass_the_checks_never_fail_for_what_these_are_there_to_find) {
  int passed = 0, with_fan_out = 0, with_loop = 0;
  BOOST_TEST(rc::check([&](std::uint64_t seed) {
    for (std::uint64_t i = 0; i < 200; ++i) {
      const std::string text = graph_writer(mix(seed, i)).write();
      const loaded l = test::load(text);
      if (!l.graph) continue;
      ++passed;
      with_loop += l.graph->bounded_edges > 0;
      with_fan_out += std::ranges::any_of(l.graph->stages, [](auto& s) { return !!s.split; });
      for (std::uint64_t run = 0; run < 8; ++run) {
        player p(l, mix(seed, 1000 + i * 8 + run));
        p.play();
        if (!p.wrong.empty()) RC_FAIL(p.wrong[0] + " in\n" + text);
      }
    }
  }));
  BOOST_TEST_MESSAGE(passed << " graphs, " << with_loop << " with loops, " << with_fan_out
                            << " with fan-outs");
  BOOST_TEST(passed > 200);
  BOOST_TEST(with_loop > 20);
  BOOST_TEST(with_fan_out > 20);
}

BOOST_AUTO_TEST_CASE(that_were_changed_are_told_about_at_a_place_in_the_file) {
  std::vector<std::string> graphs;
  const auto folder = std::filesystem::path(TROUPE_SOURCE_DIR) / "tests/golden/right";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    graphs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  std::ranges::sort(graphs);
  int refused = 0;
  BOOST_TEST(rc::check([&](std::uint64_t seed) {
    dice d(seed);
    for (int i = 0; i < 20; ++i) {
      std::string text = graphs[d.below(graphs.size())];
      for (std::uint64_t n = 1 + d.below(2); n > 0; --n) text = mutated(text, d);
      const loaded l = test::load(text);
      RC_ASSERT((l.graph == nullptr) == has_errors(l.diagnostics));
      refused += l.graph == nullptr;
      const auto lines = lines_of(text);
      for (const diagnostic& f : l.diagnostics) {
        if (!f.at.known() || f.at.line > lines.size() + 1)
          RC_FAIL(f.message + " has no place in\n" + text);
        const std::size_t width =
            f.at.line > lines.size() ? 0 : count_code_points(lines[f.at.line - 1]);
        if (f.at.column < 1 || f.at.column > width + 1 || f.at.end_column <= f.at.column)
          RC_FAIL(f.message + " is beside its line " + std::to_string(f.at.line) + " in\n" + text);
      }
      RC_ASSERT(render(l).empty() == l.diagnostics.empty());
    }
  }));
  BOOST_TEST(refused > 300);
}

BOOST_AUTO_TEST_SUITE_END()
