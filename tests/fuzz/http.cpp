// Fuzz target: any bytes on an HTTP connection, through the parser, the table of routes and their
// handlers, at once and byte by byte. The connection ends when the client hangs up, and whatever
// was said is HTTP.

#include "fuzz/connection.hpp"

namespace {

void talk(std::string_view bytes, std::size_t piece) {
  troupe::test::fuzzed_connection c;
  for (std::size_t at = 0; at < bytes.size(); at += piece) c.send(bytes.substr(at, piece));
  if (!c.hang_up()) std::abort();
  if (!c.said().empty() && !c.said().starts_with("HTTP/1.")) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  talk(bytes, std::max<std::size_t>(size, 1));
  if (size <= 256) talk(bytes, 1);
  return 0;
}
