#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "topology/settings_reader.hpp"
#include "topology/text_template.hpp"

namespace actorbus::demos {

class value_functions;

/// How a participant writes payloads: the key `payload`, a text with expressions; or `fields`, a
/// table whose members are constants, texts with expressions and tables again, written as JSON or
/// as MessagePack (`format`). `payload_size` fills texts up to so many bytes.
class payload_template {
public:
  static constexpr std::int64_t size_bytes_max = 16 * 1024 * 1024;
  static constexpr std::size_t field_depth_max = 16; ///< of tables inside each other

  /// @param payload   what stands for a missing `payload`; empty: it or `fields` is required
  /// @param functions takes the tables among the fields that are value functions; nullptr: there
  ///                  are none. It has the one of the last name already, and the values of those
  ///                  that it takes stand behind that in the scope
  static payload_template read(settings_reader& from, std::string_view payload,
                               const expression_names& names, value_functions* functions = nullptr);

  /// @returns false if an expression has no value; some of it may have been appended then
  [[nodiscard]] bool append_to(std::string& out, const expression_scope& scope) const;

  /// "application/json", "application/msgpack", or nothing for texts.
  std::string_view content_type() const noexcept;
  bool is_json() const noexcept { return form_ == form::json; }

  /// Whether it needs the document of the name.
  bool reads_fields_of(std::size_t name) const noexcept;

private:
  enum class form : std::uint8_t { text, json, msgpack };
  struct field;

  static field read_field(settings_reader& from, const setting& value, std::string_view key,
                          const expression_names& names, value_functions* functions,
                          std::size_t depth);

  form form_{};
  text_template text_;
  std::size_t size_bytes_ = 0;          ///< at least
  std::shared_ptr<const field> fields_; ///< an object
};

} // namespace actorbus::demos
