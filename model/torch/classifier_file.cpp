#include "model/safetensors.hpp"
#include "model/torch/classifier.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <sstream>

namespace troupe {

namespace {

namespace json = boost::json;

constexpr std::string_view architecture = "troupe_text_classifier";
constexpr std::int64_t format_version = 1;

tensor_view view_of(const std::string& name, tensor_type type, const torch::Tensor& t) {
  return {name,
          type,
          t.sizes().vec(),
          {static_cast<const std::byte*>(t.data_ptr()), static_cast<std::size_t>(t.nbytes())}};
}

json::object describe(const classifier_file& content, const eval_report& validation) {
  const feature_options& f = content.features;
  return {{"architecture", architecture},
          {"version", format_version},
          {"labels", json::array(content.labels.begin(), content.labels.end())},
          {"temperature", content.temperature},
          {"features",
           {{"buckets", f.buckets},
            {"words", f.words},
            {"skips", f.skips},
            {"shortest", f.shortest},
            {"longest", f.longest},
            {"han", f.han}}},
          {"validation",
           {{"examples", validation.examples},
            {"accuracy", validation.accuracy},
            {"in_scope_accuracy", validation.in_scope_accuracy},
            {"macro_f1", validation.macro_f1},
            {"threshold", validation.threshold},
            {"out_of_scope_recall", validation.out_of_scope_recall},
            {"calibration_error", validation.calibration_error}}}};
}

/// Reads config.json; what is missing or of another type throws, and is caught below.
void parse_config(const json::value& config, classifier_file& out) {
  if (json::value_to<std::string>(config.at("architecture")) != architecture ||
      config.at("version").to_number<std::int64_t>() != format_version)
    throw std::invalid_argument("its architecture or version is another");
  out.labels = json::value_to<std::vector<std::string>>(config.at("labels"));
  if (out.labels.empty()) throw std::invalid_argument("it has no labels");
  out.temperature = config.at("temperature").to_number<double>();
  if (!(out.temperature > 0)) throw std::invalid_argument("`temperature` is not above 0");
  const json::value& f = config.at("features");
  auto number = [&](const char* key, int highest) {
    const int n = f.at(key).to_number<int>();
    if (n < 0 || n > highest) throw std::invalid_argument("a feature option is out of range");
    return n;
  };
  out.features = {.buckets = f.at("buckets").to_number<std::uint32_t>(),
                  .words = number("words", 8),
                  .skips = number("skips", 1),
                  .shortest = number("shortest", 16),
                  .longest = number("longest", 16),
                  .han = number("han", 8)};
  if (out.features.buckets == 0 || out.features.shortest == 0)
    throw std::invalid_argument("a feature option is out of range");
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

void parse_weights(const safetensors_file& file, classifier_file& out) {
  auto ids = take(file, "ids", tensor_type::i32, torch::kInt32, 1);
  auto idf = take(file, "idf", tensor_type::f16, torch::kFloat16, 1).to(torch::kFloat32);
  auto rows = take(file, "embedding", tensor_type::i8, torch::kInt8, 2);
  auto scale = take(file, "embedding_scale", tensor_type::f32, torch::kFloat32, 1);
  network& net = out.model.net;
  net.hidden_bias = take(file, "hidden_bias", tensor_type::f32, torch::kFloat32, 1);
  net.output = take(file, "output", tensor_type::f32, torch::kFloat32, 2);
  net.bias = take(file, "bias", tensor_type::f32, torch::kFloat32, 1);
  const auto n = ids.size(0), width = rows.size(1);
  const auto labels = static_cast<std::int64_t>(out.labels.size());
  require(idf.size(0) == n && rows.size(0) == n && scale.size(0) == n);
  require(net.hidden_bias.size(0) == width && net.output.size(1) == width);
  require(net.output.size(0) == labels && net.bias.size(0) == labels);
  net.embedding = rows.to(torch::kFloat32) * scale.unsqueeze(1);
  const auto* id = ids.data_ptr<std::int32_t>();
  out.model.known.ids.assign(id, id + n);
  require(std::is_sorted(out.model.known.ids.begin(), out.model.known.ids.end()));
  const auto* weight = idf.data_ptr<float>();
  out.model.known.idf.assign(weight, weight + n);
}

}  // namespace

result<std::int64_t> save_classifier(const std::filesystem::path& folder,
                                     const classifier_file& content,
                                     const eval_report& validation) {
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
  out << json::serialize(describe(content, validation)) << '\n';
  out.close();
  if (!out) return error{errc::failed, "cannot write `" + config.string() + "`"};
  return static_cast<std::int64_t>(std::filesystem::file_size(weights) +
                                   std::filesystem::file_size(config));
}

result<classifier_file> read_classifier(const std::filesystem::path& folder) {
  const auto config = folder / "config.json";
  std::ifstream in(config);
  if (!in)
    return error{errc::not_found,
                 "cannot read `" + config.string() +
                     "`: a classifier is a "
                     "folder made by `troupe train intent` or `troupe train sentiment`"};
  auto file = safetensors_file::open(folder / "model.safetensors");
  if (!file) return file.error();
  classifier_file out;
  try {
    std::stringstream text;
    text << in.rdbuf();
    parse_config(json::parse(text.str()), out);
    parse_weights(**file, out);
  } catch (const std::exception& e) {
    return error{errc::invalid_request,
                 "`" + folder.string() + "` is no classifier of this version: " + e.what()};
  }
  return out;
}

}  // namespace troupe
