#include "cli/why_words.hpp"

#include "pipeline/review.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace troupe {

namespace {

enum class phrase : std::uint8_t {
  heading,
  finished_state,
  failed_state,
  waiting_state,
  running_state,
  queued_state,
  accepted,
  input,
  waited_total,
  finished,
  finished_items,
  worked,
  queued,
  tokens,
  calls,
  one_call,
  retrying,
  failed,
  given_up,
  only_way,
  condition_holds,
  otherwise,
  again,
  round_score,
  round_plain,
  best,
  end_max,
  end_plateau,
  end_no_room,
  goes_on,
  falls_through,
  reasons,
  on_error,
  waiting,
  approved,
  rejected,
  edited,
  decided_by,
  comment,
  expired,
  interrupted,
  cancelled,
  reply,
  failure,
  totals,
  table_head,
  count
};

struct words {
  phrase what;
  const char *english, *chinese;
};

constexpr std::array<words, static_cast<std::size_t>(phrase::count)> table = {{
    {phrase::heading, "Run {} of graph `{}`: {}, {} in all", "运行 {}（图 `{}`）：{}，共 {}"},
    {phrase::finished_state, "finished", "已完成"},
    {phrase::failed_state, "failed", "失败"},
    {phrase::waiting_state, "waiting for a review", "等待审核"},
    {phrase::running_state, "running", "进行中"},
    {phrase::queued_state, "queued", "排队中"},
    {phrase::accepted, "accepted {}, begun {} later", "{} 受理，{} 后开始"},
    {phrase::input, "input {} = {}", "输入 {} = {}"},
    {phrase::waited_total, "{} of that went by waiting for decisions", "其中 {} 在等待审核"},
    {phrase::finished, "`{}` finished in {}", "`{}` 完成，用时 {}"},
    {phrase::finished_items, "`{}` finished {} items in {}", "`{}` 处理完 {} 项，用时 {}"},
    {phrase::worked, "worked {}", "工作 {}"},
    {phrase::queued, "queued {}", "排队 {}"},
    {phrase::tokens, "{} tokens", "{} 个词元"},
    {phrase::calls, "{} model calls", "调用模型 {} 次"},
    {phrase::one_call, "{} model call", "调用模型 {} 次"},
    {phrase::retrying, "attempt {} of `{}` failed after {} ({}: {}); it was tried again",
     "`{1}` 第 {0} 次尝试在 {2} 后失败（{3}：{4}），已重试"},
    {phrase::failed, "attempt {} of `{}` failed after {} ({}: {}); it was the last",
     "`{1}` 第 {0} 次尝试在 {2} 后失败（{3}：{4}），不再重试"},
    {phrase::given_up, "attempt {} of `{}` was given up after {}",
     "`{1}` 第 {0} 次尝试在 {2} 后被放弃"},
    {phrase::only_way, "→ `{}`: there is no other way", "→ `{}`：只有这一条路"},
    {phrase::condition_holds, "→ `{}`: {} holds", "→ `{}`：条件 {} 成立"},
    {phrase::otherwise, "→ `{}`: {} did not hold", "→ `{}`：条件 {} 不成立"},
    {phrase::again, "→ back to `{}`, for another round (at most {})",
     "→ 回到 `{}`，再来一轮（最多 {} 轮）"},
    {phrase::round_score, "attempt {}: `{}` = {}", "第 {} 次尝试：`{}` = {}"},
    {phrase::round_plain, "attempt {}", "第 {} 次尝试"},
    {phrase::best, "kept: attempt {}{}", "采用第 {} 次尝试{}"},
    {phrase::end_max, "no more rounds: all {} were taken", "不再重来：{} 轮已用完"},
    {phrase::end_plateau, "no more rounds: {} in a row were no better",
     "不再重来：连续 {} 次没有变好"},
    {phrase::end_no_room, "no more rounds: another would not fit into what is left of the run",
     "不再重来：剩下的时间或词元不够再来一轮"},
    {phrase::goes_on, "→ `{}`", "→ `{}`"},
    {phrase::falls_through, "→ the next edge", "→ 看下一条边"},
    {phrase::reasons, "because: {}", "原因：{}"},
    {phrase::on_error, "→ `{}`: that is its way on an error", "→ `{}`：出错时走这里"},
    {phrase::waiting, "`{}` waits for a decision", "`{}` 等待审核"},
    {phrase::approved, "`{}` was approved after {}", "`{}` 在 {} 后获批准"},
    {phrase::rejected, "`{}` was rejected after {}", "`{}` 在 {} 后被驳回"},
    {phrase::edited, "`{}` was edited after {}", "`{}` 在 {} 后被改写"},
    {phrase::decided_by, "by {}", "审核人 {}"},
    {phrase::comment, "comment: {}", "意见：{}"},
    {phrase::expired, "nobody decided on `{}` within {}", "`{}` 在 {} 内无人审核，已过期"},
    {phrase::interrupted, "the process was gone for {}; what it was doing was done again",
     "进程中断了 {}，被打断的工作已重做"},
    {phrase::cancelled, "cancelled: {}", "被取消：{}"},
    {phrase::reply, "Reply: {}", "回复：{}"},
    {phrase::failure, "It failed ({}): {}", "失败（{}）：{}"},
    {phrase::totals, "Model calls: {}; tokens: {}.", "共调用模型 {} 次，用 {} 个词元。"},
    {phrase::table_head, "stage\tcalls\tfailed\tqueued\tworked\twaited",
     "阶段\t调用\t失败\t排队\t工作\t等待"},
}};

constexpr std::size_t most_text = 200;

/// The beginning of a text, on one line.
std::string on_one_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  std::size_t at = 0;
  for (std::size_t count = 0; at < text.size() && count < most_text; ++count)
    for (++at; at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;) ++at;
  return at < text.size() ? text.substr(0, at) + "…" : text;
}

