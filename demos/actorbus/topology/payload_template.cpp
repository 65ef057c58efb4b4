#include "topology/payload_template.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "topology/message_settings.hpp"
#include "topology/value_functions.hpp"
#include "topology/word_setting.hpp"

namespace actorbus::demos {

using nlohmann::ordered_json;

struct payload_template::field {
  using object = std::vector<std::pair<std::string, field>>;
  using list = std::vector<field>;
  struct function {
    std::size_t index; ///< of its value in the scope
  };

  std::variant<ordered_json, text_template, function, list, object> content;

  std::optional<ordered_json> value(const expression_scope& scope) const;
  bool reads_fields_of(std::size_t name) const noexcept;
};

std::optional<ordered_json> payload_template::field::value(const expression_scope& scope) const {
  if (const auto* constant = std::get_if<ordered_json>(&content))
    return *constant;
  if (const auto* text = std::get_if<text_template>(&content))
    return text->value(scope);
  if (const auto* made = std::get_if<function>(&content))
    return to_json(scope.values[made->index], decimals_computed);
  if (const auto* items = std::get_if<list>(&content)) {
    auto result = ordered_json::array();
    for (const auto& item : *items) {
      auto value = item.value(scope);
      if (!value)
        return std::nullopt;
      result.push_back(std::move(*value));
    }
    return result;
  }
  auto result = ordered_json::object();
  for (const auto& [key, member] : std::get<object>(content)) {
    auto value = member.value(scope);
    if (!value)
      return std::nullopt;
    result.emplace(key, std::move(*value));
  }
  return result;
}

bool payload_template::field::reads_fields_of(std::size_t name) const noexcept {
  if (const auto* text = std::get_if<text_template>(&content))
    return text->reads_fields_of(name);
  if (const auto* items = std::get_if<list>(&content))
    return std::any_of(items->begin(), items->end(),
                       [name](const field& each) { return each.reads_fields_of(name); });
  if (const auto* members = std::get_if<object>(&content))
    return std::any_of(members->begin(), members->end(),
                       [name](const auto& each) { return each.second.reads_fields_of(name); });
  return false;
}

payload_template::field payload_template::read_field(settings_reader& from, const setting& value,
                                                     std::string_view key,
                                                     const expression_names& names,
                                                     value_functions* functions,
                                                     std::size_t depth) {
  if (depth > field_depth_max) {
    from.wrong(key, fmt::format("nested deeper than {}", field_depth_max));
    return {};
  }
  if (const auto* truth = std::get_if<bool>(&value.value))
    return {ordered_json(*truth)};
  if (const auto* whole = std::get_if<std::int64_t>(&value.value))
    return {ordered_json(*whole)};
  if (const auto* real = std::get_if<double>(&value.value))
    return {ordered_json(*real)};
  if (const auto* text = std::get_if<std::string>(&value.value))
    return {read_template(from, key, *text, names)};
  if (const auto* items = std::get_if<setting::list>(&value.value)) {
    field::list result;
    for (const auto& item : *items)
      result.push_back(read_field(from, item, key, names, functions, depth + 1));
    return {std::move(result)};
  }
  if (const auto* table = std::get_if<setting::table>(&value.value)) {
    settings_reader inside{*table, value.where, fmt::format("{}: {}", from.name(), key),
                           from.found()};
    if (functions && inside.has("function"))
      return {
          field::function{names.names.size() - 1 + functions->add(read_value_function(inside))}};
    field::object result;
    for (const auto& entry : *table)
      result.emplace_back(
          entry.key, read_field(inside, entry.content, entry.key, names, functions, depth + 1));
    return {std::move(result)};
  }
  from.wrong(key, "must be a text in quotes, a number, true or false, a list or a table");
  return {};
}

payload_template payload_template::read(settings_reader& from, std::string_view payload,
                                        const expression_names& names, value_functions* functions) {
  constexpr std::pair<std::string_view, form> formats[] = {{"json", form::json},
                                                           {"msgpack", form::msgpack}};
  payload_template result;
  result.size_bytes_ =
      static_cast<std::size_t>(from.integer("payload_size", 0, size_bytes_max).value_or(0));
  if (const auto* fields = from.table("fields")) {
    result.form_ = read_word<form>(from, "format", form::json, formats);
    result.fields_ = std::make_shared<const field>(
        read_field(from, {*fields, from.where("fields")}, "fields", names, functions, 0));
    for (auto key : {"payload", "payload_size"})
      if (from.has(key))
        from.wrong(key, "give either it or \"fields\"");
    return result;
  }
  if (from.has("format"))
    from.wrong("format", "needs \"fields\"");
  auto text = from.text("payload");
  if (!from.has("payload") && payload.empty() && !from.has("payload_size") && !from.has("fields"))
    from.wrong("\"payload\" is missing, or \"fields\"");
  result.text_ = read_template(from, "payload", text ? *text : payload, names);
  return result;
}

bool payload_template::append_to(std::string& out, const expression_scope& scope) const {
  if (form_ == form::text) {
    auto begin = out.size();
    if (!text_.append_to(out, scope))
      return false;
    if (out.size() - begin < size_bytes_)
      out.resize(begin + size_bytes_, '.');
    return true;
  }
  auto value = fields_->value(scope);
  if (!value)
    return false;
  if (form_ == form::json)
    out += value->dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  else
    ordered_json::to_msgpack(*value, out);
  return true;
}

std::string_view payload_template::content_type() const noexcept {
  switch (form_) {
  case form::json: return "application/json";
  case form::msgpack: return "application/msgpack";
  case form::text: break;
  }
  return {};
}

bool payload_template::reads_fields_of(std::size_t name) const noexcept {
  return fields_ ? fields_->reads_fields_of(name) : text_.reads_fields_of(name);
}

} // namespace actorbus::demos
