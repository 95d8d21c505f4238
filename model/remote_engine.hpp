#pragma once
// An engine that asks an OpenAI-compatible API. The protocol is in remote_chat.hpp, what refusals
// mean in remote_failure.hpp, the bytes are the HTTP client's.

#include "model/remote_options.hpp"
#include "model/resilient_engine.hpp"
#include "pipeline/entropy.hpp"
#include "pipeline/http_stream.hpp"

namespace troupe {

/// Whatever is refused for a while (429, 5xx, no connection, silence) is asked again as
/// `options.retry` says, but not when the server asks for a longer pause than its longest one, nor
/// past the deadline or `begin_by` of the call; and after the first piece of text only if the call
/// can `rewind`. `time` and `random` outlive it.
std::shared_ptr<resilient_engine> make_remote_engine(remote_options options,
                                                     std::shared_ptr<http_streamer> http,
                                                     const clock& time = system_clock(),
                                                     entropy& random = system_entropy());

}  // namespace troupe
