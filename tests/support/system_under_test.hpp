#pragma once
// A running graph over a memory store: real actors, real scheduler, no sockets.

#include "actors/runtime.hpp"
#include "support/recording_sink.hpp"

#include <boost/test/unit_test.hpp>

namespace troupe::test {

struct system_under_test {
  explicit system_under_test(std::shared_ptr<const graph> plan, store* s = nullptr) {
    if (!s) {
      own = make_memory_store();
      s = own.get();
    }
    runtime_options o;
    o.plan = std::move(plan);
    o.services = std::make_shared<stage_services>();
    o.records = s;
    o.idle = std::chrono::milliseconds(20);
    auto started = troupe::runtime::start(std::move(o));
    BOOST_REQUIRE(bool(started));
    run = std::move(*started);
  }
  std::shared_ptr<recording_sink> say(const std::string& conversation, const std::string& text,
                                      const std::string& id = {}) {
    return submit(conversation, {{"text", text}}, id);
  }
  std::shared_ptr<recording_sink> submit(const std::string& conversation, value::table input,
                                         const std::string& id = {}) {
    auto sink = std::make_shared<recording_sink>();
    run->submit({.conversation = conversation, .message_id = id, .input = std::move(input)}, sink,
                follow::run);
    return sink;
  }
  std::unique_ptr<store> own;
  std::unique_ptr<troupe::runtime> run;
};

}  // namespace troupe::test
