#include "model/torch/network_file.hpp"

#include "model/safetensors.hpp"

#include <fstream>
#include <sstream>

namespace troupe {

namespace {

namespace json = boost::json;

constexpr std::int64_t network_version = 1;

tensor_view view_of(const std::string& name, tensor_type type, const torch::Tensor& t) {
  return {name,
          type,
          t.sizes().vec(),
          {static_cast<const std::byte*>(t.data_ptr()), static_cast<std::size_t>(t.nbytes())}};
}

json::object features_to_json(const feature_options& f) {
  return {{"buckets", f.buckets},   {"words", f.words},     {"skips", f.skips},
          {"shortest", f.shortest}, {"longest", f.longest}, {"han", f.han}};
}

/// What is missing or of another type throws, and is caught below.
feature_options parse_features(const json::value& f) {
  auto number = [&](const char* key, int highest) {
    const int n = f.at(key).to_number<int>();
    if (n < 0 || n > highest) throw std::invalid_argument("a feature option is out of range");
    return n;
  };
  feature_options out{.buckets = f.at("buckets").to_number<std::uint32_t>(),
                      .words = number("words", 8),
                      .skips = number("skips", 1),
                      .shortest = number("shortest", 16),
                      .longest = number("longest", 16),
                      .han = number("han", 8)};
  if (out.buckets == 0 || out.shortest == 0)
    throw std::invalid_argument("a feature option is out of range");
  return out;
}

/// One tensor of the file, checked; throws if it is missing or has another form.
torch::Tensor take(const safetensors_file& file, const char* name, tensor_type type,
                   at::ScalarType scalar, std::int64_t dims) {
  const tensor_entry* entry = file.find(name);
  if (!entry || entry->type != type || static_cast<std::int64_t>(entry->shape.size()) != dims)
    throw std::invalid_argument("tensor `" + std::string(name) + "` is missing or of another form");
  auto out = torch::empty(entry->shape, scalar);
  auto bytes = file.data(*entry);
  std::memcpy(out.data_ptr(), bytes.data(), bytes.size());
  return out;
}

void require(bool condition) {
  if (!condition) throw std::invalid_argument("the sizes of its tensors do not fit each other");
}

trained parse_weights(const safetensors_file& file) {
  trained out;
  auto ids = take(file, "ids", tensor_type::i32, torch::kInt32, 1);
  auto idf = take(file, "idf", tensor_type::f16, torch::kFloat16, 1).to(torch::kFloat32);
  auto rows = take(file, "embedding", tensor_type::i8, torch::kInt8, 2);
  auto scale = take(file, "embedding_scale", tensor_type::f32, torch::kFloat32, 1);
  network& net = out.net;
  net.hidden_bias = take(file, "hidden_bias", tensor_type::f32, torch::kFloat32, 1);
  net.output = take(file, "output", tensor_type::f32, torch::kFloat32, 2);
  net.bias = take(file, "bias", tensor_type::f32, torch::kFloat32, 1);
  const auto n = ids.size(0), width = rows.size(1);
  require(idf.size(0) == n && rows.size(0) == n && scale.size(0) == n);
  require(net.hidden_bias.size(0) == width && net.output.size(1) == width);
  require(net.bias.size(0) == net.output.size(0));
  net.embedding = rows.to(torch::kFloat32) * scale.unsqueeze(1);
  const auto* id = ids.data_ptr<std::int32_t>();
  out.known.ids.assign(id, id + n);
  require(std::is_sorted(out.known.ids.begin(), out.known.ids.end()));
  const auto* weight = idf.data_ptr<float>();
  out.known.idf.assign(weight, weight + n);
  return out;
}

}  // namespace

result<std::int64_t> save_network(const std::filesystem::path& folder, const network_kind& kind,
                                  const network_file& content, const json::object& more) {
  json::object described{{"architecture", kind.architecture},
                         {"version", network_version},
                         {"features", features_to_json(content.features)}};
  for (const auto& member : more) described.insert(member);
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed)
    return error{errc::failed,
                 "cannot make the folder `" + folder.string() + "`: " + failed.message()};
  const trained& m = content.model;
  auto scale = m.net.embedding.abs().amax(1).clamp_min(1e-8).div(127.0).contiguous();
  auto rows = m.net.embedding.div(scale.unsqueeze(1)).round().to(torch::kInt8).contiguous();
  auto ids = torch::empty({static_cast<std::int64_t>(m.known.ids.size())}, torch::kInt32);
  std::copy(m.known.ids.begin(), m.known.ids.end(), ids.data_ptr<std::int32_t>());
  auto idf = torch::tensor(m.known.idf).to(torch::kFloat16);
  auto hidden = m.net.hidden_bias.contiguous(), output = m.net.output.contiguous(),
       bias = m.net.bias.contiguous();
  const auto weights = folder / "model.safetensors", config = folder / "config.json";
  auto written = write_safetensors(
      weights,
      {view_of("ids", tensor_type::i32, ids), view_of("idf", tensor_type::f16, idf),
       view_of("embedding", tensor_type::i8, rows),
       view_of("embedding_scale", tensor_type::f32, scale),
       view_of("hidden_bias", tensor_type::f32, hidden),
       view_of("output", tensor_type::f32, output), view_of("bias", tensor_type::f32, bias)},
      {{"format", "pt"}});
  if (!written) return written.error();
  std::ofstream out(config, std::ios::trunc);
  out << json::serialize(described) << '\n';
  out.close();
  if (!out) return error{errc::failed, "cannot write `" + config.string() + "`"};
  return static_cast<std::int64_t>(std::filesystem::file_size(weights) +
                                   std::filesystem::file_size(config));
}

result<network_file> read_network(const std::filesystem::path& folder, const network_kind& kind,
                                  const std::function<void(const json::value& config)>& read_more) {
  const auto path = folder / "config.json";
  std::ifstream in(path);
  if (!in)
    return error{errc::not_found, "cannot read `" + path.string() + "`: " + std::string(kind.name) +
                                      " is a folder made by " + std::string(kind.made_by)};
  auto file = safetensors_file::open(folder / "model.safetensors");
  if (!file) return file.error();
  network_file out;
  try {
    std::stringstream text;
    text << in.rdbuf();
    const auto config = json::parse(text.str());
    if (json::value_to<std::string>(config.at("architecture")) != kind.architecture ||
        config.at("version").to_number<std::int64_t>() != network_version)
      throw std::invalid_argument("its architecture or version is another");
    out.features = parse_features(config.at("features"));
    out.model = parse_weights(**file);
    read_more(config);
  } catch (const std::exception& e) {
    return error{errc::invalid_request, "`" + folder.string() + "` is not " +
                                            std::string(kind.name) +
                                            " of this version: " + e.what()};
  }
  return out;
}

}  // namespace troupe
