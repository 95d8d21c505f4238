#include "pipeline/stage.hpp"

#include <iostream>
#include <mutex>

namespace troupe {

namespace {

struct log_target {
  std::mutex mutex;
  std::function<void(std::string_view)> hook;
};

log_target& target() {
  static log_target t;
  return t;
}

}  // namespace

void set_log_hook(std::function<void(std::string_view)> hook) {
  std::lock_guard lock(target().mutex);
  target().hook = std::move(hook);
}

result<std::shared_ptr<engine>> stage_services::find_engine(std::string_view name) const {
  if (engines.empty())
    return error{errc::not_found,
                 "no engine: the graph has no [model.NAME] table; add one, e.g. [model.writer]"};
  if (name.empty()) {
    if (engines.size() == 1) return engines.begin()->second;
    return error{errc::invalid_request,
                 "`model` must be given: the graph has several [model.NAME] tables"};
  }
  if (auto found = engines.find(name); found != engines.end()) return found->second;
  std::string known;
  for (const auto& [key, e] : engines) known += (known.empty() ? "`" : ", `") + key + "`";
  return error{errc::not_found,
               "model `" + std::string(name) + "` is not in the graph; it has " + known};
}

std::filesystem::path stage_services::resolve(std::string_view path) const {
  return base / std::filesystem::path(path);  // `/` keeps an absolute right side as it is
}

const std::vector<turn>& run_context::history() const noexcept {
  static const std::vector<turn> none;
  return info_.history ? *info_.history : none;
}

std::string run_context::idempotency_key() const {
  return info_.run.str() + "/" + info_.stage.str() + "/" + std::to_string(info_.task) + "/" +
         std::to_string(info_.attempt);
}

void run_context::log(std::string_view text) const {
  std::string line = "run " + info_.run.str() + ", stage " + info_.stage.str() + ": ";
  line += text;
  std::lock_guard lock(target().mutex);
  if (target().hook)
    target().hook(line);
  else
    std::clog << line << '\n';
}

}  // namespace troupe
