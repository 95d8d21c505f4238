// A stage that takes as long as a test wants: `nap` of time, and until `file` exists if the text
// begins with "wait". It hears its stop token at once. The reply is the text with `mark` behind it.

#include <troupe/stage.hpp>

#include <condition_variable>
#include <filesystem>
#include <mutex>

#ifndef NAP_EDITION
#define NAP_EDITION ""
#endif

struct nap {
  static constexpr std::string_view name = "nap";
  static constexpr troupe::placement where = troupe::placement::own_thread;
  static constexpr bool streams = true;
  struct params {
    std::chrono::milliseconds nap{0};
    std::string file, mark;
  } p;
  struct input {
    std::string text;
  };
  struct output {
    std::string reply;
  };
  static void describe(troupe::describer<nap>& d) {
    d.param("nap", &params::nap, "how long it takes");
    d.param("file", &params::file, "what it waits for");
    d.param("mark", &params::mark, "put behind the text");
    d.in("text", &input::text, "");
    d.out("reply", &output::reply, "");
  }

  troupe::result<output> run(const input& in, troupe::run_context& ctx) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    auto pause = [&](std::chrono::milliseconds time) {
      stopped.wait_for(lock, ctx.stop(), time, [] { return false; });
      return !ctx.stop().stop_requested();
    };
    bool goes_on = p.nap.count() == 0 || pause(p.nap);
    while (goes_on && in.text.starts_with("wait") && !std::filesystem::exists(p.file))
      goes_on = pause(std::chrono::milliseconds(2));
    if (!goes_on) return troupe::error{troupe::errc::cancelled, "it was woken up"};
    ctx.emit(in.text + p.mark + NAP_EDITION);
    return output{in.text + p.mark + NAP_EDITION};
  }
};

TROUPE_PLUGIN(registry) { registry.add<nap>(); }
