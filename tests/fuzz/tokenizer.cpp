// Fuzz target: any bytes as a tokenizer.json and as a tokenizer.bin. What is accepted encodes text
// into its own ids and spells them again.

#include "model/tokenizer.hpp"

#include <cstdlib>

namespace {

void use(const troupe::tokenizer& t) {
  using namespace troupe;
  for (const std::string_view text :
       {"", "It's 3 o'clock, ab abc", "退款 要 多久？\n\n", "\xff<t>"}) {
    const auto ids = t.encode(text, control_tokens::recognise);
    (void)decode(t, ids);
    (void)t.encode(text, control_tokens::as_text);
  }
  (void)t.opening();
  (void)t.control("<|im_start|>");
  (void)t.piece(-1, t.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto t = parse_bpe_tokenizer(text, "tokenizer.json")) use(**t);
  for (const std::int64_t pieces : {259, 512})
    if (const auto t =
            parse_scored_tokenizer(std::as_bytes(std::span(data, size)), pieces, "tok.bin"))
      use(**t);
  return 0;
}
