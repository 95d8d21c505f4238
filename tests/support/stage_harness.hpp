#pragma once
// Runs a registered stage as a graph would, but without one: parameters checked, slots by name.

#include "actors/stages/builtin.hpp"

#include <stdexcept>

namespace troupe::test {

class stage_harness {
 public:
  stage_harness(std::string_view use, value::table with, stage_services services = {})
      : services_(std::move(services)) {
    registry known;
    add_builtin_stages(known);
    const auto* found = known.find(use);
    if (!found) throw std::runtime_error("no stage type " + std::string(use));
    type_ = *found;
    with_ = value(std::move(with));
    info.run = "run-1";
    info.stage = std::string(use);
  }

  /// Opens the stage as a graph does when it is loaded.
  result<void> open() {
    for (const auto& p : type_.params) {
      const value* given = with_.find(p.name);
      if (!given && p.required) return error{errc::invalid_request, "`" + p.name + "` is missing"};
      if (given)
        if (auto complaint = p.complaint(*given))
          return error{errc::invalid_request, "`" + p.name + "` " + *complaint};
    }
    auto all = type_.ports_for(with_);
    if (!all) return std::move(all).error();
    ports = std::move(*all);
    auto made = type_.make(with_, services_, ports);
    if (!made) return std::move(made).error();
    instance_ = std::move(*made);
    return {};
  }

  /// Runs it once, opened first if need be. Slots that no port reads are ignored.
  result<value> run(const value::table& slots) {
    if (!instance_)
      if (auto opened = open(); !opened) return std::move(opened).error();
    frame in;
    for (const auto& p : ports.in) {
      const value whole(slots);
      const value* found = whole.find(p.name);
      if (!found && !p.optional)
        return error{errc::invalid_request, "slot `" + p.name + "` was not given"};
      in.push_back(found ? *found : value());
    }
    std::optional<result<frame>> answer;
    auto context =
        std::make_shared<run_context>(info, stop.get_token(), system_clock(), services_,
                                      [this](std::string_view piece) { emitted += piece; });
    instance_->run(std::move(in), context,
                   reply<frame>([&](result<frame> r) { answer = std::move(r); }));
    used = context->used();
    waits = context->waits();
    if (!*answer) return answer->error();
    value::table out;
    for (std::size_t i = 0; i < ports.out.size(); ++i)
      out.emplace_back(ports.out[i].name, (**answer)[i]);
    return value(std::move(out));
  }

  call_info info;
  std::stop_source stop;
  port_set ports;       ///< known after `open`
  std::string emitted;  ///< all that was streamed
  usage used;           ///< of the last run
  std::optional<std::chrono::milliseconds> waits;  ///< how long it asked to wait for a decision

 private:
  stage_services services_;
  stage_type type_;
  value with_;
  std::unique_ptr<stage_instance> instance_;
};

/// The table's entry as text, or "<none>": for comparisons whose failure says what is there.
inline std::string text_at(const value& table, std::string_view key) {
  const value* found = table.find(key);
  return found ? found->to_text() : "<none>";
}

/// Texts that no stage may choke on.
inline std::vector<std::string> nasty_texts() {
  std::string emoji = "😡😡👍🏽👨‍👩‍👧";
  std::string long_english, long_chinese;
  while (long_english.size() < 10'000) long_english += "where is my order 20931 ";
  while (long_chinese.size() < 30'000) long_chinese += "我的订单什么时候到";
  return {"",
          " \t\r\n",
          "　",
          emoji,
          long_english,
          long_chinese,
          std::string(10'000, 'a'),
          std::string(10'000, '1'),
          "\xff\xfe broken \xe4\xbd",
          std::string("nul\0inside", 10),
          "\xed\xa0\x80 it \xc0\xaf",
          "{not} a {{template}}"};
}

}  // namespace troupe::test
