#include "model/library.hpp"

#include "model/engines.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;

BOOST_AUTO_TEST_SUITE(lazy_library)

BOOST_AUTO_TEST_CASE(the_module_is_found_beside_the_program_and_loaded_once) {
  const auto first = load_model_module();
  BOOST_REQUIRE_MESSAGE(first.has_value(), (first ? "" : first.error().message));
  BOOST_TEST(*first == *load_model_module());
  const std::vector<std::string> texts = {"cancel an order", "退款"};
  const auto index = open_model_library()->make_index(texts, nullptr);
  BOOST_REQUIRE(index.has_value());
  BOOST_TEST((*index)->search("我要退款", 1).at(0).id == 1);
}

BOOST_AUTO_TEST_CASE(errors_of_the_module_come_through) {
  const auto c = open_model_library()->load_classifier("/nowhere");
  BOOST_REQUIRE(!c.has_value());
  BOOST_TEST(c.error().message.find("/nowhere") != std::string::npos);
  model_spec spec;
  spec.name.value = "writer";
  spec.kind.value = "local";
  spec.path.value = "/tmp";
  BOOST_TEST(!open_engine(spec, ".", {}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
