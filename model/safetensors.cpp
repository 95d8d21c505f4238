#include "model/safetensors.hpp"

#include <boost/json.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <system_error>

namespace troupe {

namespace {

namespace json = boost::json;

struct row {
  std::string_view name;
  std::size_t bytes;
};

constexpr std::array rows = {row{"F64", 8}, row{"F32", 4},  row{"F16", 2},    row{"BF16", 2},
                             row{"I64", 8}, row{"I32", 4},  row{"I16", 2},    row{"I8", 1},
                             row{"U8", 1},  row{"BOOL", 1}, row{"F8_E4M3", 1}};

std::optional<tensor_type> type_from_name(std::string_view name) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].name == name) return static_cast<tensor_type>(i);
  return std::nullopt;
}

error broken(std::string_view file, const std::string& what) {
  return {errc::invalid_request,
          "`" + std::string(file) + "` is no valid safetensors file: " + what};
}

std::optional<std::uint64_t> unsigned_of(const json::value& v) {
  if (v.is_int64() && v.get_int64() >= 0) return static_cast<std::uint64_t>(v.get_int64());
  if (v.is_uint64()) return v.get_uint64();
  return std::nullopt;
}

result<tensor_entry> read_entry(std::string_view file, std::string_view name,
                                const json::value& described, std::uint64_t data_size) {
  const std::string quoted = "tensor `" + std::string(name) + "` ";
  const auto* o = described.if_object();
  if (!o) return broken(file, quoted + "is not described by an object");
  const auto* dtype = o->if_contains("dtype");
  const auto* shape = o->if_contains("shape");
  const auto* offsets = o->if_contains("data_offsets");
  if (!dtype || !dtype->is_string() || !shape || !shape->is_array() || !offsets ||
      !offsets->is_array() || offsets->get_array().size() != 2)
    return broken(file, quoted + "needs dtype, shape and two data_offsets");
  const auto type = type_from_name(dtype->get_string());
  if (!type)
    return broken(file, quoted + "has the unsupported type `" +
                            std::string(std::string_view(dtype->get_string())) + "`");
  tensor_entry entry{.name = std::string(name), .type = *type, .shape = {}};
  std::uint64_t count = 1;
  for (auto& d : shape->get_array()) {
    const auto n = unsigned_of(d);
    constexpr auto limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / 8;
    if (!n || *n > limit || (*n > 0 && count > limit / *n))
      return broken(file, quoted + "has an impossible shape");
    count *= *n;
    entry.shape.push_back(static_cast<std::int64_t>(*n));
  }
  const auto begin = unsigned_of(offsets->get_array()[0]);
  const auto end = unsigned_of(offsets->get_array()[1]);
  if (!begin || !end || *begin > *end || *end > data_size)
    return broken(file, quoted + "lies outside of the file; is the file cut short?");
  if (*end - *begin != count * bytes_of(*type))
    return broken(file, quoted + "has more or fewer bytes than its shape says");
  entry.begin = *begin;
  entry.end = *end;
  return entry;
}

}  // namespace

std::string_view name_of(tensor_type type) noexcept {
  return rows[static_cast<std::size_t>(type)].name;
}

std::size_t bytes_of(tensor_type type) noexcept {
  return rows[static_cast<std::size_t>(type)].bytes;
}

