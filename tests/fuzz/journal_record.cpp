// Fuzz target: any bytes as each kind of record of the journal. What can be read is written and
// read again as the same.

#include "pipeline/codec.hpp"
#include "pipeline/review.hpp"

#include <cstdlib>

namespace {

template <class Decode>
void round_trip(std::string_view bytes, Decode decode) {
  const auto record = decode(bytes);
  if (!record) return;
  const std::string once = encode(*record);
  const auto again = decode(once);
  if (!again || encode(*again) != once) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  round_trip(bytes, decode_step);
  round_trip(bytes, decode_run);
  round_trip(bytes, decode_conversation);
  round_trip(bytes, decode_turn);
  round_trip(bytes, decode_graph);
  round_trip(bytes, decode_review);
  return 0;
}
