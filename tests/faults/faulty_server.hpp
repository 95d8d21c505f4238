#pragma once
// `troupe serve` on a data folder that something is wrong with.

#include "integration/served_graph.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/resource.h>

#include <chrono>
#include <sstream>
#include <thread>

namespace troupe::test {

inline constexpr std::string_view echo_graph = R"([graph]
name   = "faults"
start  = "reply"
output = "reply"

[input]
text = "text"

[stage.reply]
use  = "template"
with = { template = "<{text}>" }
out  = { text = "reply" }
)";

/// A status and the body, as JSON if it is.
struct http_answer {
  int status = 0;
  json::value body;
};

inline http_answer ask_json(std::uint16_t port, http::verb method, const std::string& target,
                            const std::string& body = {}) {
  const http_reply response = ask(port, method, target, body);
  boost::system::error_code ignored;
  return {static_cast<int>(response.result_int()), json::parse(response.body(), ignored)};
}

class faulty_server {
 public:
  explicit faulty_server(std::string_view graph = echo_graph) { write_file(graph_file(), graph); }

  std::filesystem::path graph_file() const { return folder_.path() / "graph.toml"; }
  std::filesystem::path data() const { return data_.empty() ? folder_.path() / "data" : data_; }
  void put_data_into(std::filesystem::path folder) { data_ = std::move(folder); }
  const std::filesystem::path& folder() const noexcept { return folder_.path(); }

  /// The command, behind what sets its limits.
  std::vector<std::string> command(const std::string& limits = {}) const {
    std::vector<std::string> words;
    if (!limits.empty()) words = {"/bin/sh", "-c", limits + "; exec \"$0\" \"$@\""};
    for (const std::string& word :
         {std::string(TROUPE_BINARY_DIR "/troupe"), std::string("serve"), graph_file().string(),
          std::string("--port"), std::string("0"), std::string("--data"), data().string()})
      words.push_back(word);
    return words;
  }

  /// False if it ends instead of listening.
  bool start(const std::string& limits = {}) {
    std::filesystem::remove(folder_.path() / "stderr");
    child_ = std::make_unique<child_process>(command(limits), folder_.path() / "stderr");
    const std::string_view before = "http://127.0.0.1:";
    for (std::string line; child_->read_line(line);)
      if (const auto at = line.find(before); at != std::string::npos) {
        port_ = static_cast<std::uint16_t>(std::stoi(line.substr(at + before.size())));
        return true;
      }
    code_ = child_->wait();
    return false;
  }
  void kill_now() { child_.reset(); }
  int stop() { return child_->end_by(SIGTERM); }
  /// From now on no file that it writes may grow beyond this.
  void limit_files(rlim_t bytes) {
    const rlimit wanted{bytes, RLIM_INFINITY};
    BOOST_REQUIRE(::prlimit(child_->id(), RLIMIT_FSIZE, &wanted, nullptr) == 0);
  }
  int code() const noexcept { return code_; }
  std::uint16_t port() const noexcept { return port_; }
  std::string said() const {
    std::stringstream text;
    text << std::ifstream(folder_.path() / "stderr").rdbuf();
    return text.str();
  }
  bool has_said(std::string_view words) const { return said().find(words) != std::string::npos; }

  http_answer say(const std::string& id, const std::string& text) {
    return ask_json(
        port_, http::verb::post, "/v1/conversations/c/runs",
        json::serialize(json::object{{"id", id}, {"input", json::object{{"text", text}}}}));
  }
  int ready() { return ask_json(port_, http::verb::get, "/ready").status; }
  int health() { return ask_json(port_, http::verb::get, "/health").status; }
  std::size_t turns() {
    return get_json(port_, "/v1/conversations/c").at("turns").as_array().size();
  }

  /// Asks until it is so; false after a generous time.
  template <class Condition>
  static bool comes_true(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return true;
  }

 private:
  temporary_folder folder_;
  std::filesystem::path data_;
  std::unique_ptr<child_process> child_;
  std::uint16_t port_ = 0;
  int code_ = -1;
};

inline std::string reply_of(const http_answer& a) {
  const auto* reply = a.body.is_object() ? a.body.as_object().if_contains("reply") : nullptr;
  return reply && reply->is_string() ? std::string(reply->as_string()) : std::string();
}
inline std::string run_of(const http_answer& a) {
  const auto* run = a.body.is_object() ? a.body.as_object().if_contains("run") : nullptr;
  return run && run->is_string() ? std::string(run->as_string()) : std::string();
}

}  // namespace troupe::test
