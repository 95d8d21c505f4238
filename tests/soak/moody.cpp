// moody: a stage that misbehaves now and then, for tests/soak.
//
//   reads   text
//   writes  text: what was read, word by word also as a stream
//   with    crash, fail, hang, drop, slow: how many calls in a thousand
//
//   [stage.talk]
//   use  = "moody"
//   with = { crash = 10, hang = 2 }

#include <troupe/stage.hpp>

#include <thread>

namespace {

using namespace std::chrono_literals;

struct moody {
  static constexpr std::string_view name = "moody";
  static constexpr std::string_view summary = "repeats what it hears, if it is in the mood";
  static constexpr troupe::placement where = troupe::placement::own_thread;
  static constexpr bool streams = true;
  struct params {
    int crash = 0, fail = 0, hang = 0, drop = 0, slow = 0;
  };
  struct input {
    std::string text;
  };
  struct output {
    std::string text;
  };

  static void describe(troupe::describer<moody>& d) {
    d.param("crash", &params::crash, "calls in a thousand that throw").min(0).max(1000);
    d.param("fail", &params::fail, "calls in a thousand that fail").min(0).max(1000);
    d.param("hang", &params::hang, "calls in a thousand that hear no stop").min(0).max(1000);
    d.param("drop", &params::drop, "calls in a thousand without an answer").min(0).max(1000);
    d.param("slow", &params::slow, "calls in a thousand that take too long").min(0).max(1000);
    d.in("text", &input::text, "what to repeat");
    d.out("text", &output::text, "what was repeated");
  }

  void run(input in, std::shared_ptr<troupe::run_context> ctx, troupe::reply<output> done) {
    // The same call is in the same mood again after a restart, another attempt is not.
    auto mood = static_cast<int>(ctx->seed() % 1000);
    auto is = [&](int share) {
      const bool here = mood >= 0 && mood < share;
      mood -= share;
      return here;
    };
    if (is(p.crash)) throw std::runtime_error("in no mood");
    if (is(p.fail)) return done(troupe::error{troupe::errc::unavailable, "in no mood"});
    if (is(p.drop)) return;
    if (is(p.hang)) std::this_thread::sleep_for(3s);
    if (is(p.slow))
      for (int i = 0; i < 100 && !ctx->stop().stop_requested(); ++i)
        std::this_thread::sleep_for(10ms);
    for (std::size_t at = 0; at < in.text.size();) {
      const auto end = std::min(in.text.find(' ', at), in.text.size() - 1) + 1;
      ctx->emit(std::string_view(in.text).substr(at, end - at));
      at = end;
    }
    done(output{in.text});
  }
  params p;
};

}  // namespace

TROUPE_PLUGIN(registry) { registry.add<moody>(); }
