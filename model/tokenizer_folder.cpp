#include "model/tokenizer.hpp"

#include <fstream>
#include <iterator>

namespace troupe {

result<std::shared_ptr<const tokenizer>> open_tokenizer(const std::filesystem::path& folder,
                                                        std::int64_t size) {
  auto read = [](const std::filesystem::path& file) -> std::optional<std::string> {
    std::ifstream in(file, std::ios::binary);
    if (!in) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const auto json = folder / "tokenizer.json";
  if (auto text = read(json)) return parse_bpe_tokenizer(*text, json.string());
  const auto parent = std::filesystem::absolute(folder).lexically_normal() / "..";
  for (const auto& place : {folder, parent.lexically_normal()}) {
    for (const std::string& name :
         {std::string("tokenizer.bin"), "tok" + std::to_string(size) + ".bin"}) {
      if (auto data = read(place / name))
        return parse_scored_tokenizer(std::as_bytes(std::span(*data)), size,
                                      (place / name).string());
    }
  }
  return error{errc::not_found, "`" + folder.string() +
                                    "` has no tokenizer.json, tokenizer.bin or "
                                    "tok" +
                                    std::to_string(size) + ".bin"};
}

}  // namespace troupe
