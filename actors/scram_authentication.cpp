#include <actorbus/actors/scram_authentication.hpp>

#include <utility>

#include <actorbus/actors/scram.hpp>

namespace actorbus {

namespace {

class scram_exchange : public authentication_exchange {
public:
  scram_exchange(std::string_view user, std::string password)
      : client_(user, std::move(password), new_scram_nonce()) {}

  std::string_view method() const override { return scram_method; }

  std::string first() override { return client_.first(); }

  protocol::expected<std::string, std::string> answer(std::string_view question) override {
    if (std::exchange(has_answered_, true))
      return protocol::unexpected<std::string>{"SCRAM-SHA-256: the server asks a second time"};
    auto proof = client_.answer(question);
    if (!proof)
      return protocol::unexpected<std::string>{
          "SCRAM-SHA-256: the server's challenge is malformed, or asks for too few or too many "
          "iterations"};
    return std::move(*proof);
  }

  std::optional<std::string> distrust(std::string_view data) override {
    if (!has_answered_)
      return "SCRAM-SHA-256: the server let the client in without asking for proof";
    if (!client_.verify(data))
      return "SCRAM-SHA-256: the server doesn't know the password: its signature is wrong";
    return std::nullopt;
  }

private:
  scram_client client_;
  bool has_answered_ = false;
};

} // namespace

authentication_method scram_authentication(std::string user, std::string password) {
  return [user = std::move(user), password = std::move(password)] {
    return std::make_unique<scram_exchange>(user, password);
  };
}

} // namespace actorbus
