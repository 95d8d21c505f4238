// Fuzz target: any bytes as the beginning of a safetensors file. Every tensor that is accepted lies
// inside of the file and is as long as its shape says.

#include "model/safetensors.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  const auto bytes = std::as_bytes(std::span(data, size));
  for (const std::uint64_t length : {size, size + 32}) {
    const auto header = parse_safetensors_header(bytes, length, "model.safetensors");
    if (!header) continue;
    if (header->data > length) std::abort();
    for (const tensor_entry& t : header->tensors) {
      std::uint64_t wanted = bytes_of(t.type);
      for (const std::int64_t n : t.shape) wanted *= static_cast<std::uint64_t>(n);
      if (t.begin > t.end || t.end > length - header->data || t.end - t.begin != wanted)
        std::abort();
    }
  }
  return 0;
}