std::string shown(const value& v) {
  if (v.type() == slot_type::text) {
    std::string quoted;
    append_json_string(quoted, on_one_line(v.as_text()));
    return quoted;
  }
  return v.is_none() ? "?" : on_one_line(v.to_text());
}

/// Columns of an East Asian wide character count twice.
std::size_t columns(std::string_view text) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) n += byte >= 0xE3 ? 2 : 1;
  }
  return n;
}

class teller {
 public:
  explicit teller(language l) : language_(l) {}

  std::string failures(const story& s) {
    using kind = story_event::kind;
    for (const story_event& e : s.events)
      if (e.what == kind::retrying || e.what == kind::failed || e.what == kind::interrupted ||
          e.what == kind::cancelled || e.what == kind::expired || e.what == kind::given_up)
        tell(e);
    return std::move(out_);
  }

  std::string tell(const story& s) {
    head(s);
    for (const story_event& e : s.events) tell(e);
    end(s);
    return std::move(out_);
  }

 private:
  template <class... Args>
  std::string say(phrase p, const Args&... args) const {
    const words& w = table[static_cast<std::size_t>(p)];
    return fmt::format(fmt::runtime(language_ == language::english ? w.english : w.chinese),
                       args...);
  }
  std::string_view comma() const { return language_ == language::english ? ", " : "，"; }

  void line(std::string_view text) { out_.append(text).append("\n"); }
  void at(duration when, std::string_view text) {
    std::string time = short_duration(when);
    out_.append(std::string(time.size() < 10 ? 10 - columns(time) : 0, ' '));
    out_.append(time).append("  ");
    line(text);
  }
  void below(std::string_view text) { line(std::string(14, ' ') + std::string(text)); }

  phrase state_of(const run_record& r) const {
    switch (r.state) {
      case run_status::state_type::finished:
        return phrase::finished_state;
      case run_status::state_type::failed:
        return phrase::failed_state;
      case run_status::state_type::waiting:
        return phrase::waiting_state;
      case run_status::state_type::queued:
        return phrase::queued_state;
      case run_status::state_type::running:
        break;
    }
    return phrase::running_state;
  }