result<safetensors_header> parse_safetensors_header(std::span<const std::byte> prefix,
                                                    std::uint64_t size, std::string_view name) {
  if (prefix.size() < 8 || size < 8) return broken(name, "it is shorter than 8 bytes");
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < 8; ++i)
    length |= std::to_integer<std::uint64_t>(prefix[i]) << (8 * i);
  if (length > size - 8 || length > prefix.size() - 8)
    return broken(name, "its header is longer than the file");
  if (length > 100'000'000) return broken(name, "its header is longer than 100 MB");
  boost::system::error_code failed;
  const auto text = std::string_view(reinterpret_cast<const char*>(prefix.data()) + 8, length);
  const json::value parsed = json::parse(text, failed);
  if (failed) return broken(name, "its header is no JSON (" + failed.message() + ")");
  const auto* object = parsed.if_object();
  if (!object) return broken(name, "its header is no JSON object");

  safetensors_header header;
  header.data = 8 + length;
  for (auto& [key, described] : *object) {
    if (key == "__metadata__") {
      if (!described.is_object()) return broken(name, "`__metadata__` is no object");
      for (auto& [k, v] : described.get_object()) {
        if (!v.is_string()) return broken(name, "`__metadata__` holds something else than text");
        header.metadata.emplace_back(std::string(k), std::string(v.get_string()));
      }
      continue;
    }
    auto entry = read_entry(name, key, described, size - header.data);
    if (!entry) return entry.error();
    header.tensors.push_back(*std::move(entry));
  }
  std::sort(header.tensors.begin(), header.tensors.end(), [](auto& a, auto& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  std::uint64_t expected = 0;
  for (auto& t : header.tensors) {
    if (t.begin != expected)
      return broken(name, "before tensor `" + t.name + "` is a gap or overlap");
    expected = t.end;
  }
  if (expected != size - header.data) return broken(name, "it goes on after its last tensor");
  return header;
}

result<std::shared_ptr<const safetensors_file>> safetensors_file::open(
    const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return error{errc::not_found, "cannot open `" + path.string() + "`: " + std::strerror(errno)};
  struct stat info {};
  const bool known = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size >= 8;
  const auto size = known ? static_cast<std::size_t>(info.st_size) : 0;
  void* mapped = known ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
  ::close(fd);
  if (!known) return broken(path.string(), "it is no regular file of at least 8 bytes");
  if (mapped == MAP_FAILED)
    return error{errc::failed, "cannot map `" + path.string() + "`: " + std::strerror(errno)};
  std::shared_ptr<safetensors_file> file(new safetensors_file);
  file->path_ = path;
  file->bytes_ = {static_cast<const std::byte*>(mapped), size};
  auto header = parse_safetensors_header(file->bytes_, size, path.string());
  if (!header) return header.error();
  file->header_ = *std::move(header);
  return std::shared_ptr<const safetensors_file>(std::move(file));
}

safetensors_file::~safetensors_file() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

const tensor_entry* safetensors_file::find(std::string_view name) const noexcept {
  for (auto& t : header_.tensors)
    if (t.name == name) return &t;
  return nullptr;
}

result<void> write_safetensors(const std::filesystem::path& path,
                               const std::vector<tensor_view>& tensors,
                               const std::vector<std::pair<std::string, std::string>>& metadata) {
  json::object header;
  if (!metadata.empty()) {
    json::object o;
    for (auto& [k, v] : metadata) o[k] = v;
    header["__metadata__"] = std::move(o);
  }
  std::uint64_t at = 0;
  for (auto& t : tensors) {
    header[t.name] = json::object{{"dtype", name_of(t.type)},
                                  {"shape", json::array(t.shape.begin(), t.shape.end())},
                                  {"data_offsets", json::array{at, at + t.data.size()}}};
    at += t.data.size();
  }
  std::string text = json::serialize(header);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  auto temporary = path;
  temporary += ".tmp";
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  const auto length = static_cast<std::uint64_t>(text.size());
  for (int i = 0; i < 8; ++i) out.put(static_cast<char>((length >> (8 * i)) & 0xff));
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  for (auto& t : tensors)
    out.write(reinterpret_cast<const char*>(t.data.data()),
              static_cast<std::streamsize>(t.data.size()));
  out.close();
  std::error_code failed;
  if (out) std::filesystem::rename(temporary, path, failed);
  if (!out || failed)
    return error{errc::failed,
                 "cannot write `" + path.string() + "`: check that its folder exists and has room"};
  return {};
}

}  // namespace troupe
