#include "pipeline/condition_lexer.hpp"
#include "pipeline/condition_node.hpp"

#include <algorithm>
#include <array>

namespace troupe {

namespace {

using node = condition::node;
using node_ptr = std::unique_ptr<node>;
using kind = condition_token::kind_type;

/// Brackets and `!` within each other; far more than a person writes, far less than a stack holds.
constexpr int deepest = 64;

struct comparison {
  std::string_view symbol;
  condition_op op;
};
constexpr std::array comparisons = {
    comparison{"==", condition_op::equal},      comparison{"!=", condition_op::unequal},
    comparison{"<=", condition_op::less_equal}, comparison{">=", condition_op::greater_equal},
    comparison{"<", condition_op::less},        comparison{">", condition_op::greater}};

/// Recursive descent. Every function gives nullptr once `problem` is set.
class parser {
 public:
  explicit parser(std::vector<condition_token> tokens) : tokens_(std::move(tokens)) {}

  node_ptr run() {
    node_ptr root = either();
    if (root && now().kind != kind::end) {
      if (find_comparison())
        return fail("comparisons cannot be chained", "join two of them with `&&`");
      if (now().is_name("and") || now().is_name("or"))
        return fail(quote(now()) + " is not an operator", "use `&&` for and, `||` for or");
      return fail("did not expect " + quote(now()) + " here", "");
    }
    return root;
  }

  std::optional<condition_problem> problem;
  std::vector<std::string> reads, defined;

 private:
  const condition_token& now() const { return tokens_[at_]; }
  static std::string quote(const condition_token& t) {
    return t.kind == kind::end ? "the end" : "`" + std::string(t.raw) + "`";
  }

  node_ptr fail(std::string message, std::string hint) {
    if (!problem)
      problem = {"condition-syntax", std::move(message), std::move(hint), now().offset,
                 std::max<std::size_t>(now().raw.size(), 1)};
    return nullptr;
  }

  node_ptr make(condition_op op, std::size_t offset) const {
    auto n = std::make_unique<node>();
    n->kind = op;
    n->offset = offset;
    return n;
  }
  /// Ends at the last token that was taken.
  node_ptr close(node_ptr n) const {
    const condition_token& last = tokens_[at_ - 1];
    n->length = last.offset + last.raw.size() - n->offset;
    return n;
  }

  bool take(std::string_view symbol) {
    if (!now().is(symbol)) return false;
    ++at_;
    return true;
  }

  node_ptr chain(std::string_view symbol, condition_op op, node_ptr (parser::*part)()) {
    std::size_t offset = now().offset;
    node_ptr first = (this->*part)();
    if (!first || !now().is(symbol)) return first;
    node_ptr all = make(op, offset);
    all->parts.push_back(std::move(first));
    while (take(symbol)) {
      node_ptr next = (this->*part)();
      if (!next) return nullptr;
      all->parts.push_back(std::move(next));
    }
    return close(std::move(all));
  }

  node_ptr either() { return chain("||", condition_op::either, &parser::both); }
  node_ptr both() { return chain("&&", condition_op::both, &parser::negation); }

  node_ptr negation() {
    if (now().is_name("not")) return fail("`not` is not an operator", "use `!`");
    if (!now().is("!")) return compare();
    if (++depth_ > deepest) return fail("the condition is nested too deeply", "split it up");
    node_ptr n = make(condition_op::negate, now().offset);
    ++at_;
    node_ptr inner = negation();
    --depth_;
    if (!inner) return nullptr;
    n->parts.push_back(std::move(inner));
    return close(std::move(n));
  }

  std::optional<condition_op> find_comparison() const {
    if (now().is_name("in")) return condition_op::contained;
    for (const comparison& c : comparisons)
      if (now().is(c.symbol)) return c.op;
    return std::nullopt;
  }

  node_ptr compare() {
    std::size_t offset = now().offset;
    node_ptr left = term();
    if (!left) return nullptr;
    auto op = find_comparison();
    if (!op) return left;
    ++at_;
    node_ptr right = term();
    if (!right) return nullptr;
    node_ptr n = make(*op, offset);
    n->parts.push_back(std::move(left));
    n->parts.push_back(std::move(right));
    return close(std::move(n));
  }

