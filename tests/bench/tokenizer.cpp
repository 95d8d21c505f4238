// How fast a tokenizer.json encodes, on one thread:
//   build/bench_tokenizer FOLDER FILE...       FOLDER holds tokenizer.json
// `whole` is each file as one text, `lines` line by line.

#include "model/tokenizer.hpp"
#include "support/file_content.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <sstream>

namespace {

void measure(const troupe::tokenizer& t, const char* file, const char* how,
             const std::vector<std::string>& texts, std::size_t bytes) {
  double best = 1e9;
  std::size_t tokens = 0;
  for (int i = 0; i < 7; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    tokens = 0;
    for (const auto& text : texts)
      tokens += t.encode(text, troupe::control_tokens::recognise).size();
    best = std::min(
        best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  std::printf("%-24s %-6s %8.3f MB %9zu tokens %8.2f MB/s\n", file, how, double(bytes) / 1e6,
              tokens, double(bytes) / 1e6 / best);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::puts("bench_tokenizer FOLDER FILE..."), 2;
  const auto t = troupe::parse_bpe_tokenizer(
      troupe::test::content(std::string(argv[1]) + "/tokenizer.json"), argv[1]);
  if (!t) return std::puts(t.error().message.c_str()), 1;
  for (int i = 2; i < argc; ++i) {
    const auto text = troupe::test::content(argv[i]);
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
      if (!line.empty()) lines.push_back(line);
    measure(**t, argv[i], "whole", {text}, text.size());
    measure(**t, argv[i], "lines", lines, text.size());
  }
}
