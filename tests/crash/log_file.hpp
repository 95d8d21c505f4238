#pragma once
// What a client was told, kept where the end of a process cannot reach it: one JSON object a line.

#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe::test {

class log_file {
 public:
  explicit log_file(const std::filesystem::path& file)
      : file_(file), out_(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (out_ < 0) throw std::runtime_error("cannot write " + file.string());
  }
  ~log_file() { ::close(out_); }
  log_file(const log_file&) = delete;
  log_file& operator=(const log_file&) = delete;

  void append(const boost::json::object& line) { append(boost::json::serialize(line)); }
  /// A line is one write: it is there as a whole or not at all.
  void append(std::string json) {
    json += '\n';
    if (::write(out_, json.data(), json.size()) != static_cast<ssize_t>(json.size()))
      throw std::runtime_error("a short write to " + file_.string());
  }

  std::vector<boost::json::object> lines() const {
    std::vector<boost::json::object> all;
    std::ifstream in(file_);
    for (std::string line; std::getline(in, line);)
      all.push_back(boost::json::parse(line).as_object());
    return all;
  }

 private:
  const std::filesystem::path file_;
  const int out_;
};

}  // namespace troupe::test