  node_ptr term() {
    if (++depth_ > deepest) return fail("the condition is nested too deeply", "split it up");
    node_ptr n = inner_term();
    --depth_;
    return n;
  }

  node_ptr inner_term() {
    const condition_token& t = now();
    node_ptr n = make(condition_op::literal, t.offset);
    if (t.kind == kind::literal || t.is_name("true") || t.is_name("false")) {
      n->constant = t.kind == kind::literal ? t.constant : value(t.raw == "true");
      ++at_;
      return close(std::move(n));
    }
    if (take("(")) {
      node_ptr inside = either();
      if (!inside) return nullptr;
      if (!take(")")) return fail("expected `)`, not " + quote(now()), "");
      return inside;
    }
    if (take("[")) return list(std::move(n));
    if (t.kind == kind::name && !t.is_name("in")) {
      ++at_;
      if (now().is("(")) return call(std::move(n), t);
      return slot(std::move(n), t);
    }
    return fail("expected a slot, a text, a number or a list, not " + quote(t), "");
  }

  node_ptr list(node_ptr n) {
    n->kind = condition_op::list;
    while (!take("]")) {
      if (!n->parts.empty() && !take(","))
        return fail("expected `,` or `]`, not " + quote(now()), "");
      node_ptr item = term();
      if (!item) return nullptr;
      n->parts.push_back(std::move(item));
    }
    auto is_literal = [](const node_ptr& p) { return !p->constant.is_none(); };
    if (std::ranges::all_of(n->parts, is_literal)) {
      value::list items;
      for (const node_ptr& p : n->parts) items.push_back(p->constant);
      n->constant = value(std::move(items));
    }
    return close(std::move(n));
  }

  node_ptr call(node_ptr n, const condition_token& function) {
    bool length = function.raw == "len";
    if (!length && function.raw != "defined") {
      --at_;
      return fail("there is no function `" + std::string(function.raw) + "`",
                  "there are `len(x)` and `defined(x)`");
    }
    ++at_;
    if (length) {
      n->kind = condition_op::length;
      node_ptr of = term();
      if (!of) return nullptr;
      n->parts.push_back(std::move(of));
    } else {
      n->kind = condition_op::defined;
      if (now().kind != kind::name) return fail("`defined` takes the name of a slot", "");
      n->name = now().raw;
      remember(defined, n->name);
      ++at_;
    }
    if (!take(")")) return fail("expected `)`, not " + quote(now()), "");
    return close(std::move(n));
  }

  node_ptr slot(node_ptr n, const condition_token& name) {
    n->kind = condition_op::slot;
    n->name = name.raw;
    remember(reads, n->name);
    while (take(".")) {
      if (now().kind != kind::name)
        return fail("expected a key behind `.`, not " + quote(now()), "");
      n->keys.emplace_back(now().raw);
      ++at_;
    }
    return close(std::move(n));
  }

  static void remember(std::vector<std::string>& names, const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }

  std::vector<condition_token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::pair<std::optional<condition>, std::vector<condition_problem>> condition::parse(
    std::string_view text) {
  auto [tokens, problem] = split_condition(text);
  if (problem) return {std::nullopt, {std::move(*problem)}};
  if (tokens.size() == 1)
    return {std::nullopt,
            {{"condition-syntax", "the condition is empty",
              "leave `when` out for an edge that is always taken", 0, 1}}};
  parser p(std::move(tokens));
  auto root = p.run();
  if (!root) return {std::nullopt, {std::move(*p.problem)}};
  condition c;
  c.root_ = std::move(root);
  c.text_ = text;
  c.reads_ = std::move(p.reads);
  for (std::string& name : p.defined)
    if (std::ranges::find(c.reads_, name) == c.reads_.end()) c.defined_.push_back(std::move(name));
  return {std::move(c), {}};
}

}  // namespace troupe
