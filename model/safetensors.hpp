#pragma once
// The safetensors format (github.com/huggingface/safetensors): 8 bytes with the header's length
// (little endian), a JSON header, the tensors' bytes. Nothing of a file is trusted: every offset,
// shape and type is checked before a byte of data is touched.

#include "pipeline/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

enum class tensor_type : std::uint8_t {
  f64,
  f32,
  f16,
  bf16,
  i64,
  i32,
  i16,
  i8,
  u8,
  boolean,
  f8_e4m3
};

/// As the format writes it: F32, BF16, ...
std::string_view name_of(tensor_type type) noexcept;
std::size_t bytes_of(tensor_type type) noexcept;

struct tensor_entry {
  std::string name;
  tensor_type type = tensor_type::f32;
  std::vector<std::int64_t> shape;   ///< none negative; the product fits int64
  std::uint64_t begin = 0, end = 0;  ///< in the data part; end - begin = product of shape * size
};

struct safetensors_header {
  std::vector<tensor_entry> tensors;  ///< in order of their data, which they cover without gaps
  std::vector<std::pair<std::string, std::string>> metadata;
  std::uint64_t data = 0;  ///< where the data part starts in the file
};

/// `prefix` is the file's start, at least as long as the header; `size` the whole file's length;
/// `name` stands for the file in errors.
result<safetensors_header> parse_safetensors_header(std::span<const std::byte> prefix,
                                                    std::uint64_t size, std::string_view name);

/// A file mapped into memory, read-only. The mapping lives as long as the object.
class safetensors_file {
 public:
  static result<std::shared_ptr<const safetensors_file>> open(const std::filesystem::path& path);
  ~safetensors_file();
  safetensors_file(const safetensors_file&) = delete;
  safetensors_file& operator=(const safetensors_file&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  const safetensors_header& header() const noexcept { return header_; }
  const tensor_entry* find(std::string_view name) const noexcept;
  std::span<const std::byte> data(const tensor_entry& entry) const noexcept {
    return bytes_.subspan(header_.data + entry.begin, entry.end - entry.begin);
  }

 private:
  safetensors_file() = default;
  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
  safetensors_header header_;
};

struct tensor_view {
  std::string name;
  tensor_type type = tensor_type::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> data;
};

/// Writes through a temporary file beside `path`, so that a reader sees the old file or the new.
result<void> write_safetensors(const std::filesystem::path& path,
                               const std::vector<tensor_view>& tensors,
                               const std::vector<std::pair<std::string, std::string>>& metadata);

}  // namespace troupe
