#pragma once
// How commands get at what a data folder holds: by reading it, also while a server runs on it; or,
// to change something, through that server, or with a runtime of their own when there is none.

#include "cli/command.hpp"

#include <boost/json.hpp>

namespace troupe {

/// The two options of all such commands.
struct records_flags {
  std::string data = "data";
  std::string url;  ///< of a server; empty: the one that runs on `data`, if there is one
  bool json = false;
};
void add_records_options(CLI::App& app, records_flags& flags);

/// The folder's store, to be read. Complains and gives nothing if it cannot be opened.
std::unique_ptr<store> read_records(command_context& c, const std::string& data);

/// The graph that runs with this hash ran on, with its plugins. Errors: it is not in the store, or
/// does not load any more.
result<std::shared_ptr<const graph>> recorded_graph(command_context& c, const store& records,
                                                    std::string_view hash);

/// `troupe serve` leaves its address in its data folder; it is taken back when it ends.
void leave_address(const std::string& data, std::string_view url);
void take_address_back(const std::string& data);

/// The server that the flags mean: the one of `url`, or the one whose address lies in the data
/// folder and which answers. Empty: there is none.
std::string find_server(const records_flags& flags);

/// What `troupe reviews list` and its like tell: from the server that the flags name, under `key`
/// of what it answers to GET /v1/`key`; or, if they name none, what `read` finds in the data
/// folder.
std::optional<value> listed(command_context& c, const records_flags& flags, std::string_view key,
                            result<value> (*read)(const store& records, std::string_view after,
                                                  std::size_t limit));

/// An entry of a table as people read it; empty if it has none.
std::string text_of(const value& v, std::string_view key);

/// Asks it; an answer other than 2xx is complained about. Nothing if there is no good answer.
std::optional<boost::json::value> ask_server(command_context& c, const std::string& base,
                                             std::string_view method, std::string_view path,
                                             const boost::json::value& body = nullptr);

/// A runtime on the folder, with the graph of `run`; unfinished runs are taken up too. Complains
/// and gives nothing if that cannot be.
std::optional<running_graph> start_for_run(command_context& c, const std::string& data,
                                           const std::string& run);

/// One segment of a URL's path.
std::string url_segment(std::string_view text);

}  // namespace troupe
