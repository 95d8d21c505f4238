#pragma once
// The model module as the rest of the program sees it: loaded when something of it is first asked
// for (LibTorch takes 0.7 s and 160 MB), so that commands that need no model never pay for it.

#include "model/api.hpp"

#include <memory>

namespace troupe {

/// A library that loads the module on first use. It is looked for in $TROUPE_LIB_DIR if that is
/// set; else beside the executable, in ../lib from there, and where the system keeps its libraries.
/// A module that is missing, or from another build, is an `unavailable` error of every call.
std::shared_ptr<model_library> open_model_library();

/// The module itself, for what `model_library` does not offer.
result<model_module*> load_model_module();

}  // namespace troupe