  void head(const story& s) {
    line(say(phrase::heading, s.record.run, s.graph, say(state_of(s.record)),
             short_duration(s.total)));
    line(say(phrase::accepted, format_time(s.record.accepted), short_duration(s.queued)));
    if (s.record.input.type() == slot_type::table)
      for (const auto& [name, v] : s.record.input.as_table())
        line(say(phrase::input, name, shown(v)));
    if (s.waited > duration(0)) line(say(phrase::waited_total, short_duration(s.waited)));
    line("");
  }

  void tell(const story_event& e) {
    using kind = story_event::kind;
    switch (e.what) {
      case kind::finished:
        return finished(e);
      case kind::retrying:
      case kind::failed:
        at(e.at,
           say(e.what == kind::retrying ? phrase::retrying : phrase::failed, e.attempt, e.stage,
               short_duration(e.took), name_of(e.failure->code), on_one_line(e.failure->message)));
        if (e.worked) below(worked_and_queued(e));
        return;
      case kind::given_up:
        at(e.at, say(phrase::given_up, e.attempt, e.stage, short_duration(e.took)));
        if (e.worked) below(worked_and_queued(e));
        return;
      case kind::went:
        return went(e.way);
      case kind::waiting:
        return at(e.at, say(phrase::waiting, e.stage));
      case kind::decided:
        return decided(e);
      case kind::expired:
        return at(e.at, say(phrase::expired, e.stage, short_duration(e.took)));
      case kind::interrupted:
        return at(e.at, say(phrase::interrupted, short_duration(e.took)));
      case kind::cancelled:
        return at(e.at, say(phrase::cancelled, e.failure ? e.failure->message : std::string()));
    }
  }

  std::string worked_and_queued(const story_event& e) const {
    std::string text = say(phrase::worked, short_duration(*e.worked));
    text += comma();
    return text + say(phrase::queued, short_duration(std::max(duration(0), e.took - *e.worked)));
  }

  void finished(const story_event& e) {
    std::string text = e.items >= 0
                           ? say(phrase::finished_items, e.stage, e.items, short_duration(e.took))
                           : say(phrase::finished, e.stage, short_duration(e.took));
    std::string more;
    auto add = [&](std::string part) {
      more += (more.empty() ? "" : comma());
      more += part;
    };
    // Of many at once the parts do not add up to the time that went by.
    if (e.worked && e.items < 0) add(worked_and_queued(e));
    if (e.used.model_calls > 0)
      add(say(e.used.model_calls == 1 ? phrase::one_call : phrase::calls, e.used.model_calls));
    if (e.used.tokens > 0) add(say(phrase::tokens, e.used.tokens));
    at(e.at, more.empty() ? text
                          : text + (language_ == language::english ? " (" : "（") + more +
                                (language_ == language::english ? ")" : "）"));
  }

  /// Conditions, with what their slots held.
  std::string conditions(const std::vector<std::string>& texts, const value::table& read) const {
    std::string all;
    for (const std::string& t : texts) all += (all.empty() ? "`" : ", `") + t + "`";
    std::string slots;
    for (const auto& [name, v] : read)
      slots += (slots.empty() ? "" : ", ") + name + " = " + shown(v);
    return slots.empty() ? all : all + " (" + slots + ")";
  }

  void went(const story_way& w) {
    using cause = route_note::cause;
    switch (w.why) {
      case cause::on_error:
        return below(say(phrase::on_error, w.to));
      case cause::edge:
        if (!w.condition.empty())
          return below(say(phrase::condition_holds, w.to, conditions({w.condition}, w.read)));
        if (!w.failed.empty())
          return below(say(phrase::otherwise, w.to, conditions(w.failed, w.read)));
        return below(say(phrase::only_way, w.to));
      case cause::again:
      case cause::exhausted:
        return loop(w);
    }
  }

