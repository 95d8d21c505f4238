// What it costs to hold an answer to a schema, per token, with a vocabulary of any size:
//   build/bench_json_mask FOLDER [DOCUMENTS]       FOLDER holds tokenizer.json
// Documents are drawn at random from what the schema allows; `mask` is the time of restrict().

#include "model/json_constraints.hpp"

#include "model/augment.hpp"
#include "support/file_content.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

namespace {

using steady = std::chrono::steady_clock;

struct named_schema {
  const char *name, *schema;
};

constexpr named_schema schemas[] = {
    {"verdict", R"({"type":"object","required":["score","reason"],"additionalProperties":false,
      "properties":{"score":{"type":"number","minimum":0,"maximum":1},"reason":{"type":"string"}}})"},
    {"choice", R"({"enum":["refund","exchange","repair","none of these"]})"},
    {"order", R"({"type":"object","required":["id","when","items"],"properties":{
      "id":{"type":"string","pattern":"^[A-Z]{2}-[0-9]{4,8}$"},"when":{"type":"string","format":"date"},
      "items":{"type":"array","minItems":1,"maxItems":5,"items":{"type":"object",
        "required":["name","count"],"additionalProperties":false,
        "properties":{"name":{"type":"string","maxLength":40},"count":{"type":"integer","minimum":1}}}}}})"},
    {"anything", "true"}};

/// Microseconds of each mask of an answer.
std::vector<double> answer(troupe::token_constraint& constraint, std::vector<float>& scores,
                           troupe::random_source& random, std::int64_t most) {
  std::vector<double> out;
  for (auto left = most; left > 0; --left) {
    std::fill(scores.begin(), scores.end(), 0.0f);
    const auto begin = steady::now();
    constraint.restrict(scores, left);
    out.push_back(std::chrono::duration<double, std::micro>(steady::now() - begin).count());
    std::vector<troupe::token_id> possible;
    for (std::size_t i = 0; i < scores.size(); ++i)
      if (!std::isinf(scores[i])) possible.push_back(static_cast<troupe::token_id>(i));
    const auto pick = static_cast<std::size_t>(random.uniform() * double(possible.size()));
    if (constraint.accept(possible[pick]) == troupe::token_constraint::standing::closed) break;
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::puts("bench_json_mask FOLDER [DOCUMENTS]"), 2;
  const auto words = troupe::parse_bpe_tokenizer(
      troupe::test::content(std::string(argv[1]) + "/tokenizer.json"), argv[1]);
  if (!words) return std::puts(words.error().message.c_str()), 1;
  const auto size = static_cast<std::size_t>((*words)->size());
  const int documents = argc > 2 ? std::atoi(argv[2]) : 50;
  troupe::json_constraints constraints(*words);
  std::vector<float> scores(size);
  troupe::random_source random(1);
  std::printf("%zu tokens\n%-10s %8s %10s %10s %10s %10s\n", size, "schema", "masks", "open us",
              "median us", "p99 us", "worst us");
  for (const auto& [name, schema] : schemas) {
    std::vector<double> all;
    double open = 0;
    for (int i = 0; i < documents; ++i) {
      const auto begin = steady::now();
      const auto c = constraints.make(schema, {static_cast<troupe::token_id>(size - 1)}, 200);
      if (!c) return std::puts(c.error().message.c_str()), 1;
      open =
          std::max(open, std::chrono::duration<double, std::micro>(steady::now() - begin).count());
      const auto one = answer(**c, scores, random, 200);
      all.insert(all.end(), one.begin(), one.end());
    }
    std::sort(all.begin(), all.end());
    std::printf("%-10s %8zu %10.0f %10.1f %10.1f %10.1f\n", name, all.size(), open,
                all[all.size() / 2], all[all.size() * 99 / 100], all.back());
  }
}
