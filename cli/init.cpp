// troupe init DIR: a folder to begin with: a graph, a stage of its own, dialogues that test it.

#include "cli/command.hpp"
#include "cli/new_folder.hpp"

#include <fstream>
#include <iostream>

namespace troupe {

namespace {

namespace fs = std::filesystem;

void init(command_context& c, const fs::path& folder) {
  std::error_code failed;
  if (fs::exists(folder, failed) &&
      (!fs::is_directory(folder, failed) || !fs::is_empty(folder, failed)))
    return complain(c, "`" + folder.string() + "` is there and is not an empty folder");
  const auto name = graph_name_for(fs::absolute(folder).lexically_normal());
  for (const new_file& file : files_of_new_folder(name, scripts_folder())) {
    const fs::path path = folder / file.path;
    fs::create_directories(path.parent_path(), failed);
    std::ofstream out(path, std::ios::binary);
    out << file.content;
    out.close();
    if (!out) return complain(c, "`" + path.string() + "` cannot be written");
    if (file.is_program)
      fs::permissions(path, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                      fs::perm_options::add, failed);
    std::cout << path.string() << '\n';
  }
  std::cout << "\nnext:\n  cd " << folder.string()
            << "\n  ./build              # makes the plugin from shout.cpp\n"
               "  troupe test .        # plays the dialogues\n"
               "  troupe chat pipeline.toml\n";
}

}  // namespace

void add_init(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("init", "make a folder with a graph, a stage and tests");
  auto folder = std::make_shared<std::string>();
  sub->add_option("folder", *folder, "to be made; an empty one will do")->required();
  sub->callback([&c, folder] { init(c, *folder); });
}

}  // namespace troupe