  void loop(const story_way& w) {
    const bool scored = !w.score_slot.empty();
    below(scored ? say(phrase::round_score, w.loop.attempt, w.score_slot,
                       value(w.loop.score).to_text())
                 : say(phrase::round_plain, w.loop.attempt));
    if (w.reasons.type() == slot_type::list)
      for (const value& reason : w.reasons.as_list())
        below("  " + say(phrase::reasons, on_one_line(reason.to_text())));
    if (w.why == route_note::cause::again) return below(say(phrase::again, w.to, w.max));
    switch (w.loop.end) {
      case loop_judgement::end_type::max:
        below(say(phrase::end_max, w.max));
        break;
      case loop_judgement::end_type::plateau:
        below(say(phrase::end_plateau, w.plateau));
        break;
      case loop_judgement::end_type::no_room:
        below(say(phrase::end_no_room));
        break;
      case loop_judgement::end_type::again:
        break;
    }
    if (w.loop.best_attempt > 0)
      below(say(phrase::best, w.loop.best_attempt,
                scored
                    ? fmt::format(" (`{}` = {})", w.score_slot, value(w.loop.best_score).to_text())
                    : std::string()));
    below(w.to.empty() ? say(phrase::falls_through) : say(phrase::goes_on, w.to));
  }

  void decided(const story_event& e) {
    auto text = [&](std::string_view port) {
      const value* v = e.decision.find(port);
      return v ? v->to_text() : std::string();
    };
    const auto verdict = text("verdict");
    at(e.at, say(verdict == "rejected" ? phrase::rejected
                 : verdict == "edited" ? phrase::edited
                                       : phrase::approved,
                 e.stage, short_duration(e.took)));
    if (auto who = text("reviewer"); !who.empty()) below(say(phrase::decided_by, who));
    if (auto said = text("comment"); !said.empty()) below(say(phrase::comment, on_one_line(said)));
  }

  void end(const story& s) {
    line("");
    if (s.record.failure)
      line(say(phrase::failure, name_of(s.record.failure->code), s.record.failure->message));
    else if (!s.record.reply.is_none())
      line(say(phrase::reply, shown(s.record.reply)));
    if (s.used.model_calls > 0 || s.used.tokens > 0)
      line(say(phrase::totals, s.used.model_calls, s.used.tokens));
    if (!s.stages.empty()) stages(s);
  }

  void stages(const story& s) {
    std::vector<std::vector<std::string>> rows(1);
    std::string head = say(phrase::table_head);
    for (std::size_t from = 0; from <= head.size();) {
      const auto tab = std::min(head.find('\t', from), head.size());
      rows[0].push_back(head.substr(from, tab - from));
      from = tab + 1;
    }
    for (const story_stage& t : s.stages)
      rows.push_back({t.name, std::to_string(t.calls), std::to_string(t.failures),
                      short_duration(t.queued), short_duration(t.worked),
                      t.waited > duration(0) ? short_duration(t.waited) : "-"});
    std::vector<std::size_t> widths(rows[0].size());
    for (const auto& row : rows)
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
    line("");
    for (const auto& row : rows) {
      std::string text;
      for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string pad(widths[i] - columns(row[i]), ' ');
        text += i == 0 ? row[i] + pad : "  " + pad + row[i];
      }
      line(text);
    }
  }

  language language_;
  std::string out_;
};

}  // namespace

std::optional<language> choose_language(std::string_view given) {
  if (given == "en") return language::english;
  if (given == "zh") return language::chinese;
  if (!given.empty()) return std::nullopt;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (const char* v = std::getenv(name); v && *v)
      return std::string_view(v).starts_with("zh") ? language::chinese : language::english;
  return language::english;
}

std::string in_words(const story& s, language l) { return teller(l).tell(s); }

std::string failures_in_words(const story& s, language l) { return teller(l).failures(s); }

std::string short_duration(duration d) {
  const auto us = d.count();
  if (us < 1000) return fmt::format("{} µs", us);
  if (us < 1'000'000) return fmt::format("{} ms", us / 1000);
  if (us < 60'000'000) return fmt::format("{:.1f} s", static_cast<double>(us / 100'000) / 10);
  const auto s = us / 1'000'000;
  if (s < 3600) return fmt::format("{} m {} s", s / 60, s % 60);
  if (s < 86'400) return fmt::format("{} h {} m", s / 3600, s / 60 % 60);
  return fmt::format("{} d {} h", s / 86'400, s / 3600 % 24);
}

}  // namespace troupe
