#include "actors/stages/builtin.hpp"
#include "cli/command.hpp"
#include "troupe/main.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace troupe {

namespace {

using add_function = void (*)(CLI::App&, command_context&);
constexpr add_function commands[] = {add_check, add_draw,    add_init,     add_schema,   add_run,
                                     add_serve, add_chat,    add_stages,   add_train,    add_eval,
                                     add_test,  add_runs,    add_tokenize, add_complete, add_bench,
                                     add_why,   add_reviews, add_dlq,      add_sim,      add_plan};

}  // namespace

int main(int argc, char** argv, const std::function<void(registry&)>& add_stages_of_user) {
  // stdout is for results; everything said on the way goes to stderr.
  spdlog::set_default_logger(spdlog::stderr_color_mt("troupe"));
  spdlog::set_pattern("%H:%M:%S.%e %^%l%$ %v");
  spdlog::set_level(spdlog::level::warn);

  command_context context;
  add_builtin_stages(context.stages);
  if (add_stages_of_user) add_stages_of_user(context.stages);
  context.own_stages = context.stages;
  context.models = open_model_library();

  CLI::App app("Conversations and content generation as supervised actors, wired by a TOML graph.",
               "troupe");
  app.set_version_flag("--version", TROUPE_VERSION);
  app.require_subcommand(1);
  app.add_flag_callback(
      "-v,--verbose", [] { spdlog::set_level(spdlog::level::info); }, "say more on stderr");
  for (add_function add : commands) add(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(exit_code::usage);
  }
  return static_cast<int>(context.outcome);
}

}  // namespace troupe
