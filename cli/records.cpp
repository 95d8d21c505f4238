#include "cli/records.hpp"

#include "transport/http_client.hpp"
#include "transport/page_query.hpp"

#include <unistd.h>

#include <fstream>

namespace troupe {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr auto patience = std::chrono::seconds(30);

fs::path address_file(const std::string& data) { return fs::path(data) / "address"; }

result<http_response> send(const http_request& request, duration within) {
  auto client = make_http_client();
  if (!client) return std::move(client).error();
  return (*client)->send(request, {}, system_clock().now() + within);
}

}  // namespace

void add_records_options(CLI::App& app, records_flags& flags) {
  app.add_option("--data", flags.data, "folder of journal and state")->capture_default_str();
  app.add_option("--url", flags.url,
                 "a running server, e.g. http://127.0.0.1:8080; otherwise the one of the data "
                 "folder, if it runs");
  app.add_flag("--json", flags.json, "for programs");
}

std::unique_ptr<store> read_records(command_context& c, const std::string& data) {
  auto opened = open_rocksdb_reader(data);
  if (opened) return std::move(*opened);
  complain(c, opened.error().message);
  return nullptr;
}

result<std::shared_ptr<const graph>> recorded_graph(command_context& c, const store& records,
                                                    std::string_view hash) {
  auto bytes = records.get(family::graphs, hash);
  if (!bytes) return std::move(bytes).error();
  if (!*bytes)
    return error{errc::not_found, "the graph with the hash `" + std::string(hash) +
                                      "` is not in the data folder any more"};
  auto record = decode_graph(**bytes);
  if (!record) return std::move(record).error();
  loaded l = load_with_plugins(c, std::move(record->text), record->file,
                               {.scripted_models = {}, .kept = std::move(record->inner)});
  if (!l.graph)
    return error{errc::failed,
                 "the graph `" + record->file + "` does not load any more:\n" + render(l)};
  return l.graph;
}

void leave_address(const std::string& data, std::string_view url) {
  std::ofstream(address_file(data)) << url << '\n';
}

void take_address_back(const std::string& data) {
  std::error_code ignored;
  fs::remove(address_file(data), ignored);
}

std::string find_server(const records_flags& flags) {
  if (!flags.url.empty())
    return flags.url.ends_with('/') ? flags.url.substr(0, flags.url.size() - 1) : flags.url;
  std::string url;
  if (!std::getline(std::ifstream(address_file(flags.data)) >> std::ws, url)) return {};
  // One that was killed could not take its address back.
  auto answer = send({.method = "GET", .url = url + "/health"}, std::chrono::seconds(2));
  return answer && answer->status == 200 ? url : std::string();
}

std::optional<json::value> ask_server(command_context& c, const std::string& base,
                                      std::string_view method, std::string_view path,
                                      const json::value& body) {
  http_request request{.method = std::string(method), .url = base + std::string(path)};
  if (!body.is_null()) {
    request.headers = {{"Content-Type", "application/json"}};
    request.body = json::serialize(body);
  }
  auto answer = send(request, patience);
  if (!answer) {
    complain(c, answer.error().message);
    return std::nullopt;
  }
  boost::system::error_code bad;
  auto told = json::parse(answer->body, bad);
  if (answer->status / 100 == 2 && !bad) return told;
  const auto* failure = bad || !told.is_object() ? nullptr : told.as_object().if_contains("error");
  const auto* message =
      failure && failure->is_object() ? failure->as_object().if_contains("message") : nullptr;
  complain(c, message && message->is_string()
                  ? std::string_view(message->get_string().data(), message->get_string().size())
                  : "the server answered with the status " + std::to_string(answer->status));
  return std::nullopt;
}

std::optional<value> listed(command_context& c, const records_flags& flags, std::string_view key,
                            result<value> (*read)(const store&, std::string_view, std::size_t)) {
  const std::string name(key);
  if (!flags.url.empty()) {
    auto told = ask_server(c, find_server(flags), "GET",
                           "/v1/" + name + "?limit=" + std::to_string(page_query::most));
    if (!told) return std::nullopt;
    return from_json(told->at(name));
  }
  auto records = read_records(c, flags.data);
  if (!records) return std::nullopt;
  auto found = read(*records, "", page_query::most);
  if (found) return std::move(*found);
  complain(c, found.error().message);
  return std::nullopt;
}

std::string text_of(const value& v, std::string_view key) {
  const value* found = v.find(key);
  return found ? found->to_text() : std::string();
}

std::optional<running_graph> start_for_run(command_context& c, const std::string& data,
                                           const std::string& run) {
  std::shared_ptr<const graph> plan;
  {
    auto records = read_records(c, data);
    if (!records) return std::nullopt;
    auto record = read_run(*records, run);
    if (!record || !*record) {
      complain(c,
               record ? "there is no run `" + run + "` in `" + data + "`" : record.error().message);
      return std::nullopt;
    }
    auto loaded = recorded_graph(c, *records, (*record)->graph_hash);
    if (!loaded) {
      complain(c, loaded.error().message);
      return std::nullopt;
    }
    plan = std::move(*loaded);
  }
  return start_graph(c, std::move(plan), {.data = data});
}

std::string url_segment(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || c == '-' || c == '_' || c == '.') {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

}  // namespace troupe
