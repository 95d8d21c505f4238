#pragma once

#include <string>

namespace troupe::test {

/// What most stages of these tests read and write. Derive from it, and add `name` and `run`.
struct text_to_reply {
  struct params {};
  struct input {
    std::string text;
  };
  struct output {
    std::string reply;
  };
  template <class Describer>
  static void describe(Describer& d) {
    d.in("text", &input::text, "");
    d.out("reply", &output::reply, "");
  }
};

}  // namespace troupe::test
