// Fuzz target: any bytes behind the handshake of a WebSocket, as frames and as the JSON in them,
// at once and byte by byte. The connection ends when the client hangs up, and then nobody is
// attached to the conversation.

#include "fuzz/connection.hpp"

namespace {

constexpr std::string_view handshake =
    "GET /v1/chat?conversation=c HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

void talk(std::string_view bytes, std::size_t piece) {
  troupe::test::fuzzed_connection c;
  c.send(handshake);
  if (!c.said().starts_with("HTTP/1.1 101 ")) std::abort();
  for (std::size_t at = 0; at < bytes.size(); at += piece) c.send(bytes.substr(at, piece));
  if (!c.hang_up() || c.gate().attached("c") != 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  talk(bytes, std::max<std::size_t>(size, 1));
  if (size <= 256) talk(bytes, 1);
  return 0;
}
