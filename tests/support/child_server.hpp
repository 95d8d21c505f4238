#pragma once
// The real `troupe serve` as a child process, to be killed and started again.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace troupe::test {

class child_server {
 public:
  child_server(std::string graph, std::string data)
      : graph_(std::move(graph)), data_(std::move(data)) {}
  ~child_server() { kill_now(); }

  /// Starts it and waits until it says where it listens. False if it ends before.
  bool start() {
    int out[2];
    if (pipe2(out, O_CLOEXEC) != 0) return false;
    pid_ = fork();
    if (pid_ == 0) {
      dup2(out[1], STDOUT_FILENO);
      execl(TROUPE_BINARY_DIR "/troupe", "troupe", "serve", graph_.c_str(), "--data", data_.c_str(),
            "--port", "0", nullptr);
      _exit(127);
    }
    close(out[1]);
    std::string said;
    char buffer[512];
    for (;;) {
      const auto n = read(out[0], buffer, sizeof buffer);
      if (n <= 0) break;
      said.append(buffer, static_cast<std::size_t>(n));
      const auto at = said.find("127.0.0.1:");
      if (at != std::string::npos && said.find('\n', at) != std::string::npos) {
        port_ = std::stoi(said.substr(at + 10));
        close(output_);
        output_ = out[0];
        return true;
      }
    }
    close(out[0]);
    return false;
  }

  void kill_now() { end_with(SIGKILL); }
  /// The exit code after SIGTERM; -1 if it did not exit by itself.
  int terminate() { return end_with(SIGTERM); }
  int port() const noexcept { return port_; }

 private:
  int end_with(int signal) {
    if (pid_ <= 0) return -1;
    kill(pid_, signal);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::string graph_, data_;
  pid_t pid_ = -1;
  int port_ = 0;
  int output_ = -1;
};

}  // namespace troupe::test
