#include "tests/torch/comparison.hpp"

#include <thread>

using namespace troupe;

namespace {

using test::some_prompt;

struct random_engine : test::random_engine {
  explicit random_engine(const engine_options& options = {})
      : test::random_engine(
            test::small_config("qwen3", "Qwen3ForCausalLM", {{"max_position_embeddings", 1024}}),
            options) {}
};

/// All at the same time, each from a thread of its own.
std::vector<result<completion>> ask_all(language_model& m,
                                        const std::vector<completion_request>& requests) {
  std::vector<result<completion>> out(requests.size(), completion{});
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < requests.size(); ++i)
    threads.emplace_back([&, i] { out[i] = m.complete(requests[i]); });
  threads.clear();
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(batches)

BOOST_AUTO_TEST_CASE(sequences_side_by_side_get_what_each_gets_alone) {
  const random_engine e({.batch = 6});
  std::vector<completion_request> requests;
  for (std::size_t i = 0; i < 12; ++i)
    requests.push_back({.ids = some_prompt(1 + 13 * i, i),
                        .max_tokens = 30,
                        .sampling = {.temperature = i % 3 == 0 ? 0.8 : 0.0},
                        .seed = i});
  const auto together = ask_all(*e.model, requests);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto alone = e.model->complete(requests[i]);
    BOOST_REQUIRE((together[i] && alone));
    BOOST_TEST(together[i]->ids == alone->ids, boost::test_tools::per_element());
  }
  BOOST_TEST(e.model->load().blocks_in_use == 0);
  BOOST_TEST(e.model->load().forwards < 24 * 30);
}

BOOST_AUTO_TEST_CASE(the_beginning_that_was_read_already_is_not_read_again) {
  const random_engine e;
  auto ids = some_prompt(300, 3);
  const auto first = e.model->complete({.ids = ids, .max_tokens = 20});
  BOOST_REQUIRE(first.has_value());
  const auto before = e.model->load().reused_tokens;
  ids.insert(ids.end(), first->ids.begin(), first->ids.end());
  const auto next = e.model->complete({.ids = ids, .max_tokens = 8});
  BOOST_REQUIRE(next.has_value());
  BOOST_TEST(e.model->load().reused_tokens - before == 288);
  test::check_greedy(e, ids, *next);
}

BOOST_AUTO_TEST_CASE(two_hundred_long_requests_stay_within_the_cache_and_none_is_lost) {
  // 3 layers, 2 heads of 16 elements, keys and values in float32: 768 bytes a token.
  const random_engine e({.cache_bytes = 768 * 400, .batch = 16, .queue = 40});
  std::vector<completion_request> requests;
  for (std::size_t i = 0; i < 200; ++i)
    requests.push_back({.ids = some_prompt(100 + i % 50, i), .max_tokens = 20});
  std::int64_t answered = 0, refused = 0;
  for (const auto& r : ask_all(*e.model, requests)) {
    if (r && r->ids.size() == 20u) ++answered;
    if (!r && r.error().code == errc::overloaded) ++refused;
  }
  BOOST_TEST(answered + refused == 200);
  BOOST_TEST(answered >= 40);
  BOOST_TEST(refused > 0);  // 56 find room
  BOOST_TEST(e.model->load().blocks == 12);
  BOOST_TEST(e.model->load().blocks_in_use == 0);
}

BOOST_AUTO_TEST_CASE(what_can_never_fit_is_refused_at_once) {
  const random_engine e({.cache_bytes = 768 * 64});
  const auto r = e.model->complete({.ids = some_prompt(64, 1), .max_tokens = 1});
  BOOST_REQUIRE(!r.has_value());
  BOOST_TEST((r.error().code == errc::invalid_request));
  BOOST_TEST(r.error().message.find("64 tokens") != std::string::npos);
  // An answer is cut where the cache ends.
  const auto cut = e.model->complete({.ids = some_prompt(60, 1), .max_tokens = 100});
  BOOST_REQUIRE(cut.has_value());
  BOOST_TEST(cut->ids.size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_cancelled_request_gives_its_blocks_back) {
  const random_engine e;
  std::stop_source stop;
  generation_request request{.messages = {{chat_message::role_type::user, "aa bb cc"}},
                             .max_tokens = 900,
                             .cancel = stop.get_token()};
  const auto g = e.model->generate(request, [&](std::string_view) { stop.request_stop(); });
  BOOST_REQUIRE(g.has_value());
  BOOST_TEST((g->reason == finish_reason::cancelled));
  // The loop takes requests in order, so that it has seen the cancellation when this one ends.
  BOOST_REQUIRE(e.model->complete({.ids = {1}, .max_tokens = 2}));
  BOOST_TEST(e.model->load().blocks_in_use == 0);
  BOOST_TEST(e.model->load().running == 0);
  BOOST_TEST(e.model->load().cancelled == 1);
}

BOOST_AUTO_TEST_CASE(after_a_disconnect_at_most_one_more_token_is_drawn) {
  const random_engine e;
  constexpr int clients = 8;
  std::vector<std::jthread> threads;
  for (int i = 0; i < clients; ++i)
    threads.emplace_back([&, i] {
      std::stop_source stop;
      const generation_request request{
          .messages = {{chat_message::role_type::user, "aa bb cc " + std::to_string(i)}},
          .max_tokens = 900,
          .cancel = stop.get_token()};
      (void)e.model->generate(request, [&](std::string_view) { stop.request_stop(); });
    });
  threads.clear();
  BOOST_REQUIRE(e.model->complete({.ids = {1}, .max_tokens = 2}));
  const auto load = e.model->load();
  BOOST_TEST(load.cancelled == clients);
  BOOST_TEST(load.tokens_after_cancel <= clients);
}

BOOST_AUTO_TEST_SUITE_END()
