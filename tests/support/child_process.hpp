#pragma once
// The real program as a child process.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe::test {

/// A running program whose stdout is read line by line; stderr goes to a file. It is killed, by its
/// own id, when it is let go.
class child_process {
 public:
  child_process(const std::vector<std::string>& command, const std::filesystem::path& errors) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, errors.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0600);
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const int failure =
        posix_spawn(&id_, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    out_ = fdopen(ends[0], "r");
    if (failure != 0) throw std::runtime_error("cannot start " + command.front());
  }
  ~child_process() {
    kill_now();
    std::fclose(out_);
  }
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  /// The next line of stdout without its end; blocks. False when there is no more.
  bool read_line(std::string& line) {
    line.clear();
    for (int c; (c = std::fgetc(out_)) != EOF;) {
      if (c == '\n') return true;
      line += static_cast<char>(c);
    }
    return !line.empty();
  }

  /// As a power cut would end it, as far as the process is concerned.
  void kill_now() { end_by(SIGKILL); }
  pid_t id() const noexcept { return id_; }
  void signal(int number) {
    if (id_ > 0) ::kill(id_, number);
  }
  /// Asks it to end and waits until it has. Its exit code; -1 if a signal ended it.
  int end_by(int signal) {
    if (id_ <= 0) return code_;
    ::kill(id_, signal);
    return wait();
  }
  int wait() {
    if (id_ <= 0) return code_;
    int status = 0;
    waitpid(id_, &status, 0);
    id_ = -1;
    return code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t id_ = -1;
  int code_ = -1;
  FILE* out_ = nullptr;
};

struct finished_command {
  int code = -1;
  std::string out, err;
};

/// Runs a program to its end.
inline finished_command run_command(const std::vector<std::string>& command,
                                    const std::filesystem::path& folder) {
  finished_command done;
  const auto errors = folder / "stderr";
  std::filesystem::remove(errors);
  {
    child_process child(command, errors);
    for (std::string line; child.read_line(line);) done.out += line + '\n';
    done.code = child.wait();
  }
  std::stringstream text;
  text << std::ifstream(errors).rdbuf();
  done.err = text.str();
  return done;
}

inline void write_file(const std::filesystem::path& file, std::string_view text) {
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace troupe::test
