#include <actorbus/actors/base64.hpp>

#include <algorithm>

#include <openssl/evp.h>

namespace actorbus {

std::string to_base64(std::string_view bytes) {
  std::string result((bytes.size() + 2) / 3 * 4 + 1, '\0');
  auto size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(result.data()),
                              unsigned_bytes(bytes), static_cast<int>(bytes.size()));
  result.resize(static_cast<std::size_t>(size));
  return result;
}

std::optional<std::string> from_base64(std::string_view text) {
  auto padding = text.size() - std::min(text.find('='), text.size());
  auto tail = text.substr(text.size() - padding);
  auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  if (text.size() % 4 != 0 || padding > 2 || tail != std::string_view{"=="}.substr(0, padding) ||
      !std::all_of(text.begin(), text.end() - static_cast<std::ptrdiff_t>(padding), is_digit))
    return std::nullopt;
  std::string result(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(result.data()), unsigned_bytes(text),
                      static_cast<int>(text.size())) < 0)
    return std::nullopt;
  result.resize(result.size() - padding);
  return result;
}

} // namespace actorbus
