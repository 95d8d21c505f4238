#pragma once
// An engine whose model reads and writes delexicalised text (delexicaliser.hpp).

#include "model/api.hpp"
#include "model/prompt_format.hpp"

#include <memory>

namespace troupe {

/// Asks `inner` with the last user message of a request, rewritten as `format` says; a system
/// message and earlier turns are nothing that such a model has learned to read. Texts are put back
/// as they stream; the request's stop strings are looked for in what was put back. Tokens that have
/// no place in the answer's language are never chosen, whatever the model makes of the prompt.
std::shared_ptr<engine> make_formatted_engine(std::shared_ptr<language_model> inner,
                                              prompt_format format);

}  // namespace troupe
