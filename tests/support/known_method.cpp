#include "known_method.hpp"

#include <actorbus/actors/authenticator.hpp>
#include <actorbus/actors/batch_actor.hpp>

#include <caf/send.hpp>

#include <map>

namespace actorbus::conformance {

namespace {

using protocol::reason_code;

class words : public batch_actor {
public:
  explicit words(caf::actor_config& config) : batch_actor{config, nullptr} {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<authenticate, continue_authentication, authentication_abandoned>(
        element, [this](auto& message) { on(message); });
  }
  void on_exit() override { asked_.clear(); }

private:
  void on(authenticate& message) {
    if (message.method.empty() || message.data == "open")
      answer(message.reply_to, {message.attempt, reason_code::success});
    else if (message.method != "WORDS")
      answer(message.reply_to, {message.attempt, reason_code::bad_authentication_method});
    else if (message.data != "ask")
      answer(message.reply_to, {message.attempt, reason_code::not_authorized});
    else {
      asked_[message.attempt] = message.reply_to;
      answer(message.reply_to, {message.attempt, reason_code::continue_authentication, "who?"});
    }
  }
  void on(continue_authentication& message) {
    const auto client = std::move(asked_[message.attempt]);
    asked_.erase(message.attempt);
    if (client && message.data == "friend")
      answer(client, {message.attempt, reason_code::success, "welcome"});
    else if (client)
      answer(client, {message.attempt, reason_code::not_authorized});
  }
  void on(authentication_abandoned& message) { asked_.erase(message.attempt); }

  void answer(const caf::actor& to, verdict what) { post(to, std::move(what), context()); }

  std::map<std::uint64_t, caf::actor> asked_;
};

} // namespace

known_method::known_method(caf::actor_system& system) : actor_{system.spawn<words, caf::hidden>()} {}

known_method::~known_method() {
  caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
}

} // namespace actorbus::conformance
