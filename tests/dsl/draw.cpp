// Pictures of graphs: tests/golden/drawings holds graphs, and beside each what is drawn of it.
// TROUPE_UPDATE_GOLDEN=1 draws them anew; look at them before they are kept.

#include "dsl/draw.hpp"

#include "actors/stages/builtin.hpp"
#include "dsl/canvas.hpp"
#include "dsl/load.hpp"
#include "dsl/text_width.hpp"
#include "support/file_content.hpp"
#include "support/graph_builder.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace {

namespace fs = std::filesystem;
using namespace troupe;
using test::content;

const registry& builtin_stages() {
  static const registry all = [] {
    registry r;
    add_builtin_stages(r);
    return r;
  }();
  return all;
}

std::vector<std::size_t> widths(const std::string& picture) {
  std::vector<std::size_t> out;
  std::istringstream lines(picture);
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    std::size_t sum = 0;
    for (const cell& c : cells_of(line)) sum += c.width;
    out.push_back(sum);
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(picture_of_a_graph)

BOOST_AUTO_TEST_CASE(is_the_one_in_the_golden_file) {
  const bool update = std::getenv("TROUPE_UPDATE_GOLDEN") != nullptr;
  int graphs = 0;
  for (const auto& entry :
       fs::directory_iterator(fs::path(TROUPE_SOURCE_DIR) / "tests/golden/drawings")) {
    if (entry.path().extension() != ".toml") continue;
    ++graphs;
    const loaded l =
        load_graph_text(content(entry.path()), entry.path().filename(), builtin_stages());
    BOOST_REQUIRE_MESSAGE(l.graph, render(l));
    const std::pair<const char*, std::string> drawn[] = {{".txt", draw_terminal(*l.graph)},
                                                         {".mmd", draw_mermaid(*l.graph)},
                                                         {".dot", draw_dot(*l.graph)}};
    for (const auto& [extension, picture] : drawn) {
      const fs::path file = fs::path(entry.path()).replace_extension(extension);
      if (update) std::ofstream(file, std::ios::binary) << picture;
      BOOST_TEST(picture == content(file), file << " is now\n" << picture);
    }
  }
  BOOST_TEST(graphs >= 4);
}

BOOST_AUTO_TEST_CASE(has_boxes_that_fit_wide_names) {
  test::graph_builder b;
  b.stage("意图识别", {}, {}).next = {b.to(1)};
  b.stage("回复", {}, {});
  BOOST_TEST(draw_terminal(*b.build("x")) ==
             "┌──────────┐\n"
             "│ 意图识别 │\n"
             "└─────┬────┘\n"
             "      ▼\n"
             "  ┌──────┐\n"
             "  │ 回复 │\n"
             "  └──────┘\n");
}

BOOST_AUTO_TEST_CASE(closes_every_box_of_a_large_graph) {
  test::graph_builder b;
  for (int i = 0; i < 300; ++i) {
    auto& s = b.stage("s" + std::to_string(i), {}, {});
    for (int to : {i * 2 + 1, i * 2 + 2, i + 7})
      if (to < 300) s.next.push_back(b.to(to));
  }
  const std::string picture = draw_terminal(*b.build("x"));
  auto count = [&](std::string_view what) {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = picture.find(what, at)) != picture.npos; ++at) ++n;
    return n;
  };
  for (int i = 0; i < 300; ++i) BOOST_TEST(count("│ s" + std::to_string(i) + " ") == 1u);
  BOOST_TEST(!widths(picture).empty());
}

BOOST_AUTO_TEST_CASE(tells_lines_that_cross_from_lines_that_meet) {
  canvas c;
  c.right(1, 0, 4, stroke::light);
  c.down(1, 0, 2, stroke::light);
  c.down(3, 1, 2, stroke::heavy);
  c.text(5, 1, "中a");
  BOOST_TEST(c.render() == " ╷\n╶│─┰╴中a\n ╵ ╹\n");
}

BOOST_AUTO_TEST_SUITE_END()
