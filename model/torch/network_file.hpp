#pragma once
// A network of bags on disk, whatever it is for. A folder holds model.safetensors (ids, idf,
// embedding as int8 with one scale a row, the other layers) and config.json (architecture, version,
// feature options, and what its kind of model adds).

#include "model/torch/network.hpp"
#include "pipeline/result.hpp"

#include <boost/json.hpp>

#include <filesystem>
#include <functional>

namespace troupe {

struct trained {
  vocabulary known;
  network net;
};

struct network_file {
  trained model;
  feature_options features;
};

/// A kind of model that is kept like this.
struct network_kind {
  std::string_view architecture;  ///< as config.json writes it
  std::string_view name;          ///< as errors write it: "a classifier"
  std::string_view made_by;       ///< the command that makes one, in backticks
};

/// `more` is added to config.json. Makes the folder; returns the size of both files in bytes.
result<std::int64_t> save_network(const std::filesystem::path& folder, const network_kind& kind,
                                  const network_file& content, const boost::json::object& more);

/// `read_more` looks at config.json once it is known to be of this kind; what it throws becomes an
/// error that names the folder.
result<network_file> read_network(
    const std::filesystem::path& folder, const network_kind& kind,
    const std::function<void(const boost::json::value& config)>& read_more);

}  // namespace troupe
