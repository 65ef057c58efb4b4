#include <actorbus/actors/typed_message.hpp>

namespace actorbus {

bool may_be(std::string_view content_type, protocol::properties_view properties) {
  if (content_type.empty())
    return true;
  auto given = properties.text(protocol::property_id::content_type);
  return !given || given->substr(0, given->find(';')) == content_type;
}

} // namespace actorbus
