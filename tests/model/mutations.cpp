// Files that were damaged at random: the readers refuse them or read something that holds together,
// and never touch a byte outside.

#include "model/augment.hpp"
#include "model/model_config.hpp"
#include "model/safetensors.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;

namespace {

std::string damaged(std::string file, random_source& random) {
  const std::size_t changes = 1 + random.below(4);
  for (std::size_t i = 0; i < changes && !file.empty(); ++i) {
    const std::size_t at = random.below(file.size());
    switch (random.below(4)) {
      case 0:
        file[at] = static_cast<char>(random.next());
        break;
      case 1:
        file.erase(at, 1 + random.below(8));
        break;
      case 2:
        file.insert(at, file.substr(random.below(file.size()), 1 + random.below(8)));
        break;
      default:
        file[at] = "0123456789-\"[]{},"[random.below(17)];
        break;
    }
  }
  return file;
}

std::string valid_safetensors() {
  const std::string header = R"({"__metadata__":{"format":"pt"},)"
                             R"("a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                             R"("b":{"dtype":"I8","shape":[8],"data_offsets":[24,32]}})";
  std::string out;
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(header.size() >> (8 * i)));
  return out + header + std::string(32, 'x');
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mutations)

BOOST_AUTO_TEST_CASE(an_accepted_safetensors_header_lies_inside_of_its_file) {
  random_source random(1);
  int accepted = 0, refused = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string file = damaged(valid_safetensors(), random);
    const auto h = parse_safetensors_header(std::as_bytes(std::span(file)), file.size(), "x");
    if (!h) {
      ++refused;
      continue;
    }
    ++accepted;
    for (const tensor_entry& t : h->tensors) {
      std::uint64_t count = bytes_of(t.type);
      for (auto n : t.shape) count *= static_cast<std::uint64_t>(n);
      if (h->data + t.end > file.size() || t.begin > t.end || t.end - t.begin != count)
        BOOST_ERROR("tensor `" + t.name + "` lies outside of the file: " + file);
    }
  }
  BOOST_TEST(accepted > 100);
  BOOST_TEST(refused > 10000);
}

BOOST_AUTO_TEST_CASE(an_accepted_config_has_sizes_that_fit_each_other) {
  const std::string valid =
      R"({"model_type":"llama","hidden_size":64,"intermediate_size":172,"num_hidden_layers":5,)"
      R"("num_attention_heads":8,"num_key_value_heads":4,"head_dim":8,"vocab_size":512})";
  random_source random(2);
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto c = parse_model_config(damaged(valid, random), "config.json");
    if (!c) continue;
    ++accepted;
    if (c->heads % c->kv_heads != 0 || c->head_size % 2 != 0 || c->layers < 1 || c->hidden < 1)
      BOOST_ERROR("sizes that do not fit were accepted");
  }
  BOOST_TEST(accepted > 100);
}

BOOST_AUTO_TEST_CASE(damaged_tokenizers_are_read_or_refused) {
  random_source random(3);
  std::string scored(4, '\0');
  for (int i = 0; i < 259; ++i) scored += std::string("\0\0\0\0\1\0\0\0", 8) + char('a' + i % 26);
  const std::string json =
      R"({"pre_tokenizer":{"type":"Split","behavior":"Isolated","pattern":{"Regex":"\\p{L}+"}},)"
      R"("model":{"type":"BPE","vocab":{"a":0},"merges":["a a"]}})";
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string file = damaged(scored, random);
    const auto t = parse_scored_tokenizer(std::as_bytes(std::span(file)), 259, "tok");
    if (t) (void)(*t)->encode("any text 文字", control_tokens::recognise);
    refused += t ? 0 : 1;
    // Such a small vocabulary lacks bytes, so none of these may be accepted.
    BOOST_TEST(!parse_bpe_tokenizer(damaged(json, random), "t").has_value());
  }
  BOOST_TEST(refused > 500);
}

BOOST_AUTO_TEST_SUITE_END()
